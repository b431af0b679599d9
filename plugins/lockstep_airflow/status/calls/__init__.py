"""API calls: what was used of what is allotted and allowed, when it will be used up, and systems that are suspended."""
