"""What a decision about many people at once is made of, in a few questions whatever their number. All under SystemScope:
an agency's suppressions hold for its clients, whose own scope cannot read them."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import lru_cache, partial
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import InstrumentedAttribute

from domain.contacts import EmailAddress
from domain.outreach.deciding import Suppressed
from domain.outreach.limits import HOUR, REMEMBERED, Counted, SendTimes, Since, together
from storage.ops.repositories.base import Repository
from storage.ops.repositories.consents import holds
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import (
    Activity,
    Company,
    Consent,
    Contact,
    LifecycleChange,
    MessageEvent,
    OutboxMessage,
    Score,
    Suppression,
)

Key = TypeVar("Key", str, bool)


class KnownContact(NamedTuple):
    """What decisions and templates ask of a contact (`storage.ops.tables.Contact`)."""

    contact_id: str
    organization_id: str
    company_id: str | None
    email: str | None
    external_id: str | None
    first_name: str
    last_name: str
    title: str
    phone: str
    country: str | None
    lifecycle_stage: str
    owner_user_id: str | None
    source: str
    attributes: Mapping[str, Any] | None
    deleted_at: datetime | None


class KnownCompany(NamedTuple):
    """The same of a company."""

    company_id: str
    name: str
    domain: str | None
    industry: str
    country: str | None
    employee_count: int | None


class KnownScore(NamedTuple):
    """The same of a score."""

    contact_id: str
    score: int
    band: str


class Known(NamedTuple):
    """A contact with the company and score that conditions and templates ask for."""

    contact: KnownContact
    company: KnownCompany | None
    score: KnownScore | None


_OF_PEOPLE = [
    *(getattr(Contact, name) for name in KnownContact._fields),
    *(getattr(Company, name) for name in KnownCompany._fields),
    *(getattr(Score, name) for name in KnownScore._fields),
]
_CONTACT = len(KnownContact._fields)
_COMPANY = _CONTACT + len(KnownCompany._fields)


class OutreachFacts(Repository):
    def people(self, contact_ids: Collection[str], organization_id: str) -> dict[str, Known]:
        asked = (
            select(*_OF_PEOPLE)
            .select_from(Contact)
            .outerjoin(Company, Company.company_id == Contact.company_id)
            .outerjoin(Score, Score.contact_id == Contact.contact_id)
            .where(Contact.contact_id.in_(sorted(contact_ids)), Contact.organization_id == self.target(organization_id))
        )
        return {
            row[0]: Known(
                KnownContact(*row[:_CONTACT]),
                KnownCompany(*row[_CONTACT:_COMPANY]) if row[_CONTACT] is not None else None,
                KnownScore(*row[_COMPANY:]) if row[_COMPANY] is not None else None,
            )
            for row in self.session.execute(asked)
        }

    def suppressed(self, people: Mapping[str, Known], campaign_id: str, organization_id: str) -> dict[str, Suppressed]:
        """Who of them must be left alone, by contact id: at the agency's word first, then the organization's own, then
        the campaign's. Addresses, their domains, companies and telephones count."""
        self.require_system()
        own = Organizations(self.work).get(organization_id)
        found: dict[str, Suppressed] = {}
        levels = [("agency", own.parent_organization_id)] if own.parent_organization_id else []
        for level, owner in (*levels, ("organization", organization_id)):
            key = Organizations(self.work).hash_key(owner)
            asked: dict[str, list[tuple[str, str]]] = {}
            for contact_id, known in people.items():
                for kind, value in _reached_by(known):
                    digest = _hashed(key, value)
                    asked.setdefault(digest, []).append((kind, contact_id))
            held = self.session.execute(
                select(Suppression.value_hash, Suppression.kind, Suppression.campaign_id, Suppression.reason)
                .where(
                    Suppression.organization_id == owner,
                    Suppression.value_hash.in_(sorted(asked)),
                    holds(self.work.now()),
                    Suppression.campaign_id.in_({"", campaign_id} if owner == organization_id else {""}),
                )
                .order_by(Suppression.campaign_id, Suppression.created_at, Suppression.suppression_id)
            )
            for value_hash, kind, of_campaign, reason in held.tuples():
                for reached_kind, contact_id in asked[value_hash]:
                    if reached_kind == kind:
                        found.setdefault(contact_id, Suppressed("campaign" if of_campaign else level, kind, reason))
        return found

    def consents(
        self, contact_ids: Collection[str], purpose: str, now: datetime, organization_id: str
    ) -> dict[str, str]:
        """The newest answer for mail by contact: `granted` or `refused`; nobody who was not asked, or whose answer has
        expired."""
        asked = (
            select(Consent.contact_id, Consent.is_granted, Consent.expires_at)
            .where(
                Consent.contact_id.in_(sorted(contact_ids)),
                Consent.organization_id == self.target(organization_id),
                Consent.purpose == purpose,
                Consent.channel == "email",
            )
            .order_by(Consent.occurred_at, Consent.consent_id)
        )
        found: dict[str, str] = {}
        for contact_id, is_granted, expires_at in self.session.execute(asked).tuples():
            found.pop(contact_id, None)
            if not is_granted:
                found[contact_id] = "refused"
            elif expires_at is None or expires_at > now:
                found[contact_id] = "granted"
        return found

    def touches(
        self, contact_ids: Collection[str], kinds: Collection[str], organization_id: str
    ) -> dict[tuple[str, str], datetime]:
        """When each contact was last touched by people, by contact and kind."""
        asked = (
            select(Activity.contact_id, Activity.kind, func.max(Activity.occurred_at))
            .where(
                Activity.contact_id.in_(sorted(contact_ids)),
                Activity.organization_id == self.target(organization_id),
                Activity.kind.in_(sorted(kinds)),
            )
            .group_by(Activity.contact_id, Activity.kind)
        )
        return {(str(row[0]), row[1]): row[2] for row in self.session.execute(asked)}

    def stage_changes(self, contact_ids: Collection[str], organization_id: str) -> dict[str, datetime]:
        """When each contact last changed its stage."""
        asked = (
            select(LifecycleChange.contact_id, func.max(LifecycleChange.occurred_at))
            .where(
                LifecycleChange.contact_id.in_(sorted(contact_ids)),
                LifecycleChange.organization_id == self.target(organization_id),
                LifecycleChange.from_stage.is_not(None),
            )
            .group_by(LifecycleChange.contact_id)
        )
        return {row[0]: row[1] for row in self.session.execute(asked)}

    def signs(self, contact_ids: Collection[str], kinds: Collection[str], organization_id: str) -> set[tuple[str, str]]:
        """Who gave which sign about messages: pairs of contact and kind of event."""
        asked = (
            select(MessageEvent.contact_id, MessageEvent.kind)
            .where(
                MessageEvent.contact_id.in_(sorted(contact_ids)),
                MessageEvent.organization_id == self.target(organization_id),
                MessageEvent.kind.in_(sorted(kinds)),
            )
            .distinct()
        )
        return {(row[0], row[1]) for row in self.session.execute(asked)}

    def mailbox_times(
        self, mailbox_ids: Collection[str], since: Sequence[Since], now: datetime, organization_id: str
    ) -> dict[str, Counted]:
        """What each mailbox sent lately, or is about to."""
        where = (
            OutboxMessage.mailbox_id.in_(sorted(mailbox_ids)),
            OutboxMessage.organization_id == self.target(organization_id),
            OutboxMessage.counted_at > now - REMEMBERED,
        )
        return self._counted(OutboxMessage.mailbox_id, where, mailbox_ids, since)

    def sequence_times(
        self, sequence_id: str, since: Sequence[Since], now: datetime, organization_id: str
    ) -> tuple[SendTimes, SendTimes]:
        """What a sequence sent lately: all of it, and first messages alone."""
        where = (
            OutboxMessage.sequence_id == sequence_id,
            OutboxMessage.is_first.in_((True, False)),  # the index has it before the moment
            OutboxMessage.organization_id == self.target(organization_id),
            OutboxMessage.counted_at > now - REMEMBERED,
        )
        found = self._counted(OutboxMessage.is_first, where, (True, False), since)
        return together(list(found.values())), found[True]

    def domain_times(self, domains: Collection[str], now: datetime, organization_id: str) -> dict[str, Counted]:
        """What went to each domain in the last hour, whoever sent it."""
        where = (
            OutboxMessage.organization_id == self.target(organization_id),
            OutboxMessage.recipient_domain.in_(sorted(domains)),
            OutboxMessage.counted_at > now - HOUR,
        )
        return self._counted(OutboxMessage.recipient_domain, where, domains, [(now - HOUR, False)])

    def _counted(
        self,
        key: InstrumentedAttribute[Key],
        where: Sequence[ColumnElement[bool]],
        keys: Collection[Key],
        since: Sequence[Since],
    ) -> dict[Key, Counted]:
        """Numbers by a column: a day's messages are counted where they lie, and read only for the rare wait whose end hangs
        on one of them."""
        moment = OutboxMessage.counted_at
        numbers = [func.count().filter(moment >= at if inclusive else moment > at) for at, inclusive in since]
        rows = self.session.execute(select(key, func.max(moment), *numbers).where(*where).group_by(key))
        found: dict[Key, list[Any]] = {each: counts for each, *counts in rows}

        nothing: list[Any] = [None, *(0 for _ in since)]
        read: dict[Key, list[datetime]] = {}

        def moments(each: Key) -> list[datetime]:
            if not read:
                read.update({one: [] for one in keys})
                for one, at in self.session.execute(select(key, moment).where(*where)).tuples():
                    if at is not None:
                        read[one].append(at)
            return read[each]

        return {
            each: Counted(newest, dict(zip(since, counts, strict=True)), partial(moments, each))
            for each in keys
            for newest, *counts in [found.get(each, nothing)]
        }


@lru_cache(maxsize=10_000)
def _hashed(key: bytes, value: str) -> str:
    """Asked of the same people when it is decided on them and when their message is about to leave."""
    return hmac.digest(key, value.encode(), "sha256").hex()


def _reached_by(known: Known) -> list[tuple[str, str]]:
    """What a suppression may say somebody is reached by, in the spelling that is hashed."""
    contact, found = known.contact, []
    if contact.email:
        address = EmailAddress(contact.email)
        found += [("email", address.value), ("domain", address.domain.value)]
    if contact.company_id:
        found.append(("company", contact.company_id))
    if known.company is not None and known.company.domain:
        found.append(("domain", known.company.domain))
    if contact.phone:
        found.append(("phone", "".join(letter for letter in contact.phone if letter.isdigit() or letter == "+")))
    return found
