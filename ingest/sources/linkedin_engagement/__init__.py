"""What happened on LinkedIn."""
