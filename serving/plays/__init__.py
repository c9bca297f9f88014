"""Plays: what a signal sets off, tried on the past before it is switched on."""
