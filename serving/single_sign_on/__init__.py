"""Signing in through an organization's OpenID provider, and where its owners set that up."""
