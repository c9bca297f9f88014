"""What people and rules change in the operational store."""
