"""Saved views: questions about lists, kept under a name, shared or one's own."""
