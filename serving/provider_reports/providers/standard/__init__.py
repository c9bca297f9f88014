"""Reports of anybody who follows Standard Webhooks."""
