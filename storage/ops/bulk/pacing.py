"""How many rows a transaction takes, so that nobody waits long for SQLite's one write lock."""

from __future__ import annotations

import time

HOLD_SECONDS = 0.015
"""How long a transaction should hold the lock; allowed are 25 ms (DESIGN §4), but disks have slow moments."""
REST_SHARE = 0.15
"""After a commit, this share of its time is left to other writers, who look again in steps of milliseconds."""
FEWEST_ROWS, MOST_ROWS = 100, 500


class Pace:
    """Learns from every commit how many rows fit into the next. `holds` are the times so far, in seconds."""

    def __init__(self) -> None:
        self.rows = 100
        self.holds: list[float] = []

    def took(self, rows: int, held: float) -> None:
        """A commit of so many rows held the lock so long; rests a little, that others may have a turn."""
        self.holds.append(held)
        fitting = rows * HOLD_SECONDS / max(held, 0.0005)
        self.rows = int(max(FEWEST_ROWS, min(MOST_ROWS, fitting, self.rows * 1.5)))
        time.sleep(held * REST_SHARE)
