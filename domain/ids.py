"""Identifiers: UUIDv7 text (RFC 9562 §5.7), sortable by creation, never derived from personal data."""

from __future__ import annotations

import hashlib
import os
import threading
import time

_lock = threading.Lock()
_last_ms = 0
_counter = 0


def new_id() -> str:
    """A new UUIDv7 as 36 characters of text; ids made by one process sort in the order they were made.

    The 12 bits of `rand_a` are a counter within the millisecond (RFC 9562 §6.2, method 1).
    """
    global _last_ms, _counter  # noqa: PLW0603  one counter a process is the point
    with _lock:
        now_ms = time.time_ns() // 1_000_000
        if now_ms > _last_ms:
            _last_ms, _counter = now_ms, int.from_bytes(os.urandom(1)) & 0x7F
        else:
            _counter += 1
            if _counter > 0xFFF:
                _last_ms, _counter = _last_ms + 1, 0
        ms, counter = _last_ms, _counter
    tail = f"{int.from_bytes(os.urandom(8)) & ((1 << 62) - 1) | (0b10 << 62):016x}"
    head = f"{ms:012x}"
    return f"{head[:8]}-{head[8:]}-7{counter:03x}-{tail[:4]}-{tail[4:]}"


def content_id(*parts: str) -> str:
    """A deterministic id of content (32 hex characters of SHA-256), for batches and files; never for people."""
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part.encode())
        digest.update(b"\x00")
    return digest.hexdigest()[:32]
