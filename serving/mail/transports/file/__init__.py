"""Messages as files: what an installation without any account does, so that everything can be tried and nothing leaves."""
