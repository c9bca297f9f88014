"""Passwords: argon2id at t=2, 19 MiB, p=1 (OWASP's minimum), some 50 ms here: never call it on an event loop."""

from __future__ import annotations

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

_HASHING = PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19 * 1024, parallelism=1),))


def hash_password(password: str) -> str:
    """The encoded argon2id hash."""
    return _HASHING.hash(password)


def verify_password(password: str, hashed: str) -> tuple[bool, str | None]:
    """Whether it fits, and a new hash where the stored one was made with older parameters."""
    return _HASHING.verify_and_update(password, hashed)
