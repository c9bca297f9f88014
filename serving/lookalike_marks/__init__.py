"""Marks of suggested companies: good, not a fit, or never to be suggested."""
