"""What a person decides about their own account: where they are signed in, their password, a second factor."""
