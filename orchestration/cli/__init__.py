"""The `leadhouse` command line: one module a verb."""
