"""Ways to hand a message over; each is a folder with a `transport` module that is found."""
