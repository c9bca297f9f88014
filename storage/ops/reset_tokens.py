"""Tokens of links that set a new password. There is no table of them: each holds a fingerprint of the password that it
replaces, so that it opens nothing once that one has changed."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import msgspec

from domain.errors import NotFound
from storage.ops.repositories.users import Users
from storage.ops.sealing import SealBroken
from storage.ops.store import Work
from storage.ops.tables import User

LASTS = timedelta(hours=1)
PLACE = ("login", "login", "password_reset")


class ResetEnded(NotFound):
    """This link has ended: it was used, the password changed meanwhile, or an hour has gone by."""

    code = "reset_ended"
    hint = "Ask for a new one."


def token_for(work: Work, user: User) -> str:
    """What the link ends in."""
    until = (work.now() + LASTS).timestamp()
    sealed = work.sealer.seal(msgspec.json.encode([user.user_id, until, _fingerprint(user)]), *PLACE)
    return base64.urlsafe_b64encode(sealed).decode()


def user_of(work: Work, token: str, *, held: bool = False) -> User:
    """Whose password the link sets, held where it is about to be set. Raises ResetEnded."""
    try:
        sealed = base64.urlsafe_b64decode(token.encode())
        user_id, until, fingerprint = msgspec.json.decode(work.sealer.open(sealed, *PLACE), type=tuple[str, float, str])
    except (SealBroken, binascii.Error, ValueError, IndexError) as error:
        raise ResetEnded from error
    user = Users(work).hold(user_id) if held else Users(work).find(user_id)
    if user is None or user.disabled_at is not None or datetime.fromtimestamp(until, UTC) < work.now():
        raise ResetEnded
    if not hmac.compare_digest(fingerprint, _fingerprint(user)):
        raise ResetEnded
    return user


def _fingerprint(user: User) -> str:
    return hashlib.sha256(f"{user.user_id}:{user.password_hash or ''}".encode()).hexdigest()
