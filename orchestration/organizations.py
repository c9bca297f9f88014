"""Which organizations there are, for work that is done for each of them in turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from domain.errors import InvalidInput
from domain.tenancy import SystemScope
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store


@dataclass(frozen=True, slots=True)
class Named:
    """An organization by its id, slug and name."""

    organization_id: str
    slug: str
    name: str


def all_organizations(store: Store) -> Sequence[Named]:
    """Every organization, in order of slug."""
    return _named(store, with_contacts=False)


def organizations_with_contacts(store: Store) -> Sequence[Named]:
    """Those with at least one contact, in order of slug."""
    return _named(store, with_contacts=True)


def organization_named(store: Store, slug_or_id: str) -> Named:
    """The organization of a slug or id; raises InvalidInput listing those that exist."""
    found = {key: each for each in all_organizations(store) for key in (each.slug, each.organization_id)}
    if slug_or_id not in found:
        slugs = ", ".join(each.slug for each in all_organizations(store)) or "none yet"
        raise InvalidInput(f"no organization {slug_or_id!r}", hint=f"Organizations here: {slugs}.")
    return found[slug_or_id]


def _named(store: Store, *, with_contacts: bool) -> Sequence[Named]:
    with store.read(SystemScope("work for each organization")) as work:
        found = Organizations(work).in_order_of_slug(with_contacts=with_contacts)
    return [Named(each.organization_id, each.slug, each.name) for each in found]
