"""What an organization wants to reach with its leads."""
