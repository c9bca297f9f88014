"""An agency that does not exist, drawn from a seed."""
