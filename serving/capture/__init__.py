"""The hot path: events in, committed, answered."""
