"""What a company says of itself on its own pages."""
