"""Forms on customers' pages: their public shape, what is sent through them, and the care that both need."""
