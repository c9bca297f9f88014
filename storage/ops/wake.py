"""Waiting for work without asking for it: PostgreSQL notifies, and a SQLite file shows that somebody committed."""

from __future__ import annotations

import threading
import time
from typing import Any

from storage.ops.repositories.jobs import WAKE_CHANNEL
from storage.ops.store import Store

_GLANCE_SECONDS = 0.02
"""How often the SQLite file is looked at: one shared-memory read, about 3 µs."""


class Wake:
    """Tells a worker that jobs may be waiting. One per thread; close it."""

    def __init__(self, store: Store) -> None:
        self._dialect = store.dialect
        self._raw = store.engine.raw_connection()
        driver: Any = self._raw.driver_connection
        self._connection = driver
        if self._dialect == "postgresql":
            driver.autocommit = True
            driver.execute(f"listen {WAKE_CHANNEL}")
        self._version = self._data_version()

    def wait(self, seconds: float, stop: threading.Event) -> bool:
        """Returns True when something was committed (or notified), False after `seconds` or when `stop` is set."""
        until = time.monotonic() + seconds
        while not stop.is_set() and (left := until - time.monotonic()) > 0:
            if self._dialect == "postgresql":
                if any(True for _ in self._connection.notifies(timeout=min(left, 0.5), stop_after=1)):
                    return True
            elif stop.wait(min(left, _GLANCE_SECONDS)) or self._changed():
                return not stop.is_set()
        return False

    def close(self) -> None:
        """Ends the connection; it is not given back to the pool, for it listens."""
        self._raw.invalidate()

    def _changed(self) -> bool:
        before, self._version = self._version, self._data_version()
        return before != self._version

    def _data_version(self) -> int:
        if self._dialect == "postgresql":
            return 0
        return int(self._connection.execute("PRAGMA data_version").fetchone()[0])
