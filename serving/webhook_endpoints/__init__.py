"""Webhooks that organizations subscribe to."""
