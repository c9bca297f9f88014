"""Custom fields of contacts: what an organization keeps of people beside what everybody does."""
