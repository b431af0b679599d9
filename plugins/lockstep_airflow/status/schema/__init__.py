"""Schema: what the vendors changed and what it means, and values without a counterpart."""
