"""Batches: what each sync step did, one row per batch (MK-01 to MK-09), and the records of one batch."""
