"""Reads the outside world into raw tables of the lake; knows no orchestrator."""
