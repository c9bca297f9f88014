"""How organizations look: set by those who administer one, seen by everybody who comes to its login page."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import Select, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from domain.brands import ACCENT, PRIMARY, Colour, Shades
from domain.errors import Conflict
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.tables import Brand, Organization


@dataclass(frozen=True, slots=True)
class Look:
    """What people see: an organization's own brand, else its agency's, else ours."""

    name: str
    slug: str
    """Of the organization whose brand it is; "" for ours."""
    primary: Shades
    accent: Shades
    logo_hash: str | None = None


OURS = Look("Leadhouse", "", Colour(PRIMARY).shades(), Colour(ACCENT).shades())


class Brands(Repository):
    def held(self) -> Brand:
        """The organization's own row, made when first asked for, about to be changed."""
        target = self.target()
        found = self.session.scalars(select(Brand).where(Brand.organization_id == target).with_for_update()).first()
        if found is None:
            found = Brand(organization_id=target, name="")
            self.session.add(found)
            self.session.flush()
        return found

    def find_own(self) -> Brand | None:
        return self.session.scalars(select(Brand).where(Brand.organization_id == self.target())).first()

    def change(self, *, name: str, primary: Colour | None, accent: Colour | None, host: str | None) -> Brand:
        """Raises Conflict for a host that another organization has."""
        found = self.held()
        before = _shown(found)
        try:
            with self.session.begin_nested():
                found.name, found.host = name, host
                self.session.flush()
        except IntegrityError as error:  # its holder's row is not ours to see
            raise Conflict("another organization has this host") from error
        found.primary_colour = primary.value if primary else None
        found.accent_colour = accent.value if accent else None
        self._changed(found, before)
        return found

    def set_logo(self, logo: bytes | None) -> Brand:
        """`logo` is a PNG that we drew; None takes it away."""
        found = self.held()
        before = _shown(found)
        found.logo, found.logo_hash = logo, hashlib.sha256(logo).hexdigest() if logo else None
        self._changed(found, before)
        return found

    def look_of(self, organization_id: str) -> Look:
        """Under SystemScope, as all looks: a client does not see the row of its agency, and a stranger none."""
        self.require_system()
        own = aliased(Organization)
        return self._look(
            select(Brand, Organization)
            .join(Organization, Organization.organization_id == Brand.organization_id)
            .join(
                own,
                or_(own.organization_id == Brand.organization_id, own.parent_organization_id == Brand.organization_id),
            )
            .where(own.organization_id == organization_id)
            .order_by(Brand.organization_id != own.organization_id)
        )

    def look_at(self, *, slug: str, host: str) -> Look:
        """What a login page shows: the organization that its link names, else the one whose host it was called by."""
        self.require_system()
        if slug:
            named = self.session.scalar(select(Organization.organization_id).where(Organization.slug == slug))
            if named is not None:
                return self.look_of(named)
        return self._look(
            select(Brand, Organization)
            .join(Organization, Organization.organization_id == Brand.organization_id)
            .where(Brand.host == host)
        )

    def logo_of(self, slug: str, logo_hash: str) -> bytes | None:
        self.require_system()
        return self.session.scalar(
            select(Brand.logo)
            .join(Organization, Organization.organization_id == Brand.organization_id)
            .where(Organization.slug == slug, Brand.logo_hash == logo_hash)
        )

    def _look(self, asked: Select[Brand, Organization]) -> Look:
        row = self.session.execute(asked.limit(1)).first()
        if row is None:
            return OURS
        brand, organization = row
        return Look(
            brand.name or organization.name,
            organization.slug,
            Colour(brand.primary_colour or PRIMARY).shades(),
            Colour(brand.accent_colour or ACCENT).shades(),
            brand.logo_hash,
        )

    def _changed(self, brand: Brand, before: dict[str, str | None]) -> None:
        self.session.flush()
        if _shown(brand) != before:
            Audit(self.work).record("change", "brand", brand.organization_id, before=before, after=_shown(brand))


def _shown(brand: Brand) -> dict[str, str | None]:
    return {
        "name": brand.name,
        "primary_colour": brand.primary_colour,
        "accent_colour": brand.accent_colour,
        "host": brand.host,
        "logo_hash": brand.logo_hash,
    }
