"""Sequences, their versions, and when each is looked at next."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select, tuple_, update

from domain.decisions import DecisionKind
from domain.errors import Conflict, NotFound
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.decisions import Decisions
from storage.ops.tables import Campaign, Enrolment, OutboxMessage, OutreachSequence, SequenceVersion


@dataclass(frozen=True, slots=True)
class Look:
    """A sequence that somebody should look at now."""

    sequence_id: str
    organization_id: str


class Sequences(Repository):
    def add(self, name: str, definition: Mapping[str, Any], source: str = "") -> OutreachSequence:
        """A draft, with its campaign of reports: the one of that name where there is one. Raises Conflict for a name that
        another sequence has."""
        target = self.target()
        self._require_free(name)
        asked = select(Campaign).where(Campaign.organization_id == target, Campaign.name == name)
        campaign = self.session.scalars(asked).first()
        if campaign is None:
            campaign = Campaign(organization_id=target, name=name, channel="email")
            self.session.add(campaign)
            self.session.flush()
        elif campaign.sequence_id is not None:
            raise Conflict(f"the campaign {name!r} has a sequence already", hint="Choose another name.")
        made = OutreachSequence(organization_id=target, name=name, campaign_id=campaign.campaign_id)
        self.session.add(made)
        self.session.flush()
        campaign.sequence_id = made.sequence_id
        self._keep(made, definition, source)
        Audit(self.work).record("create", "sequence", made.sequence_id, after=_shown(made))
        return made

    def put(
        self, sequence: OutreachSequence, name: str, definition: Mapping[str, Any], source: str = "", note: str = ""
    ) -> None:
        """A new version, for those who are enrolled from now on; the same definition again makes none."""
        self.writable(sequence.organization_id)
        held = self.version(sequence.sequence_id, sequence.version)
        if (held.definition, held.source) == (dict(definition), source):
            return
        before = _shown(sequence)
        if sequence.name != name:
            self._require_free(name, besides=sequence.sequence_id)
            sequence.name = name
        sequence.version += 1
        sequence.updated_at = self.work.now()
        self._keep(sequence, definition, source, note)
        Audit(self.work).record("change", "sequence", sequence.sequence_id, before=before, after=_shown(sequence))

    def set_status(self, sequence: OutreachSequence, status: str, reason: str = "") -> None:
        """The kill switch of a campaign, and its ends. What stands in the queue is not sent while it is off. The ledger
        keeps who, when and why."""
        self.writable(sequence.organization_id)
        if sequence.status == status:
            return
        before = _shown(sequence)
        sequence.status, sequence.status_reason, sequence.updated_at = status, reason[:200], self.work.now()
        sequence.look_at, sequence.waiting = (self.work.now() if status == "active" else None), {}
        self.session.flush()
        Audit(self.work).record("switch", "sequence", sequence.sequence_id, before=before, after=_shown(sequence))
        Decisions(self.work).record(
            DecisionKind.SWITCH, "sequence", sequence.sequence_id, status, "by_hand",
            {"why": sequence.status_reason, "before": before["status"]}, is_act=True,
            organization_id=sequence.organization_id,
        )  # fmt: skip

    def get(self, sequence_id: str) -> OutreachSequence:
        """Raises NotFound."""
        found = self.by_id(OutreachSequence, sequence_id)
        if found is None:
            raise NotFound("There is no such sequence here.")
        return found

    def of_organization(self, organization_id: str | None = None) -> list[OutreachSequence]:
        """All of an organization's, by name."""
        asked = select(OutreachSequence).where(OutreachSequence.organization_id == self.target(organization_id))
        return list(self.session.scalars(asked.order_by(OutreachSequence.name)))

    def current_versions(self, sequences: Sequence[OutreachSequence]) -> dict[str, SequenceVersion]:
        """The version that holds now of each of some sequences, by sequence, in one question."""
        asked = select(SequenceVersion).where(
            tuple_(SequenceVersion.sequence_id, SequenceVersion.version).in_(
                [(one.sequence_id, one.version) for one in sequences]
            ),
            self.readable(SequenceVersion.organization_id),
        )
        return {found.sequence_id: found for found in self.session.scalars(asked)}

    def version(self, sequence_id: str, version: int) -> SequenceVersion:
        """Raises NotFound."""
        return self.one(
            select(SequenceVersion).where(
                SequenceVersion.sequence_id == sequence_id,
                SequenceVersion.version == version,
                self.readable(SequenceVersion.organization_id),
            )
        )

    def versions(self, sequence_id: str) -> list[SequenceVersion]:
        """Newest first."""
        asked = select(SequenceVersion).where(
            SequenceVersion.sequence_id == sequence_id, self.readable(SequenceVersion.organization_id)
        )
        return list(self.session.scalars(asked.order_by(SequenceVersion.version.desc())))

    def people(self, sequence_ids: Iterable[str]) -> dict[str, dict[str, int]]:
        """How many people are in each sequence, by status."""
        return self._by_status(Enrolment, sequence_ids)

    def messages(self, sequence_ids: Iterable[str]) -> dict[str, dict[str, int]]:
        """How many messages of each sequence are in each state."""
        return self._by_status(OutboxMessage, sequence_ids)

    def _by_status(
        self, table: type[Enrolment | OutboxMessage], sequence_ids: Iterable[str]
    ) -> dict[str, dict[str, int]]:
        asked = (
            select(table.sequence_id, table.status, func.count())
            .where(table.sequence_id.in_(sorted(sequence_ids)), self.readable(table.organization_id))
            .group_by(table.sequence_id, table.status)
        )
        found: dict[str, dict[str, int]] = {}
        for sequence_id, status, count in self.session.execute(asked).tuples():
            found.setdefault(sequence_id, {})[status] = count
        return found

    def looks_due(self, now: datetime, *, limit: int) -> list[Look]:
        """Active sequences of all organizations to look at, longest due first (SystemScope)."""
        self.require_system()
        asked = (
            select(OutreachSequence.sequence_id, OutreachSequence.organization_id)
            .where(OutreachSequence.status == "active", OutreachSequence.look_at <= now)
            .order_by(OutreachSequence.look_at, OutreachSequence.sequence_id)
            .limit(limit)
        )
        return [Look(*row) for row in self.session.execute(asked)]

    def hold(self, sequence_id: str, organization_id: str) -> OutreachSequence | None:
        """The sequence, held until the unit of work ends; None where another worker holds it or it is gone."""
        asked = (
            select(OutreachSequence)
            .where(
                OutreachSequence.sequence_id == sequence_id,
                OutreachSequence.organization_id == self.target(organization_id),
            )
            .with_for_update(skip_locked=True)
            .execution_options(populate_existing=True)
        )
        return self.session.scalars(asked).first()

    def look_again(self, sequence: OutreachSequence, at: datetime | None, waiting: Mapping[str, Any]) -> None:
        """When to look next, and why all of it waits, if it does."""
        self.writable(sequence.organization_id)
        sequence.look_at, sequence.waiting = at, dict(waiting)
        self.session.flush()

    def hasten(self, sequence_ids: Iterable[str], at: datetime, organization_id: str | None = None) -> None:
        """Somebody in these is due at a moment: they are looked at by then."""
        self.session.execute(
            update(OutreachSequence)
            .where(
                OutreachSequence.sequence_id.in_(sorted(set(sequence_ids))),
                OutreachSequence.organization_id == self.target(organization_id),
                or_(OutreachSequence.look_at.is_(None), OutreachSequence.look_at > at),
            )
            .values(look_at=at, updated_at=OutreachSequence.updated_at)
            .execution_options(synchronize_session=False)
        )

    def _keep(self, sequence: OutreachSequence, definition: Mapping[str, Any], source: str, note: str = "") -> None:
        self.session.add(
            SequenceVersion(
                organization_id=sequence.organization_id,
                sequence_id=sequence.sequence_id,
                version=sequence.version,
                definition=dict(definition),
                source=source,
                note=note,
                created_by=self.work.actor.id or self.work.actor.kind,
                created_at=self.work.now(),
            )
        )
        self.session.flush()

    def _require_free(self, name: str, besides: str = "") -> None:
        others = (found for found in self.of_organization() if found.sequence_id != besides)
        if any(found.name.casefold() == name.casefold() for found in others):
            raise Conflict(f"there is a sequence {name!r} already", hint="Choose another name.")


def _shown(sequence: OutreachSequence) -> dict[str, Any]:
    names = ("name", "status", "status_reason", "version")
    return {name: getattr(sequence, name) for name in names}
