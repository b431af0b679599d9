"""Plans that a person decides about as a whole: one that a guard refused, and how to undo what a run has written."""
