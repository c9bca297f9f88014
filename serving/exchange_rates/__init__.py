"""Rates of exchange, as they were imported."""
