"""Leaving a mailing: a page that changes nothing, and the one click that does."""
