"""What people agreed to, and who must be left alone."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, or_, select

from domain.contacts import Domain, EmailAddress
from domain.errors import InvalidInput, NotAllowed, NotFound
from storage.ops.repositories.base import Repository
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import Consent, Contact, Suppression

SUPPRESSION_KINDS = frozenset({"email", "domain", "company", "phone"})


class Consents(Repository):
    """Append-only: a withdrawal is a row as well, and the newest row of a purpose and channel counts."""

    def record(
        self,
        contact_id: str,
        *,
        purpose: str,
        is_granted: bool,
        source: str,
        channel: str = "email",
        lawful_basis: str = "consent",
        wording: str = "",
        wording_version: str = "",
        proof: Mapping[str, Any] | None = None,
        occurred_at: datetime | None = None,
        expires_at: datetime | None = None,
        organization_id: str | None = None,
    ) -> Consent:
        target = self.target(organization_id)
        made = Consent(
            organization_id=target,
            contact_id=self.own(Contact, contact_id, target),
            purpose=purpose,
            channel=channel,
            is_granted=is_granted,
            lawful_basis=lawful_basis,
            wording=wording,
            wording_version=wording_version,
            source=source,
            proof=dict(proof or {}),
            occurred_at=occurred_at or self.work.now(),
            expires_at=expires_at,
        )
        self.session.add(made)
        self.session.flush()
        return made

    def of_contact(self, contact_id: str) -> list[Consent]:
        """All of a contact's, newest first."""
        return list(
            self.session.scalars(
                select(Consent)
                .where(Consent.contact_id == contact_id, self.readable(Consent.organization_id))
                .order_by(Consent.occurred_at.desc(), Consent.consent_id.desc())
            )
        )

    def current(self, contact_id: str, purpose: str, channel: str = "email") -> Consent | None:
        """The one that counts now; None when nobody was asked or the answer has expired."""
        found = next(
            (one for one in self.of_contact(contact_id) if (one.purpose, one.channel) == (purpose, channel)), None
        )
        return None if found and found.expires_at and found.expires_at <= self.work.now() else found


class Suppressions(Repository):
    """Who must not be contacted. Values are kept as HMAC under the organization's key, so they outlive an erasure."""

    def add(
        self,
        kind: str,
        value: str,
        *,
        reason: str,
        source: str = "",
        contact_id: str | None = None,
        campaign_id: str = "",
        until: datetime | None = None,
        organization_id: str | None = None,
    ) -> Suppression:
        """Suppresses an address, domain, company id or phone number, for all campaigns or one, for good or `until` a
        moment; again is no error, one that was lifted holds again, and none is ever shortened."""
        target = self.target(organization_id)
        found = self.find(kind, value, campaign_id=campaign_id, organization_id=target)
        if found is None:
            found = Suppression(
                organization_id=target,
                kind=kind,
                value_hash=self.hashed(kind, value, target),
                contact_id=self.own(Contact, contact_id, target),
                campaign_id=campaign_id,
                reason=reason,
                source=source,
                lifted_at=until,
            )
            self.session.add(found)
        elif found.lifted_at is not None and (until is None or until > found.lifted_at):
            found.lifted_at, found.lifted_by, found.reason, found.source = until, None, reason, source
        self.session.flush()
        return found

    def find(
        self, kind: str, value: str, *, campaign_id: str = "", organization_id: str | None = None
    ) -> Suppression | None:
        """The one of exactly this value, whether it holds or was lifted."""
        target = self.target(organization_id)
        return self.session.scalars(
            select(Suppression).where(
                Suppression.organization_id == target,
                Suppression.kind == kind,
                Suppression.value_hash == self.hashed(kind, value, target),
                Suppression.campaign_id == campaign_id,
            )
        ).first()

    def of_address(self, email: EmailAddress, *, organization_id: str | None = None) -> list[Suppression]:
        """Those that hold for exactly this address, whatever the campaign, oldest first."""
        target = self.target(organization_id)
        asked = select(Suppression).where(
            Suppression.organization_id == target,
            Suppression.kind == "email",
            Suppression.value_hash == self.hashed("email", email.value, target),
            holds(self.work.now()),
        )
        return list(self.session.scalars(asked.order_by(Suppression.created_at, Suppression.suppression_id)))

    def holding(
        self,
        *,
        email: EmailAddress | None = None,
        company_id: str | None = None,
        phone: str | None = None,
        campaign_id: str = "",
        organization_id: str | None = None,
    ) -> Suppression | None:
        """The first suppression that holds for somebody reached this way (an address brings its domain); else None."""
        target = self.target(organization_id)
        asked = {"email": email.value, "domain": email.domain.value} if email else {}
        asked |= {"company": company_id} if company_id else {}
        asked |= {"phone": phone} if phone else {}
        if not asked:
            return None
        return self.session.scalars(
            select(Suppression)
            .where(
                Suppression.organization_id == target,
                holds(self.work.now()),
                Suppression.campaign_id.in_({"", campaign_id}),
                or_(
                    *(
                        and_(Suppression.kind == kind, Suppression.value_hash == self.hashed(kind, value, target))
                        for kind, value in asked.items()
                    )
                ),
            )
            .order_by(Suppression.created_at, Suppression.suppression_id)
            .limit(1)
        ).first()

    def lift(self, suppression_id: str) -> Suppression:
        """Only a person lifts one; raises NotAllowed for programs and models."""
        if self.work.actor.kind != "user":
            raise NotAllowed("only a person lifts a suppression")
        found = self.by_id(Suppression, suppression_id)
        if found is None:
            raise NotFound
        self.writable(found.organization_id)
        found.lifted_at, found.lifted_by = self.work.now(), self.work.actor.id
        self.session.flush()
        return found

    def all(self) -> list[Suppression]:
        """Those that hold, newest first."""
        return list(
            self.session.scalars(
                select(Suppression)
                .where(self.readable(Suppression.organization_id), holds(self.work.now()))
                .order_by(Suppression.created_at.desc(), Suppression.suppression_id.desc())
            )
        )

    def suppressed_companies(self, domains: Mapping[str, str | None]) -> set[str]:
        """Of companies given as id to domain, those that must not be contacted, by themselves or by their domain."""
        target = self.target()
        held = select(Suppression.kind, Suppression.value_hash).where(
            Suppression.organization_id == target,
            Suppression.kind.in_(("company", "domain")),
            Suppression.campaign_id == "",
            holds(self.work.now()),
        )
        hashes = {(row[0], row[1]) for row in self.session.execute(held)}
        if not hashes:
            return set()
        key = Organizations(self.work).hash_key(target)

        def is_held(kind: str, value: str) -> bool:
            return (kind, hmac.new(key, value.encode(), hashlib.sha256).hexdigest()) in hashes

        return {
            company_id
            for company_id, domain in domains.items()
            if is_held("company", company_id) or (domain and is_held("domain", domain))
        }

    def hashed(self, kind: str, value: str, organization_id: str | None = None) -> str:
        """How an address, domain, company id or telephone is kept: HMAC-SHA256 under the organization's key."""
        if kind not in SUPPRESSION_KINDS:
            raise InvalidInput(f"cannot suppress a {kind!r}")
        match kind:
            case "email":
                value = EmailAddress.parse(value).value
            case "domain":
                value = Domain.parse(value).value
            case "phone":
                value = "".join(letter for letter in value if letter.isdigit() or letter == "+")
        key = Organizations(self.work).hash_key(self.target(organization_id))
        return hmac.new(key, value.encode(), hashlib.sha256).hexdigest()


def holds(now: datetime) -> ColumnElement[bool]:
    """Whether a suppression holds at a moment: it was not lifted, or will be later, as whoever asked for a pause said."""
    return or_(Suppression.lifted_at.is_(None), Suppression.lifted_at > now)
