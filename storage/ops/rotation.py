"""Moving sealed values to the newest key: put a new key in front, run this, then drop the old one.

`python -m storage.ops.rotation`; readers and writers may go on meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, inspect, select, true, update

from domain.settings import Settings
from domain.tenancy import Actor, SystemScope
from storage.ops.store import Store, Work
from storage.ops.tables import (
    AuditEntry,
    AuditHead,
    Base,
    EnrichmentConnection,
    IdempotencyKey,
    IdentityProvider,
    Mailbox,
    Organization,
    ProviderReport,
    ProviderWebhook,
    SecondFactor,
    SendingDomain,
    SubjectKey,
    WebhookEndpoint,
)

BATCH = 200


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """A column whose values are under the installation's keys (what is under a subject's key moves with that key)."""

    table: type[Base]
    column: str
    which: ColumnElement[bool]
    owner: str = "organization_id"
    """The column that says whose value it is."""


def sealed_columns() -> list[SealedColumn]:
    of_no_subject = AuditEntry.subject_id.is_(None)
    return [
        SealedColumn(Organization, "hash_key", true()),
        SealedColumn(SubjectKey, "sealed_key", true()),
        SealedColumn(IdempotencyKey, "sealed_answer", true()),
        SealedColumn(IdentityProvider, "sealed_secret", true()),
        SealedColumn(WebhookEndpoint, "sealed_secret", true()),
        SealedColumn(WebhookEndpoint, "sealed_former_secret", true()),
        SealedColumn(ProviderWebhook, "sealed_secret", true()),
        SealedColumn(ProviderWebhook, "sealed_former_secret", true()),
        SealedColumn(ProviderReport, "sealed_request", true()),
        SealedColumn(SecondFactor, "sealed_secret", true(), owner="user_id"),
        SealedColumn(Mailbox, "sealed_secrets", true()),
        SealedColumn(SendingDomain, "sealed_dkim_key", true()),
        SealedColumn(SendingDomain, "sealed_next_dkim_key", true()),
        SealedColumn(EnrichmentConnection, "sealed_secrets", true()),
        SealedColumn(AuditHead, "sealed_head", true()),
        SealedColumn(AuditEntry, "sealed_before", of_no_subject),
        SealedColumn(AuditEntry, "sealed_after", of_no_subject),
    ]


def reseal(settings: Settings) -> dict[str, int]:
    """Answers how many values of each `table.column` were moved. Runs as the owner of the tables: the app's role may
    not touch the audit log."""
    owner = settings.model_copy(
        update={"store": settings.store.model_copy(update={"url": settings.store.owner_url or settings.store.url})}
    )
    store = Store.open(owner)
    try:
        return {f"{found.table.__tablename__}.{found.column}": _move(store, found) for found in sealed_columns()}
    finally:
        store.close()


def _move(store: Store, sealed: SealedColumn) -> int:
    moved, after = 0, ""
    while True:
        with store.write(SystemScope("key rotation"), Actor.system("key rotation")) as work:
            after, seen, changed = _move_batch(work, sealed, after)
        moved += changed
        if not seen:
            return moved


def _move_batch(work: Work, sealed: SealedColumn, after: str) -> tuple[str, int, int]:
    columns = sealed.table.__table__.c
    key, column = inspect(sealed.table).primary_key[0], columns[sealed.column]
    rows: Sequence[Any] = work.session.execute(
        select(key, columns[sealed.owner].label("owner"), column)
        .where(key > after, column.is_not(None), sealed.which)
        .order_by(key)
        .limit(BATCH)
    ).all()
    changed = 0
    for identity, owner, value in rows:
        fresh = work.sealer.reseal(value, owner, sealed.table.__tablename__, sealed.column)
        if fresh is not None:
            work.session.execute(update(sealed.table).where(key == identity).values({sealed.column: fresh}))
            changed += 1
    return (rows[-1][0] if rows else after), len(rows), changed


if __name__ == "__main__":
    import os
    from pathlib import Path

    for name, count in reseal(Settings.load(os.environ, Path(".env"))).items():
        print(f"{name}: {count}")
