"""What tracked messages ask for: their picture, and where their links lead."""
