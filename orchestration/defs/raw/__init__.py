"""Dagster definitions: raw."""
