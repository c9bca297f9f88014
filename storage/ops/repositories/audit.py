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
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import select, text

from storage.ops.repositories.base import Repository
from storage.ops.repositories.subject_keys import SubjectKeys, sealer_of
from storage.ops.sealing import SealBroken, Sealer
from storage.ops.tables import AuditEntry, AuditHead, Membership

_canonical = msgspec.json.Encoder(order="deterministic").encode
COLUMNS = ("sealed_before", "sealed_after")
START = "0" * 64
"""What the first row of an organization is chained to."""


HEAD = ("audit_heads", "sealed_head")
BATCH = 500


@dataclass(frozen=True, slots=True)
class ChainReport:
    """`broken_at` is the position of the first row that does not fit, with the reason; None when all of them do."""

    count: int
    """Rows that fit, from the first on."""
    broken_at: int | None = None
    reason: str = ""
    end: str = START
    """The chain value of the last row that fits: who writes it down elsewhere can hold a later log against it."""


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that the unit of work's actor did; see `Audit.record`."""

    action: str
    entity: str
    entity_id: str
    subject_id: str | None = None
    before: Mapping[str, Any] | None = None
    after: Mapping[str, Any] | None = None


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
        act = Act(action, entity, entity_id, subject_id, before, after)
        return self.record_all([act], organization_id=organization_id)[0]

    def record_once(self, action: str, entity: str, entity_id: str) -> AuditEntry | None:
        """The same, unless there is a row of this action on this thing already; of two who ask at once one writes."""
        target = self.target()
        self._head(target)
        known = select(AuditEntry.audit_id).where(
            AuditEntry.organization_id == target,
            AuditEntry.entity == entity,
            AuditEntry.entity_id == entity_id,
            AuditEntry.action == action,
        )
        if self.session.scalar(known.limit(1)) is not None:
            return None
        return self.record(action, entity, entity_id)

    def record_all(self, acts: Sequence[Act], *, organization_id: str | None = None) -> list[AuditEntry]:
        """Several acts at once, in order: one end is read and written, one statement inserts."""
        target = self.target(organization_id)
        if not acts:
            return []
        head = self._head(target)
        keys = SubjectKeys(self.work).ensure_all({act.subject_id for act in acts if act.subject_id}, target)
        made, at = [], self.work.now()
        for act in acts:
            entry = self._entry(target, act, head.position + 1, at, keys)
            entry.chain = _link(head.chain, entry)
            head.position, head.chain = entry.position, entry.chain
            made.append(entry)
        head.sealed_head = self.work.sealer.seal(_end(head.position, head.chain), target, *HEAD)
        self.session.add_all(made)
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

    def page(
        self, *, limit: int, before_position: int | None = None, entity: str | None = None, entity_id: str | None = None
    ) -> list[AuditEntry]:
        """Acts in the organization itself, newest first."""
        asked = select(AuditEntry).where(AuditEntry.organization_id == self.target())
        if before_position is not None:
            asked = asked.where(AuditEntry.position < before_position)
        if entity is not None:
            asked = asked.where(AuditEntry.entity == entity)
        if entity_id is not None:
            asked = asked.where(AuditEntry.entity_id == entity_id)
        return list(self.session.scalars(asked.order_by(AuditEntry.position.desc()).limit(limit)))

    def head(self, organization_id: str | None = None) -> AuditHead | None:
        """Where the log ends, and when it was last verified; None where nothing was done yet."""
        return self.session.get(AuditHead, self.target(organization_id), populate_existing=True)

    def note_verified(self, report: ChainReport, organization_id: str | None = None) -> None:
        """Keeps what a verification found, and writes that there was one."""
        target = self.target(organization_id)
        self.record(
            "verify", "audit_log", target, organization_id=target,
            after={"count": report.count, "broken_at": report.broken_at, "reason": report.reason},
        )  # fmt: skip
        head = self._head(target)
        head.verified_at, head.verified_position = self.work.now(), report.broken_at or report.count
        head.verified_fault = report.reason or None
        self.session.flush()

    def verify(self, organization_id: str | None = None) -> ChainReport:
        """Walks the chain of an organization: no row changed, moved, missing, added between, or cut off at the end.

        What it cannot see is an old copy of the whole log and of its end: that shows against `end` of a former report.
        """
        target = self.target(organization_id)
        kept = self.head(target)
        first = (kept.position, kept.chain) if kept else (0, START)
        report = self._walk(target, first)
        if report.broken_at is not None:
            return report
        fault = self._fault_of_end(target, report, first[0])
        return ChainReport(report.count, report.count + 1, fault, report.end) if fault else report

    def _walk(self, target: str, expected: tuple[int, str]) -> ChainReport:
        """`expected` is a position with the chain value that was kept for it."""
        chain, position = START, 0
        rows = self.session.scalars(
            select(AuditEntry)
            .where(AuditEntry.organization_id == target)
            .order_by(AuditEntry.position)
            .execution_options(yield_per=BATCH)
        )
        for batch in rows.partitions(BATCH):
            keys = SubjectKeys(self.work).find_all({row.subject_id for row in batch if row.subject_id}, target)
            for row in batch:
                position += 1
                reason = self._fault(row, position, chain, keys)
                if not reason and position == expected[0] and row.chain != expected[1]:
                    reason = "another row was kept as this one"
                if reason:
                    return ChainReport(position - 1, position, reason, chain)
                chain = row.chain
        return ChainReport(position, end=chain)

    def _fault_of_end(self, target: str, report: ChainReport, position_before: int) -> str:
        """The end is read again: while the rows were walked, others may have been written."""
        head = self.head(target)
        if head is None:
            return "the log's end is missing" if report.count else ""
        if report.count < position_before:
            return "rows were cut off at the end"
        if report.count > head.position:
            return "rows were added behind the end"
        if head.sealed_head is None:
            return ""
        try:
            is_ours = self.work.sealer.open(head.sealed_head, target, *HEAD) == _end(head.position, head.chain)
        except SealBroken:
            is_ours = False
        return "" if is_ours else "the log's end was changed"

    def _fault(self, row: AuditEntry, position: int, chain: str, keys: Mapping[str, tuple[Sealer, bytes]]) -> str:
        if row.position != position:
            return "a row is missing"
        if row.chain != _link(chain, row):
            return "the row was changed or moved"
        sealer, key = keys.get(row.subject_id, (None, None)) if row.subject_id else (self.work.sealer, b"")
        if sealer is None or key is None:
            return ""  # shredded: the digest stands, and says nothing
        try:
            plain = _opened(sealer, row)
        except SealBroken:
            return "the values do not open"
        return "" if row.digest == _digest(key, row.salt, plain) else "the values were changed"

    def _head(self, organization_id: str) -> AuditHead:
        """The end of the log, which nobody else may move until this unit of work ends."""
        if self.work.store.dialect == "postgresql":  # on SQLite a writer is alone
            self.session.execute(
                text("select pg_advisory_xact_lock(hashtextextended(:name, 0))"), {"name": f"audit {organization_id}"}
            )
        found = self.session.get(AuditHead, organization_id, populate_existing=True)
        if found is None:
            found = AuditHead(organization_id=organization_id, position=0, chain=START)
            self.session.add(found)
        return found

    def _entry(
        self, target: str, act: Act, position: int, at: datetime, keys: Mapping[str, tuple[Sealer, bytes]]
    ) -> AuditEntry:
        sealer, key = keys[act.subject_id] if act.subject_id else (self.work.sealer, b"")
        plain = [None if value is None else _canonical(dict(value)) for value in (act.before, act.after)]
        sealed = [
            None if value is None else sealer.seal(value, target, "audit_log", column)
            for value, column in zip(plain, COLUMNS, strict=True)
        ]
        salt = secrets.token_hex(16)
        return AuditEntry(
            organization_id=target,
            position=position,
            at=at,
            actor_kind=self.work.actor.kind,
            actor_id=self.work.actor.id,
            action=act.action,
            entity=act.entity,
            entity_id=act.entity_id,
            subject_id=act.subject_id,
            sealed_before=sealed[0],
            sealed_after=sealed[1],
            salt=salt,
            digest=_digest(key, salt, plain),
        )

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


def _end(position: int, chain: str) -> bytes:
    return _canonical([position, chain])


def _link(chain: str, row: AuditEntry) -> str:
    """Without the salt, so that an erasure may blank it."""
    facts = [
        *(chain, row.organization_id, row.position, row.at, row.actor_kind, row.actor_id),
        *(row.action, row.entity, row.entity_id, row.subject_id, row.digest),
    ]
    return hashlib.sha256(_canonical(facts)).hexdigest()
