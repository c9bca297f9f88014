"""When clocks begin: with a lead, and with its owner. The terms are kept with the clock, as its policy said them then."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.service_levels import SETTING, Clock, Policy, Running, next_look_at, parse_service_levels, policy_for
from storage.ops.repositories.base import Repository
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.service_clocks import ServiceClocks
from storage.ops.store import Work
from storage.ops.tables import Contact


def start_clock(
    work: Work, contact: Contact, clock: Clock, facts: Mapping[str, Any], *, since: datetime | None = None
) -> None:
    """Begins a clock where a policy asks for it and none of its kind runs for this contact; `since`: a moment ago."""
    held = OrganizationSettings(work).current(SETTING)
    if held is None or not held.value.get("policies"):
        return
    policy = policy_for(current_policies(work), clock, facts)
    clocks = ServiceClocks(work)
    if policy is None or clocks.running(contact.contact_id, clock):
        return
    began_at = since or work.now()
    clocks.start(
        contact.contact_id,
        clock,
        policy=policy.name,
        terms=next(each for each in held.value["policies"] if each["name"].strip() == policy.name),
        owner_user_id=contact.owner_user_id,
        next_look_at=next_look_at(policy, Running(began_at), (), work.now()),
        started_at=began_at,
    )


def change_owner(work: Work, contact: Contact, facts: Mapping[str, Any]) -> None:
    """After a contact went to somebody, or to nobody: an owner's own clock begins anew, the others are theirs to answer for."""
    clocks = ServiceClocks(work)
    for running in clocks.running(contact.contact_id):
        if running.clock == Clock.REP:
            clocks.close(running)
        else:
            running.owner_user_id = contact.owner_user_id
    if contact.owner_user_id is not None:
        start_clock(work, contact, Clock.REP, facts)


def current_policies(work: Work) -> tuple[Policy, ...]:
    """The promises that hold now."""
    held = OrganizationSettings(work).current(SETTING)
    if held is None or not held.value.get("policies"):
        return ()
    return read_policies(held.value, Organizations(work).get(Repository(work).target()).time_zone)


def read_policies(value: Mapping[str, Any], time_zone: str) -> tuple[Policy, ...]:
    """Policies that were checked when they were set; whoever has left since is still named in them."""
    named = [each["escalates_to"] for each in value["policies"] if each.get("escalates_to")]
    return parse_service_levels(value, named, time_zone)
