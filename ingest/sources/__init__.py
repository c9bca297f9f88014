"""Sources: each a folder that is found, never registered."""
