"""Skipped and held: every record that is not in step, with its reason, and what a person can decide about it."""
