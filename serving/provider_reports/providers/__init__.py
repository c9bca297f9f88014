"""Each provider that reports is a folder here."""
