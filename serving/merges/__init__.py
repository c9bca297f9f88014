"""Two records of one person become one contact, and two again: shown before, written down, and taken back."""
