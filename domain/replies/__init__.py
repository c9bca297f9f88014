"""What came back: from the bytes of a received message to what it is, what it answers, and what it says. Pure."""
