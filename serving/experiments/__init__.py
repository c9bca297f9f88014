"""Experiments on pages, calls to action and anything else: planned, dealt over the API, read and decided."""
