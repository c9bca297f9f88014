"""A lead gets its owner: the rules are asked, and what they said is carried out and written down, all in one unit of work."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain.decisions import DecisionKind
from domain.permissions import GRANTS, Permission
from domain.routing import SETTING, Choice, Person, Routed, Routing, Step, parse_person, parse_routing, route
from domain.tenancy import Role
from domain.webhook_events import WebhookEvent
from serving.crm.presenters import display_name
from serving.service_levels.starting import change_owner
from serving.webhook_endpoints.publishing import publish
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.base import Repository
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.members import Member, members_of
from storage.ops.repositories.notifications import Notifications
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.routing import Leads, RepDuties, RoutingTurns
from storage.ops.store import Work
from storage.ops.tables import Contact


@dataclass(frozen=True, slots=True)
class Desk:
    """A routing and the people it may choose among, at one moment."""

    routing: Routing
    people: dict[str, Person]
    names: Mapping[str, str]

    def count_on(self, user_id: str) -> None:
        """They got one more: in a long run of leads, who is full is passed over as it happens."""
        if person := self.people.get(user_id):
            self.people[user_id] = replace(person, open_count=person.open_count + 1)


def desk_of(work: Work) -> Desk | None:
    """The routing that holds now, or None where leads are not routed."""
    held = OrganizationSettings(work).current(SETTING)
    if held is None or not held.value.get("rules"):
        return None
    return make_desk(work, held.value, f"{SETTING}/{held.version}")


def make_desk(work: Work, value: Mapping[str, Any], version: str) -> Desk:
    """A routing that was checked when it was set. Where its fallback has left since, the first of the remaining people
    takes their place: a lead is never nobody's."""
    members = reps_of(work)
    routing = replace(parse_routing(value, list(_named(value))), version=version)
    if members and all(member.user_id != routing.fallback_user_id for member in members):
        routing = replace(routing, fallback_user_id=by_seniority(members)[0].user_id)
    return Desk(routing, people_of(work, members), {member.user_id: name_of(member) for member in members})


def reps_of(work: Work) -> list[Member]:
    """Who may own leads: whoever may change contacts."""
    organization_id = Repository(work).target()
    return [each for each in members_of(work.store, organization_id) if Permission.CONTACTS_WRITE in GRANTS[each.role]]


def by_seniority(members: Iterable[Member]) -> list[Member]:
    """From owner to operator; of equals in the order they came."""
    return sorted(members, key=lambda member: list(Role).index(member.role))


def name_of(member: Member) -> str:
    return member.name or member.email


def people_of(work: Work, members: Iterable[Member]) -> dict[str, Person]:
    """Members with their duty and what they work on; that is counted only where it matters."""
    time_zone = Organizations(work).get(Repository(work).target()).time_zone
    duties = RepDuties(work).all()
    limited = [member.user_id for member in members if duties.get(member.user_id, {}).get("capacity") is not None]
    loads = Leads(work).open_counts(limited) if limited else Counter[str]()
    return {
        member.user_id: parse_person(
            member.user_id, duties.get(member.user_id, {}), time_zone=time_zone, open_count=loads[member.user_id]
        )
        for member in members
    }


def route_contact(
    work: Work,
    contact: Contact,
    desk: Desk,
    facts: Mapping[str, Any],
    *,
    cause: str,
    without: frozenset[str] = frozenset(),
    tells: bool = True,
    before: Sequence[Step] = (),
) -> Routed:
    """Asks the rules, gives the contact to whom they name, and says why in the ledger. `cause`: `new_lead`, `by_hand`,
    `import`, `service_level` or `play`; `tells`: whether the owner is notified of this one; `before`: what came before the rules
    were asked."""
    turns = RoutingTurns(work)
    pools = [rule.name for rule in desk.routing.rules if rule.choice is Choice.POOL]
    routed = route(desk.routing, facts, desk.people, turns.held(pools), now=work.now(), without=without)
    routed = replace(routed, steps=(*before, *routed.steps))
    if routed.turns is not None:
        turns.keep(routed.rule, routed.turns)
    Decisions(work).record(
        DecisionKind.ROUTE,
        "contact",
        contact.contact_id,
        routed.user_id,
        routed.reason,
        {
            "owner": desk.names.get(routed.user_id, ""),
            "rule": routed.rule,
            "cause": cause,
            "former_owner_user_id": contact.owner_user_id,
            "steps": steps_of(routed),
        },
        desk.routing.version,
    )
    if assign(work, contact, routed.user_id, desk.names, facts, cause=cause, tells=tells):
        desk.count_on(routed.user_id)
    return routed


def assign(
    work: Work,
    contact: Contact,
    user_id: str,
    names: Mapping[str, str],
    facts: Mapping[str, Any],
    *,
    cause: str,
    tells: bool = True,
) -> bool:
    """Makes somebody the owner; answers whether anything changed. Callers have checked that they work here."""
    former = contact.owner_user_id
    if former == user_id:
        return False
    contact.owner_user_id = user_id
    work.session.flush()
    owner_changed(work, contact, former, names, facts, cause=cause, tells=tells)
    return True


def owner_changed(
    work: Work,
    contact: Contact,
    former: str | None,
    names: Mapping[str, str],
    facts: Mapping[str, Any],
    *,
    cause: str,
    tells: bool = True,
) -> None:
    """What follows when a contact went to somebody: a line in the timeline, the new owner's clock, and a word to them and
    to webhooks; to those not of an import, which may be a million."""
    owner = contact.owner_user_id
    Activities(work).add(
        kind="owner_change",
        contact_id=contact.contact_id,
        company_id=contact.company_id,
        summary=" → ".join(names.get(user, "Somebody") if user else "Nobody" for user in (former, owner)),
        detail={"from": former, "to": owner, "cause": cause},
    )
    change_owner(work, contact, facts)
    if owner and cause != "import":
        told = {"owner_user_id": owner, "former_owner_user_id": former, "cause": cause, "link": link_to(contact)}
        publish(work, WebhookEvent.LEAD_ASSIGNED, {"contact_id": contact.contact_id, **told})
    if tells and owner and not (work.actor.kind == "user" and work.actor.id == owner):
        Notifications(work).add(
            owner,
            "lead_assigned",
            f"{display_name(contact)} is yours",
            body=SAID[cause],
            link=link_to(contact),
            contact_id=contact.contact_id,
        )


SAID: Mapping[str, str] = {
    "new_lead": "A new lead, given to you by the rules.",
    "by_hand": "Somebody gave it to you.",
    "import": "It was imported.",
    "service_level": "It was not touched in time by the one who had it.",
    "play": "A signal came in, and a play gave it to you.",
}
"""Why somebody got a lead, in words for them."""


def link_to(contact: Contact) -> str:
    return f"/app/leads?contact={contact.contact_id}"


def steps_of(routed: Routed) -> list[dict[str, Any]]:
    """The way to the answer, for the ledger and for people."""
    return [{"rule": step.rule, "outcome": step.outcome, **step.detail} for step in routed.steps]


def _named(value: Mapping[str, Any]) -> set[str]:
    """Everybody a routing names, whether they still work here or not."""
    return {str(value["fallback_user_id"]), *(user for rule in value["rules"] for user in rule.get("people") or {})}
