"""What an agency's clients learn from one another where they agreed to it: switches, and what a client starts from."""
