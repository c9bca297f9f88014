"""Sequences, who is in them, what would be sent, and why something is not."""
