"""The audit log: read by those who may, and verified."""
