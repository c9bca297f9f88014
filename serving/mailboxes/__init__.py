"""Mailboxes and the domains they send from."""
