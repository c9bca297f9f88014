"""The audit log: append-only, one hash chain for each organization, values sealed under the key of whom they are about.

A row's digest covers its values and a salt; about a person it is keyed with that person's key, so that it tells nothing
once the key is shredded. The chain covers the digests, not the values: it can be verified for ever.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import func, select, text

from storage.ops.repositories.base import Repository
from storage.ops.repositories.subject_keys import SubjectKeys, sealer_of
from storage.ops.sealing import SealBroken, Sealer
from storage.ops.tables import AuditEntry, Membership

_canonical = msgspec.json.Encoder(order="deterministic").encode
COLUMNS = ("sealed_before", "sealed_after")
START = "0" * 64
"""What the first row of an organization is chained to."""


@dataclass(frozen=True, slots=True)
class ChainReport:
    """`broken_at` is the position of the first row that does not fit, with the reason; None when all of them do."""

    count: int
    broken_at: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Values:
    """What a row held before and after; both None where the subject's key was shredded."""

    before: Any
    after: Any
    is_shredded: bool = False


class Audit(Repository):
    def record(
        self,
        action: str,
        entity: str,
        entity_id: str,
        *,
        subject_id: str | None = None,
        before: Mapping[str, Any] | None = None,
        after: Mapping[str, Any] | None = None,
        organization_id: str | None = None,
    ) -> AuditEntry:
        """One act of the unit of work's actor. `subject_id` is the person it is about: personal values need one."""
        target = self.target(organization_id)
        last = self._last(target)
        sealer, key = self._sealer(target, subject_id)
        plain = [None if value is None else _canonical(dict(value)) for value in (before, after)]
        sealed = [
            None if value is None else sealer.seal(value, target, "audit_log", column)
            for value, column in zip(plain, COLUMNS, strict=True)
        ]
        salt = secrets.token_hex(16)
        made = AuditEntry(
            organization_id=target,
            position=last.position + 1 if last else 1,
            at=self.work.now(),
            actor_kind=self.work.actor.kind,
            actor_id=self.work.actor.id,
            action=action,
            entity=entity,
            entity_id=entity_id,
            subject_id=subject_id,
            sealed_before=sealed[0],
            sealed_after=sealed[1],
            salt=salt,
            digest=_digest(key, salt, plain),
            chain="",
        )
        made.chain = _link(last.chain if last else START, made)
        self.session.add(made)
        self.session.flush()
        return made

    def record_of_user(self, action: str, user_id: str) -> list[AuditEntry]:
        """An act of somebody who belongs to no single organization: one row for each that they are a member of."""
        homes = self.session.scalars(
            select(Membership.organization_id)
            .where(Membership.user_id == user_id, self.readable(Membership.organization_id))
            .order_by(Membership.organization_id)
        ).all()
        return [self.record(action, "user", user_id, organization_id=home) for home in homes]

    def record_export(self, entity: str, readable_ids: Iterable[str], detail: Mapping[str, Any]) -> list[AuditEntry]:
        """Rows left the house: one row for each organization whose rows they may be. Under SystemScope, for an agency
        that reads its clients writes into their logs."""
        return [
            self.record("export", entity, organization_id, after=detail, organization_id=organization_id)
            for organization_id in sorted(readable_ids)
        ]

    def about(self, entity: str, entity_id: str) -> list[AuditEntry]:
        """Everything done to one thing, newest first."""
        return list(
            self.session.scalars(
                select(AuditEntry)
                .where(
                    AuditEntry.entity == entity,
                    AuditEntry.entity_id == entity_id,
                    self.readable(AuditEntry.organization_id),
                )
                .order_by(AuditEntry.position.desc())
            )
        )

    def values_of(self, entry: AuditEntry) -> Values:
        """Opens what a row holds."""
        sealer, _ = self._existing_sealer(entry)
        if sealer is None:
            return Values(None, None, is_shredded=True)
        before, after = (None if value is None else msgspec.json.decode(value) for value in _opened(sealer, entry))
        return Values(before, after)

    def verify(self, organization_id: str | None = None) -> ChainReport:
        """Walks the chain of an organization: no row changed, missing in the middle, or added between; a row cut off at
        the end shows against a count kept elsewhere."""
        target = self.target(organization_id)
        chain, position = START, 0
        rows = self.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.organization_id == target)
            .order_by(AuditEntry.position)
            .execution_options(yield_per=500)
        )
        for row in rows:
            position += 1
            reason = self._fault(row, position, chain)
            if reason:
                return ChainReport(position - 1, position, reason)
            chain = row.chain
        return ChainReport(position)

    def _fault(self, row: AuditEntry, position: int, chain: str) -> str:
        if row.position != position:
            return "a row is missing"
        if row.chain != _link(chain, row):
            return "the row was changed"
        sealer, key = self._existing_sealer(row)
        if sealer is None or key is None:
            return ""  # shredded: the digest stands, and says nothing
        try:
            plain = _opened(sealer, row)
        except SealBroken:
            return "the values do not open"
        return "" if row.digest == _digest(key, row.salt, plain) else "the values were changed"

    def _last(self, organization_id: str) -> AuditEntry | None:
        """The end of the chain, which nobody else may extend until this unit of work ends."""
        if self.work.store.dialect == "postgresql":  # on SQLite a writer is alone
            self.session.execute(
                text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"audit {organization_id}"}
            )
        newest = (
            select(func.max(AuditEntry.position)).where(AuditEntry.organization_id == organization_id).scalar_subquery()
        )
        return self.session.scalars(
            select(AuditEntry).where(AuditEntry.organization_id == organization_id, AuditEntry.position == newest)
        ).first()

    def _sealer(self, organization_id: str, subject_id: str | None) -> tuple[Sealer, bytes]:
        if subject_id is None:
            return self.work.sealer, b""
        key = SubjectKeys(self.work).ensure(subject_id, organization_id)
        return sealer_of(key), key

    def _existing_sealer(self, entry: AuditEntry) -> tuple[Sealer | None, bytes | None]:
        if entry.subject_id is None:
            return self.work.sealer, b""
        key = SubjectKeys(self.work).find(entry.subject_id, entry.organization_id)
        return (sealer_of(key), key) if key else (None, None)


def _opened(sealer: Sealer, entry: AuditEntry) -> list[bytes | None]:
    return [
        None if sealed is None else sealer.open(sealed, entry.organization_id, "audit_log", column)
        for sealed, column in zip((entry.sealed_before, entry.sealed_after), COLUMNS, strict=True)
    ]


def _digest(key: bytes, salt: str, plain: Sequence[bytes | None]) -> str:
    """Over JSON, so that the two values cannot be mistaken for one."""
    body = _canonical([salt, *(None if value is None else value.decode() for value in plain)])
    return hmac.new(key, body, hashlib.sha256).hexdigest()


def _link(chain: str, row: AuditEntry) -> str:
    """Without the salt, so that an erasure may blank it."""
    facts = [
        *(chain, row.organization_id, row.position, row.at, row.actor_kind, row.actor_id),
        *(row.action, row.entity, row.entity_id, row.subject_id, row.digest),
    ]
    return hashlib.sha256(_canonical(facts)).hexdigest()
