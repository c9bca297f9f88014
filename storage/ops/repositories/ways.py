"""Ways through sequences as the engine takes them: read in one question and written in one statement for many people, plain
values in between."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any, NamedTuple, Self

from sqlalchemy import Select, select

from storage.ops.repositories.base import Repository
from storage.ops.repositories.enrolments import LIVE
from storage.ops.tables import Enrolment

MOVES = (
    "status", "reason", "detail", "step_id", "arrived_at", "due_at", "next_at", "arms", "mailbox_id", "task_id", "ended_at",
)  # fmt: skip
"""What moves somebody on."""


@dataclass(slots=True)
class Way:
    """Somebody on their way, as `storage.ops.tables.Enrolment` says it; whoever moves them on changes this first."""

    enrolment_id: str
    organization_id: str
    sequence_id: str
    version: int
    contact_id: str
    company_id: str | None
    step_id: str
    arrived_at: datetime
    due_at: datetime
    next_at: datetime | None
    created_at: datetime
    status: str = "active"
    reason: str = ""
    detail: Mapping[str, Any] = field(default_factory=dict)
    arms: Mapping[str, str] = field(default_factory=dict)
    attempt: int = 1
    mailbox_id: str | None = None
    task_id: str | None = None
    sent_count: int = 0
    priority: int = 0
    ended_at: datetime | None = None

    @classmethod
    def of(cls, row: Enrolment) -> Self:
        """A row, to be walked without changing it."""
        return cls(*(getattr(row, name) for name in NAMES))

    def place(self) -> tuple[Any, ...]:
        """What is written when they have moved."""
        return tuple([getattr(self, name) for name in MOVES])

    def end(self, status: str, reason: str, detail: Mapping[str, Any], at: datetime) -> None:
        """`finished`, or `stopped` for a reason."""
        self.status, self.reason, self.detail = status, reason, dict(detail)
        self.next_at, self.ended_at = None, at


NAMES = tuple(each.name for each in fields(Way))
_COLUMNS = [getattr(Enrolment, name) for name in NAMES]


class Begun(NamedTuple):
    """When a way began, and when it ended if it did."""

    enrolment_id: str
    created_at: datetime
    ended_at: datetime | None


class Elsewhere(NamedTuple):
    """A way through another sequence that is not over."""

    contact_id: str
    enrolment_id: str
    sequence_id: str
    version: int
    created_at: datetime


class Ways(Repository):
    def load(self, enrolment_ids: Sequence[str], organization_id: str | None = None) -> list[Way]:
        """Those that there are, in the order of their ids in the question."""
        return self._read(select(*_COLUMNS), enrolment_ids, organization_id)

    def hold_due(self, enrolment_ids: Sequence[str], now: datetime, organization_id: str) -> list[Way]:
        """Those of them that are due still, held until the unit of work ends, in the order of the question."""
        asked = (
            select(*_COLUMNS)
            .where(Enrolment.status == "active", Enrolment.next_at <= now)
            .order_by(Enrolment.enrolment_id)
            .with_for_update(skip_locked=True)
        )
        return self._read(asked, enrolment_ids, organization_id)

    def write(self, moved: Iterable[Way]) -> None:
        """Where those stand now who were moved (SystemScope), in one statement."""
        self.require_system()
        rows = [{"enrolment_id": one.enrolment_id, **dict(zip(MOVES, one.place(), strict=True))} for one in moved]
        self.update_rows(Enrolment, rows, key="enrolment_id")

    def begun(
        self, sequence_id: str, contact_ids: Collection[str], organization_id: str | None = None
    ) -> dict[str, list[Begun]]:
        """Every way of contacts through a sequence, ended ones too, oldest first, by contact."""
        asked = select(Enrolment.contact_id, Enrolment.enrolment_id, Enrolment.created_at, Enrolment.ended_at).where(
            Enrolment.contact_id.in_(sorted(contact_ids)),
            Enrolment.sequence_id == sequence_id,
            Enrolment.organization_id == self.target(organization_id),
        )
        found: dict[str, list[Begun]] = {}
        rows = self.session.execute(asked.order_by(Enrolment.created_at, Enrolment.enrolment_id))
        for contact_id, enrolment_id, created_at, ended_at in rows.tuples():
            found.setdefault(contact_id, []).append(Begun(enrolment_id, created_at, ended_at))
        return found

    def elsewhere(
        self, sequence_id: str, contact_ids: Collection[str], organization_id: str | None = None
    ) -> list[Elsewhere]:
        """What contacts are on their way through besides a sequence, oldest first."""
        asked = select(
            Enrolment.contact_id, Enrolment.enrolment_id, Enrolment.sequence_id, Enrolment.version, Enrolment.created_at
        ).where(
            Enrolment.contact_id.in_(sorted(contact_ids)),
            Enrolment.organization_id == self.target(organization_id),
            Enrolment.sequence_id != sequence_id,
            Enrolment.status.in_(LIVE),
        )
        rows = self.session.execute(asked.order_by(Enrolment.created_at, Enrolment.enrolment_id))
        return [Elsewhere(*row) for row in rows]

    def _read(self, asked: Select[Any], enrolment_ids: Sequence[str], organization_id: str | None) -> list[Way]:
        asked = asked.where(
            Enrolment.enrolment_id.in_(sorted(enrolment_ids)),
            Enrolment.organization_id == self.target(organization_id),
        )
        rows: Iterable[Any] = self.session.execute(asked)
        found = {row[0]: Way(*row) for row in rows}
        return [found[each] for each in enrolment_ids if each in found]
