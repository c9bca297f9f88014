"""What the routes of routing do: rules and duty, one contact by hand, and a routing tried on the past."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from domain.errors import InvalidInput
from domain.routing import FIELDS, SETTING, Routed, parse_person, parse_routing, route
from serving.crm.presenters import display_name
from serving.routing.assignment import (
    Desk,
    desk_of,
    make_desk,
    name_of,
    people_of,
    reps_of,
    route_contact,
    steps_of,
)
from serving.routing.schemas import (
    DutyIn,
    PersonOut,
    RoutedOut,
    RoutingIn,
    RoutingOut,
    SimulationIn,
    SimulationOut,
    TriedOut,
)
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.routing import Leads, RepDuties
from storage.ops.store import Work

MOST_TRIED = 5_000
SHOWN = 50
AT_ONCE = 500


def shown(work: Work) -> RoutingOut:
    held = OrganizationSettings(work).current(SETTING)
    value = held.value if held is not None and held.value.get("rules") else None
    members = reps_of(work)
    people, duties = people_of(work, members), RepDuties(work).all()
    loads = Leads(work).open_counts(people)
    return RoutingOut(
        version=held.version if held else None,
        changed_at=held.valid_from if held else None,
        routing=RoutingIn.model_validate(value) if value else None,
        people=[
            PersonOut(
                user_id=member.user_id,
                name=name_of(member),
                role=member.role.value,
                duty=duties.get(member.user_id, {}),
                open_count=loads[member.user_id],
                absence=people[member.user_id].absence(work.now(), asks_hours=True),
            )
            for member in members
        ],
        fields=sorted(FIELDS),
    )


def put_routing(work: Work, body: RoutingIn | None) -> RoutingOut:
    """A new version, which holds from now on; None switches routing off. Raises InvalidInput for its first fault."""
    settings = OrganizationSettings(work)
    value = body.as_setting() if body else {}
    if body:
        parse_routing(value, [member.user_id for member in reps_of(work)])
    if value or settings.current(SETTING) is not None:
        settings.change(SETTING, value)
    return shown(work)


def put_duty(work: Work, user_id: str, body: DutyIn) -> RoutingOut:
    """Raises InvalidInput for somebody who may own no leads here, and for hours or days that are none."""
    if all(member.user_id != user_id for member in reps_of(work)):
        raise InvalidInput("this person cannot own leads here", hint="They need to be an operator or more.")
    duties = RepDuties(work)
    time_zone = Organizations(work).get(duties.target()).time_zone
    value = body.as_setting()
    parse_person(user_id, value, time_zone=time_zone)
    before = duties.all().get(user_id)
    duties.put(user_id, value)
    Audit(work).record("change", "rep_duty", user_id, before=before, after=value)
    return shown(work)


def route_by_hand(work: Work, contact_id: str) -> RoutedOut:
    """Asks the rules again. Raises NotFound, and InvalidInput where there are none."""
    leads = Leads(work)
    contact = leads.held(contact_id)
    desk = _desk(work, None)
    before = contact.owner_user_id
    facts = leads.facts_of([contact_id])[contact_id]
    routed = route_contact(work, contact, desk, facts, cause="by_hand")
    Audit(work).record(
        "route",
        "contact",
        contact_id,
        subject_id=contact_id,
        before={"owner_user_id": before},
        after={"owner_user_id": routed.user_id},
    )
    return _routed(contact_id, routed, desk)


def simulate(work: Work, body: SimulationIn, now: datetime) -> SimulationOut:
    """Each contact as it is known today, at the hour it came in, oldest first, with fresh turns and today's load."""
    desk = _desk(work, body.routing)
    leads = Leads(work)
    found = leads.recent(now - timedelta(days=body.days), limit=MOST_TRIED + 1)
    contacts = found[-MOST_TRIED:]
    turns: dict[str, dict[str, int]] = {}
    owners, rules, changed, examples = Counter[str](), Counter[str](), 0, []
    for start in range(0, len(contacts), AT_ONCE):
        some = contacts[start : start + AT_ONCE]
        facts = leads.facts_of([contact.contact_id for contact in some])
        for contact in some:
            routed = route(desk.routing, facts[contact.contact_id], desk.people, turns, now=contact.created_at)
            if routed.turns is not None:
                turns[routed.rule] = dict(routed.turns)
            owners[routed.user_id] += 1
            rules[routed.rule] += 1
            changed += contact.owner_user_id is not None and contact.owner_user_id != routed.user_id
            examples.append((contact, routed))
    return SimulationOut(
        contact_count=len(contacts),
        is_cut=len(found) > MOST_TRIED,
        by_owner=dict(owners.most_common()),
        by_rule={rule: rules[rule] for rule in (*(each.name for each in desk.routing.rules), "fallback")},
        changed_count=changed,
        unowned_count=sum(contact.owner_user_id is None for contact in contacts),
        examples=[
            TriedOut(
                **_routed(contact.contact_id, routed, desk).model_dump(),
                name=display_name(contact),
                former_owner_user_id=contact.owner_user_id,
                created_at=contact.created_at,
            )
            for contact, routed in reversed(examples[-SHOWN:])
        ],
    )


def _desk(work: Work, draft: RoutingIn | None) -> Desk:
    if draft is not None:
        value = draft.as_setting()
        parse_routing(value, [member.user_id for member in reps_of(work)])
        return make_desk(work, value, "draft")
    desk = desk_of(work)
    if desk is None:
        raise InvalidInput("leads are not routed here", hint="Set rules first: PUT /v1/routing, or the page Routing.")
    return desk


def _routed(contact_id: str, routed: Routed, desk: Desk) -> RoutedOut:
    return RoutedOut(
        contact_id=contact_id,
        owner_user_id=routed.user_id,
        owner=desk.names.get(routed.user_id, ""),
        rule=routed.rule,
        reason=routed.reason,
        steps=steps_of(routed),
    )
