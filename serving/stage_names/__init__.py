"""What an organization calls the stages of its people."""
