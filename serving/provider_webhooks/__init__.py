"""Settings of where providers report to."""
