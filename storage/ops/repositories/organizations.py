"""Organizations: an agency and its clients, the key of each, and what a member of one may see."""

from __future__ import annotations

import os
import re
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import exists, or_, select

from domain.errors import InvalidInput, NotFound
from domain.ids import new_id
from domain.tenancy import OrganizationKind, Scope
from domain.time_zones import time_zone_names
from storage.ops.repositories.base import Repository
from storage.ops.tables import Contact, Organization

HASH_KEY_BYTES = 32


class Organizations(Repository):
    """Made and listed under SystemScope (set-up, login); read under any scope that includes them."""

    def create_agency(
        self, name: str, *, slug: str | None = None, time_zone: str = "UTC", currency: str = "USD"
    ) -> Organization:
        """An agency, with a fresh key for the hashes of its e-mail addresses."""
        self.require_system()
        return self._create(OrganizationKind.AGENCY, None, name, slug, time_zone, currency)

    def create_client(
        self,
        agency_id: str,
        name: str,
        *,
        slug: str | None = None,
        time_zone: str | None = None,
        currency: str | None = None,
    ) -> Organization:
        """A client of an agency; time zone and currency are the agency's unless given. A client has no clients."""
        self.require_system()
        agency = self.get(agency_id)
        if agency.kind != OrganizationKind.AGENCY:
            raise InvalidInput("only an agency has clients")
        return self._create(
            OrganizationKind.CLIENT, agency_id, name, slug, time_zone or agency.time_zone, currency or agency.currency
        )

    def find(self, organization_id: str) -> Organization | None:
        return self.session.scalars(
            select(Organization).where(
                Organization.organization_id == organization_id, self.readable(Organization.organization_id)
            )
        ).first()

    def get(self, organization_id: str) -> Organization:
        """Raises NotFound."""
        found = self.find(organization_id)
        if found is None:
            raise NotFound
        return found

    def today(self, organization_id: str) -> date:
        """The day that it is where the organization is. Raises NotFound."""
        return self.work.now().astimezone(ZoneInfo(self.get(organization_id).time_zone)).date()

    def find_by_slug(self, slug: str) -> Organization | None:
        return self.session.scalars(
            select(Organization).where(Organization.slug == slug, self.readable(Organization.organization_id))
        ).first()

    def all(self) -> list[Organization]:
        """Those the scope may read, agencies before their clients, by name."""
        return list(
            self.session.scalars(
                select(Organization)
                .where(self.readable(Organization.organization_id))
                .order_by(Organization.kind, Organization.name, Organization.organization_id)
            )
        )

    def in_order_of_slug(self, *, with_contacts: bool = False) -> list[Organization]:
        """Those the scope may read; with `with_contacts` only those that know somebody."""
        query = select(Organization).where(self.readable(Organization.organization_id)).order_by(Organization.slug)
        if with_contacts:
            query = query.where(exists().where(Contact.organization_id == Organization.organization_id))
        return list(self.session.scalars(query))

    def with_clients(self, organization_id: str) -> list[Organization]:
        """An organization and, if it is an agency, its clients: itself first."""
        found = self.session.scalars(
            select(Organization)
            .where(
                or_(
                    Organization.organization_id == organization_id,
                    Organization.parent_organization_id == organization_id,
                ),
                self.readable(Organization.organization_id),
            )
            .order_by(Organization.kind, Organization.name, Organization.organization_id)
        )
        return list(found)

    def scope_of(self, organization_id: str) -> Scope:
        """What a member of the organization reads: it and, for an agency, its clients. Raises NotFound."""
        family = [found.organization_id for found in self.with_clients(organization_id)]
        if organization_id not in family:
            raise NotFound
        return Scope.of(organization_id, *family)

    def hash_key(self, organization_id: str) -> bytes:
        """The key for HMACs of e-mail addresses (`EmailAddress.hashed`) and for `user_hash`: 32 bytes, never shown."""
        sealed = self.get(organization_id).hash_key
        return self.work.sealer.open(sealed, organization_id, "organizations", "hash_key")

    def _create(
        self, kind: OrganizationKind, parent: str | None, name: str, slug: str | None, time_zone: str, currency: str
    ) -> Organization:
        if not name.strip():
            raise InvalidInput("an organization needs a name")
        if time_zone not in time_zone_names():
            raise InvalidInput(f"not an IANA time zone: {time_zone!r}")
        if not re.fullmatch(r"[A-Z]{3}", currency):
            raise InvalidInput(f"not an ISO 4217 currency: {currency!r}")
        organization_id = new_id()
        made = Organization(
            organization_id=organization_id,
            parent_organization_id=parent,
            kind=kind.value,
            name=name.strip(),
            slug=self._free_slug(slug or name),
            time_zone=ZoneInfo(time_zone).key,
            currency=currency,
            hash_key=self.work.sealer.seal(os.urandom(HASH_KEY_BYTES), organization_id, "organizations", "hash_key"),
            created_at=self.work.now(),
            updated_at=self.work.now(),
        )
        self.session.add(made)
        self.session.flush()
        return made

    def _free_slug(self, wanted: str) -> str:
        base = re.sub(r"[^a-z0-9]+", "-", wanted.casefold()).strip("-")[:60] or "organization"
        taken = set(self.session.scalars(select(Organization.slug).where(Organization.slug.startswith(base))))
        return next(slug for slug in (base, *(f"{base}-{n}" for n in range(2, len(taken) + 3))) if slug not in taken)
