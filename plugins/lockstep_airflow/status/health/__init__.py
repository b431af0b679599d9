"""Health: connections, the last cycle, how fresh each object is, what is paused, and what is not set up (HS-04, HS-12)."""
