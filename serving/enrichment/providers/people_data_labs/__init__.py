"""People Data Labs: people and companies from a licensed data set (docs.peopledatalabs.com)."""
