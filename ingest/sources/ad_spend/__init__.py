"""What advertising cost."""
