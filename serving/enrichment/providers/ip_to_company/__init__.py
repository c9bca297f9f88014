"""Whose network an address on the internet belongs to."""
