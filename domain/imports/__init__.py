"""A file of people or deals, and what its rows mean: detection, reading, mapping, values and duplicates. No database."""
