"""What data providers answered."""
