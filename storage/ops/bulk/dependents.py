"""What hangs on a contact or a deal: what goes with it when an import is undone, and what keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, inspect, select
from sqlalchemy.orm import InstrumentedAttribute

from storage.ops import changes
from storage.ops.bulk.plans import UNLOGGED
from storage.ops.store import Work
from storage.ops.tables import (
    Activity,
    Base,
    Consent,
    Contact,
    ContactFeatureSnapshot,
    Deal,
    DealStageChange,
    FormSubmission,
    LifecycleChange,
    RevenueEntry,
    Score,
)


@dataclass(frozen=True)
class Dependents:
    """One entity: its table, the tables that refer to it, and which of those a person has put there."""

    table: type[Base]
    stage_field: str
    stages: type[Base]
    stage_owner: InstrumentedAttribute[Any]
    stage_actor: InstrumentedAttribute[str]
    keeps: tuple[tuple[str, InstrumentedAttribute[Any], tuple[ColumnElement[bool], ...]], ...]
    """(what it is called, column that refers to us, further conditions): a row of these keeps the entity."""
    goes: tuple[InstrumentedAttribute[Any], ...]
    """Columns that refer to us in tables whose rows go with the entity."""

    def load(self, work: Work, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Whole rows by id."""
        key = inspect(self.table).primary_key[0]
        table = self.table.__table__
        rows = work.session.execute(select(table).where(key.in_(ids))).mappings()
        return {row[key.name]: dict(row) for row in rows}

    def in_use(self, work: Work, ids: Sequence[str]) -> dict[str, str]:
        """Id → what people have put to it."""
        found: dict[str, str] = {}
        for name, column, conditions in self.keeps if ids else ():
            for (owner,) in work.session.execute(select(column).where(column.in_(ids), *conditions)):
                found.setdefault(str(owner), name)
        return found

    def delete(self, work: Work, rows: Sequence[dict[str, Any]]) -> None:
        """Deletes entities with what goes with them, and logs it."""
        if not rows:
            return
        key = inspect(self.table).primary_key[0]
        ids = [row[key.name] for row in rows]
        for column in self.goes:
            _delete_where(work, _table_of(column), column.in_(ids))
        work.session.execute(delete(self.table).where(key.in_(ids)).execution_options(synchronize_session=False))
        changes.log_rows(work.session.connection(), self.table, "delete", rows, work.now())

    def forget_stages(self, work: Work, entity_id: str, actor_id: str) -> None:
        """Takes the stage history of one import back."""
        _delete_where(work, self.stages, self.stage_owner == entity_id, self.stage_actor == actor_id)


def _table_of(column: InstrumentedAttribute[Any]) -> type[Base]:
    found: Any = column.class_
    table: type[Base] = found
    return table


def _delete_where(work: Work, table: type[Base], *conditions: ColumnElement[bool]) -> None:
    if table.__entity__ and table not in UNLOGGED:
        found = [dict(row) for row in work.session.execute(select(table.__table__).where(*conditions)).mappings()]
        changes.log_rows(work.session.connection(), table, "delete", found, work.now())
    work.session.execute(delete(table).where(*conditions).execution_options(synchronize_session=False))


CONTACT = Dependents(
    table=Contact,
    stage_field="lifecycle_stage",
    stages=LifecycleChange,
    stage_owner=LifecycleChange.contact_id,
    stage_actor=LifecycleChange.actor_id,
    keeps=(
        ("form submissions", FormSubmission.contact_id, ()),
        ("consents", Consent.contact_id, ()),
        ("deals", Deal.contact_id, ()),
        ("revenue", RevenueEntry.contact_id, ()),
        ("a conversation or note", Activity.contact_id, (Activity.is_automated.is_(False),)),
    ),
    goes=(Activity.contact_id, LifecycleChange.contact_id, Score.contact_id, ContactFeatureSnapshot.contact_id),
)
DEAL = Dependents(
    table=Deal,
    stage_field="stage",
    stages=DealStageChange,
    stage_owner=DealStageChange.deal_id,
    stage_actor=DealStageChange.actor_id,
    keeps=(
        ("revenue", RevenueEntry.deal_id, ()),
        ("a conversation or note", Activity.deal_id, (Activity.is_automated.is_(False),)),
    ),
    goes=(Activity.deal_id, DealStageChange.deal_id),
)
