"""Backlog: what waits per object and direction, how fast it goes, and whether it grows (MK-13)."""
