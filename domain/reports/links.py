"""How long a link to a report may last, and how often it may be opened."""

from __future__ import annotations

from datetime import timedelta

LONGEST_DAYS = 366
WITHIN = timedelta(minutes=15)
OPENINGS = 60
"""Of one link from one network within that time: each of them is a row of the audit log."""
PASSCODES_OF_NETWORK = 10
PASSCODES = 100
"""Tries at the passcode of one link within that time, from wherever."""
