"""What a day in an organization looks like: what came in, who answered, what was done."""
