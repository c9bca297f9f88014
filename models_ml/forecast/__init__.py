"""What open deals and new ones may still bring."""
