"""Passwords as argon2id hashes at OWASP's least cost (t=2, 19 MiB, p=1): about 50 ms and 19 MiB each, so callers bound
how many are made at once and keep them off an event loop."""

from __future__ import annotations

import re
from functools import cache

from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from domain.errors import InvalidInput

LEAST_LENGTH = 10
MOST_LENGTH = 256
COMMON = re.compile(r"(.)\1*|(0?1234567890?)+|(password|passwort|leadhouse)\d*", re.IGNORECASE)
"""What nobody should have to be told."""


@cache
def _hasher() -> PasswordHash:
    return PasswordHash((Argon2Hasher(time_cost=2, memory_cost=19_456, parallelism=1),))


def hash_password(password: str) -> str:
    """The hash to keep; raises InvalidInput for a password that is too short, too long or common."""
    if not LEAST_LENGTH <= len(password) <= MOST_LENGTH:
        raise InvalidInput(f"a password has {LEAST_LENGTH} to {MOST_LENGTH} characters")
    if COMMON.fullmatch(password):
        raise InvalidInput("this password is too common")
    return _hasher().hash(password)


def verify_password(password: str, password_hash: str | None) -> bool:
    """Whether the password is the one. Without a hash (unknown person) it takes the same time and answers False."""
    if len(password) > MOST_LENGTH:
        password = password[:MOST_LENGTH] + "…"  # never right, and no more work than another
    matches = _hasher().verify(password, password_hash or _nobodys_hash())
    return matches and password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _hasher().hash("nobody has this password")
