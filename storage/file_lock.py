"""A lock that is a file: the system takes it from a process with its life, however that ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable
from pathlib import Path

Release = Callable[[], object]


def take_file(path: Path) -> Release | None:
    """Takes the lock and answers how to let go of it; None where another process (or another taker of this one) has it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        return None
    return lambda: os.close(handle)
