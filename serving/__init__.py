"""The web service and the worker."""
