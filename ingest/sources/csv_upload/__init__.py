"""Rows of uploaded files, as they stood."""
