"""The request that a unit of work belongs to, where its client may send it again (`Idempotency-Key`).

`Store.write` marks the reservation as done in the same transaction as the work itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from sqlalchemy import update
from sqlalchemy.orm import Session

from storage.ops.tables import IdempotencyKey

_reserved: ContextVar[str | None] = ContextVar("leadhouse_reserved_request", default=None)


@contextmanager
def carrying_out(idempotency_key_id: str) -> Iterator[None]:
    """Within it, whatever an organization's unit of work saves is saved for this request."""
    token = _reserved.set(idempotency_key_id)
    try:
        yield
    finally:
        _reserved.reset(token)


@contextmanager
def in_part(*, is_last: bool) -> Iterator[None]:
    """A request that is saved in several units of work is done with the last of them."""
    token = _reserved.set(_reserved.get() if is_last else None)
    try:
        yield
    finally:
        _reserved.reset(token)


def mark_done(session: Session) -> None:
    """Notes in the running transaction that the request was carried out."""
    reserved = _reserved.get()
    if reserved is not None:
        session.execute(
            update(IdempotencyKey).where(IdempotencyKey.idempotency_key_id == reserved).values(is_done=True)
        )
