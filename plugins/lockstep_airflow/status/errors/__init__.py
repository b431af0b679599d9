"""Errors: what is wrong by root cause, with how many records, since when, and what to do (MK-04, MK-12)."""
