"""The rules that leads are scored by: read, tried on the last 90 days, and saved as a version."""
