"""Two records of one person or company become one, and two again: shown before, written down, and taken back."""
