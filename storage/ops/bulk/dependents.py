"""What hangs on a contact or a deal: what goes with it when an import is undone, and what keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, inspect, select
from sqlalchemy.orm import InstrumentedAttribute

from domain.tenancy import Scope
from storage.ops import changes
from storage.ops.bulk.plans import UNLOGGED
from storage.ops.bulk.statements import insertion_into, rows_of, run_ready
from storage.ops.keys import among, keys_of
from storage.ops.store import Work
from storage.ops.tables import (
    Activity,
    Base,
    ChangeLog,
    Consent,
    Contact,
    ContactFeatureSnapshot,
    ContactMerge,
    Deal,
    DealStageChange,
    Enrolment,
    FormSubmission,
    InboundMessage,
    LifecycleChange,
    Notification,
    RevenueEntry,
    Score,
    ServiceClock,
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
    seldom: tuple[type[Base], ...] = ()
    """Tables of `keeps` in which most organizations have no row: whether there is one is asked first."""

    @property
    def key(self) -> Any:
        """The column of its id."""
        return inspect(self.table).primary_key[0]

    def load(self, work: Work, ids: Sequence[str]) -> dict[str, dict[str, Any]]:
        """Whole rows by id."""
        key, dialect = self.key, work.store.engine.dialect
        query = select(self.table.__table__).where(among(key, dialect))
        return {row[key.name]: row for row in rows_of(work.session.execute(query, keys_of(ids, dialect)))}

    def in_use(self, work: Work, ids: Sequence[str]) -> dict[str, str]:
        """Id → what people have put to it."""
        found: dict[str, str] = {}
        dialect = work.store.engine.dialect
        keys = keys_of(ids, dialect)
        empty = {table for table in self.seldom if ids and not _has_rows(work, table)}
        for name, column, conditions in self.keeps if ids else ():
            if _table_of(column) in empty:
                continue
            for (owner,) in work.session.execute(select(column).where(among(column, dialect), *conditions), keys):
                found.setdefault(str(owner), name)
        return found

    def delete(self, work: Work, ids: Sequence[str], entries: Sequence[dict[str, Any]]) -> None:
        """Deletes entities with what goes with them, and logs it; `entries` are their own lines of the change log."""
        if not ids:
            return
        dialect = work.store.engine.dialect
        keys = keys_of(ids, dialect)
        for column in self.goes:
            _delete_where(work, _table_of(column), (among(column, dialect),), keys)
        work.session.connection().execute(delete(_relation(self.table)).where(among(self.key, dialect)), keys)
        statement = insertion_into(ChangeLog, dialect)
        run_ready(work, statement, statement.parameters(entries))

    def forget_stages(self, work: Work, entity_id: str, actor_id: str) -> None:
        """Takes the stage history of one import back."""
        _delete_where(work, self.stages, (self.stage_owner == entity_id, self.stage_actor == actor_id), {})


def _has_rows(work: Work, table: type[Base]) -> bool:
    """Whether the organization has any; read anew each time, for somebody may merge while an import is undone."""
    assert isinstance(work.scope, Scope)
    key, relation = inspect(table).primary_key[0], _relation(table)
    asked = select(key).where(relation.c.organization_id == work.scope.organization_id).limit(1)
    return work.session.execute(asked).first() is not None


def _table_of(column: InstrumentedAttribute[Any]) -> type[Base]:
    found: Any = column.class_
    table: type[Base] = found
    return table


def _relation(table: type[Base]) -> Any:
    """Below the ORM, which would look for objects of these rows in the session."""
    return table.__table__


def _delete_where(
    work: Work, table: type[Base], conditions: tuple[ColumnElement[bool], ...], parameters: dict[str, Any]
) -> None:
    connection, relation = work.session.connection(), _relation(table)
    statement = delete(relation).where(*conditions)
    if table.__entity__ and table not in UNLOGGED:
        gone = rows_of(connection.execute(statement.returning(relation), parameters))
        changes.log_rows(connection, table, "delete", gone, work.now())
    else:
        connection.execute(statement, parameters)


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
        ("a sequence", Enrolment.contact_id, ()),
        ("an answer", InboundMessage.contact_id, ()),
        ("another record that was merged into it", ContactMerge.survivor_id, ()),
        ("a merge into another record", ContactMerge.merged_id, ()),
        ("a conversation or note", Activity.contact_id, (Activity.is_automated.is_(False),)),
    ),
    goes=(
        Activity.contact_id,
        LifecycleChange.contact_id,
        Score.contact_id,
        ContactFeatureSnapshot.contact_id,
        ServiceClock.contact_id,
        Notification.contact_id,
    ),
    seldom=(ContactMerge,),
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
