"""Dagster definitions: identity."""
