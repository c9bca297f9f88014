"""Dagster definitions by stage, found by folder."""
