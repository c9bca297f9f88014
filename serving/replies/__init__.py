"""Messages that came in, read from their bytes."""
