"""Rules that say when somebody is told of a number."""
