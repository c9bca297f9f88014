"""/v1/forecast: what an organization may still win, as it was known at a day."""
