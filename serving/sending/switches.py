"""What stops all sending at once: of the installation; of an organization, by its own switch or by its agency's.

An agency answers for what leaves in its clients' names: its switch stops them too, and theirs does not open it.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.settings import Settings
from domain.tenancy import SystemScope
from serving.sending.installation import is_installation_stopped
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store, Work

SETTING = "sending"
SCOPE = SystemScope("switches of sending")
"""A client's own scope cannot read its agency's switch, which holds for it all the same."""


def is_switched_off(work: Work, organization_id: str) -> bool:
    """By its own switch."""
    held = OrganizationSettings(work).current(SETTING, organization_id=organization_id)
    return bool(held and held.value.get("is_stopped"))


def stopped_organizations(work: Work) -> frozenset[str]:
    """Those whose switch is off, and the clients of such agencies (SystemScope)."""
    off = [each for each in OrganizationSettings(work).holders(SETTING) if is_switched_off(work, each)]
    return frozenset(one.organization_id for each in off for one in Organizations(work).with_clients(each))


def agency_of(work: Work, organization_id: str) -> str | None:
    """None for an agency itself."""
    return Organizations(work).get(organization_id).parent_organization_id


def switched_off(work: Work, organization_id: str) -> Iterator[tuple[str, str]]:
    """Each switch of an organization that stops it, the outermost first: the reason, and whose it is (SystemScope)."""
    agency_id = agency_of(work, organization_id)
    if agency_id is not None and is_switched_off(work, agency_id):
        yield "agency_stopped", agency_id
    if is_switched_off(work, organization_id):
        yield "organization_stopped", organization_id


def closed(work: Work, settings: Settings, organization_id: str) -> str:
    """The outermost switch that is off, in the words of a reason; empty where sending is on (SystemScope)."""
    if is_installation_stopped(settings):
        return "installation_stopped"
    return next((reason for reason, _ in switched_off(work, organization_id)), "")


def closed_now(store: Store, settings: Settings, organization_id: str) -> str:
    with store.read(SCOPE) as work:
        return closed(work, settings, organization_id)
