"""Signs that somebody may be about to buy: told by programs and people, weighed, and compared with what is usual."""
