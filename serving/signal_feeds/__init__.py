"""Feeds of news: which are read, and how an entry becomes a signal."""
