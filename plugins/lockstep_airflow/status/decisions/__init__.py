"""What people decide on the pages: recorded here, obeyed by the next run (lockstep.decisions)."""
