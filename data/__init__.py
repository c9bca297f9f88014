"""Committed samples with their licences, the simulator, and run-time state (ignored by git)."""
