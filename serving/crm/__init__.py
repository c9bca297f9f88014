"""Contacts as people work with them: list, detail, timeline, the few edits by hand, and the head of the overview."""
