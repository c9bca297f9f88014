"""Signals that a program pushes to us."""
