"""A lead came in: its clock begins, and it is given to somebody, in the unit of work that writes it down."""

from __future__ import annotations

from domain.routing import SETTING as ROUTING
from domain.service_levels import SETTING as SERVICE_LEVELS
from domain.service_levels import Clock
from serving.routing.assignment import desk_of, route_contact
from serving.service_levels.starting import start_clock
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.routing import Leads
from storage.ops.store import Work
from storage.ops.tables import Contact


def take_up(work: Work, contact: Contact, *, is_new: bool) -> None:
    """`is_new`: whether they became a lead by this. Somebody without an owner is routed also when they come back. The
    clock begins when we hear of them, whenever it happened: nobody is late for what nobody knew."""
    settings = OrganizationSettings(work)
    if settings.current(ROUTING) is None and settings.current(SERVICE_LEVELS) is None:
        return
    facts = Leads(work).facts_of([contact.contact_id])[contact.contact_id]
    if is_new:
        start_clock(work, contact, Clock.SPEED_TO_LEAD, facts)
    if contact.owner_user_id is None and (desk := desk_of(work)) is not None:
        route_contact(work, contact, desk, facts, cause="new_lead")
