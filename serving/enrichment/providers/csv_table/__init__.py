"""A table of one's own, uploaded as CSV and looked up by a key."""
