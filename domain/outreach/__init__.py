"""Outreach: what a sequence is, and what may happen to somebody in it now. Pure: time, chance and limits are arguments."""
