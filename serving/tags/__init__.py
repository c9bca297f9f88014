"""Tags: words of an organization's own that contacts and companies are marked with."""
