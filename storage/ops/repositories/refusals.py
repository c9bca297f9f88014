"""What was refused and waits with its reason, of whatever kind: how many, and what came of trying it again."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from storage.ops.store import Work
from storage.ops.tables import RejectedEvent, RejectedSignal

Refused = RejectedEvent | RejectedSignal


def waiting_by_reason(work: Work, table: type[Refused], whose: ColumnElement[bool]) -> dict[str, int]:
    """How many wait, by reason."""
    rows = work.session.execute(
        select(table.reason, func.count())
        .where(whose, table.replayed_at.is_(None))
        .group_by(table.reason)
        .order_by(table.reason)
    )
    return dict(rows.tuples().all())


def tried_again(work: Work, row: Refused, *, got_through: bool, reason: str, message: str) -> None:
    """One that got through is done, another keeps the newest reason."""
    row.attempts += 1
    if got_through:
        row.replayed_at = work.now()
    else:
        row.reason, row.message = reason or row.reason, message or row.message
    work.session.flush()
