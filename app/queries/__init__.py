"""Questions to the lake, a module a page."""
