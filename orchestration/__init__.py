"""Dagster definitions and the `leadhouse` command line."""
