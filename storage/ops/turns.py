"""Whose turn it is at SQLite's one write lock.

Who finds it taken asks again after 1, 2, 5 … 100 ms, and loses nearly every time against a long row of transactions with
short rests between them. So the inbox, whose commit somebody waits for, raises a flag while it waits and writes, and long
work lets it go first. The flag is a shared flock on `<store>-turn`: it falls with its process, and is never trusted for
longer than `PATIENCE_SECONDS`.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PATIENCE_SECONDS = 0.25
"""How long work in the background stands back for a flag: events that never pause may slow it down, but not stop it."""
_LOOK_SECONDS = 0.0005


class Turns:
    """The flag of one store file, for one thread."""

    def __init__(self, store_path: str | Path) -> None:
        self._file = os.open(f"{store_path}-turn", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    @contextmanager
    def first(self) -> Iterator[None]:
        """Raises the flag: whoever gives way waits until we are done."""
        fcntl.flock(self._file, fcntl.LOCK_SH)
        try:
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def give_way(self) -> bool:
        """Waits until no flag is up, or patience is at its end; whether a flag was up."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        was_up = False
        while time.monotonic() < deadline:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                was_up = True
                time.sleep(_LOOK_SECONDS)
            else:
                fcntl.flock(self._file, fcntl.LOCK_UN)
                break
        return was_up

    def close(self) -> None:
        os.close(self._file)
