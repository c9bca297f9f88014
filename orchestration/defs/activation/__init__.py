"""Dagster definitions: activation."""
