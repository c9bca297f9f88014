"""Keys of programs and of websites."""
