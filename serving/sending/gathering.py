"""Everything a decision needs, for many people of one sequence, read in a dozen questions: for the engine, the dry run and
the diagnosis alike, so that the three cannot disagree."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

import msgspec

from domain.contacts import EmailAddress
from domain.mail_domains import company_domain
from domain.outreach.deciding import Campaign, Mailbox, Person
from domain.outreach.health import Band
from domain.outreach.limits import Cap, SendTimes, asked_since, together
from domain.outreach.mailboxes import mailbox_of, terms_of
from domain.outreach.sequences import Sequence as Definition
from domain.outreach.sequences import exclude_each_other, parse_sequence
from domain.outreach.signals import Reaction, Signal
from domain.outreach.walking import Position
from domain.settings import Settings
from domain.tasks import TOUCHES, LoggedKind
from domain.verification import is_known_undeliverable
from domain.working_hours import WorkingHours
from serving.sending.switches import closed
from serving.sending.timing import Clock, clocks
from serving.sending.zones import zone_of
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.mailboxes import REMOVED, Mailboxes, SendingDomains
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.outreach_facts import Known, OutreachFacts
from storage.ops.repositories.sequences import Sequences
from storage.ops.repositories.ways import Begun, Elsewhere, Way, Ways
from storage.ops.store import Work
from storage.ops.tables import Mailbox as MailboxRow
from storage.ops.tables import OutreachSequence

CLOSED = {"paused": "mailbox_paused", "broken": "mailbox_broken", REMOVED: "mailbox_removed"}


@dataclass(frozen=True, slots=True)
class Case:
    """Somebody in a sequence, and all that is known of them."""

    enrolment: Way
    definition: Definition
    known: Known | None
    person: Person
    facts: Mapping[str, Any]
    units: Mapping[str, str]

    @property
    def domain(self) -> str:
        return self.person.email.rpartition("@")[2]

    @property
    def position(self) -> Position:
        one = self.enrolment
        return Position(one.step_id, one.arrived_at, one.due_at, dict(one.arms or {}))


@dataclass(frozen=True, slots=True)
class Situation:
    """A sequence at one moment. `mailboxes` are those that may carry something new of it, by id; `all_mailboxes` those
    that threads hang on."""

    row: OutreachSequence
    time_zone: str
    cases: Sequence[Case]
    campaigns: Mapping[int, Campaign]
    mailboxes: Mapping[str, Mailbox]
    all_mailboxes: Mapping[str, Mailbox]
    rows: Mapping[str, MailboxRow]
    busy: dict[str, int]
    """How many people of each company were written to and are not through."""
    sender_domain_times: Mapping[str, SendTimes] = field(repr=False)
    domain_times: Mapping[str, SendTimes] = field(repr=False)
    sequence_times: SendTimes = field(repr=False)
    new_times: SendTimes = field(repr=False)
    clocks: Mapping[str, Clock] = field(default_factory=dict, repr=False)
    """When people answer, by contact, where messages wait for that."""

    def carriers(self, case: Case) -> list[Mailbox]:
        """The mailbox of the thread, or all that may begin one."""
        if case.enrolment.mailbox_id:
            found = self.all_mailboxes.get(case.enrolment.mailbox_id)
            return [found] if found else []
        return list(self.mailboxes.values())

    def person(self, case: Case) -> Person:
        """Whom it is for, as far as others who were decided on before them leave room."""
        one = case.enrolment
        if one.mailbox_id is not None or not one.company_id:
            return case.person
        is_full = self.busy.get(one.company_id, 0) >= case.definition.limits.active_per_company
        return replace(case.person, is_company_full=is_full)

    def count(self, case: Case, mailbox_id: str, now: datetime) -> None:
        """A message was decided: it counts from now on. Call it before the enrolment says so itself."""
        one = case.enrolment
        self.all_mailboxes[mailbox_id].times.add(now)
        self.sender_domain_times[self.rows[mailbox_id].domain].add(now)
        self.sequence_times.add(now)
        self.domain_times[case.domain].add(now)
        if one.sent_count == 0:
            self.new_times.add(now)
        if one.mailbox_id is None and one.company_id:
            self.busy[one.company_id] = self.busy.get(one.company_id, 0) + 1


def gather(
    work: Work,
    settings: Settings,
    row: OutreachSequence,
    enrolments: Sequence[Way],
    now: datetime,
    *,
    is_hypothetical: bool = False,
) -> Situation:
    """Under SystemScope. `is_hypothetical`: as if the sequence were switched on."""
    organization_id = row.organization_id
    organization = Organizations(work).get(organization_id)
    zone, facts = organization.time_zone, OutreachFacts(work)
    definitions = {
        version: definition_for(work, row.sequence_id, version)
        for version in {row.version, *(one.version for one in enrolments)}
    }
    current = definitions[row.version]
    shut = closed(work, settings, organization_id)
    if not shut and row.status != "active" and not is_hypothetical:
        shut = "sequence_paused" if row.status == "paused" else f"sequence_{row.status}"
    zones = {definition.window.hours(zone).time_zone for definition in definitions.values()}
    sequence_times, new_times = facts.sequence_times(row.sequence_id, asked_since(now, zones), now, organization_id)
    rows = {one.mailbox_id: one for one in Mailboxes(work).of_organization(organization_id)}
    all_mailboxes, sender_domain_times = mailboxes_now(work, rows, zone, now, organization_id)
    people = facts.people({one.contact_id for one in enrolments}, organization_id)
    domains = {_domain(known) for known in people.values()} - {""}
    return Situation(
        row=row,
        time_zone=zone,
        cases=_cases(work, row, enrolments, definitions, people, now),
        campaigns={
            version: _campaign(definition, zone, sequence_times, new_times, shut)
            for version, definition in definitions.items()
        },
        mailboxes={one.mailbox_id: all_mailboxes[one.mailbox_id] for one in carriers(current, rows.values())},
        all_mailboxes=all_mailboxes,
        rows=rows,
        busy=Enrolments(work).busy_companies(
            row.sequence_id, {one.company_id for one in enrolments if one.company_id}, organization_id
        ),
        sender_domain_times=sender_domain_times,
        domain_times=facts.domain_times(domains, now, organization_id),
        sequence_times=sequence_times,
        new_times=new_times,
        clocks=clocks(work, organization_id, current.window.time_zone or zone, people, now)
        if any(one.timing.best_hour for one in definitions.values())
        else {},
    )


def carriers(definition: Definition, rows: Iterable[MailboxRow]) -> list[MailboxRow]:
    """The mailboxes that may carry a sequence: those that it names, or any; never one that was removed."""
    named = {EmailAddress.parse(one).value for one in definition.mailboxes}
    return [row for row in rows if row.status != REMOVED and (not named or row.address in named)]


def definition_for(work: Work, sequence_id: str, version: int) -> Definition:
    """What a version of a sequence says. Raises NotFound."""
    return definition_of(Sequences(work).version(sequence_id, version).definition)


def definition_of(kept: Mapping[str, Any]) -> Definition:
    """A kept definition, parsed once a process."""
    return _parsed(msgspec.json.encode(kept, order="sorted"))


@lru_cache(maxsize=512)
def _parsed(document: bytes) -> Definition:
    return parse_sequence(msgspec.json.decode(document))


def _campaign(definition: Definition, zone: str, times: SendTimes, new_times: SendTimes, shut: str) -> Campaign:
    limits, entry = definition.limits, definition.entry
    window = definition.window.hours(zone)
    return Campaign(
        window=window,
        caps=(Cap("sequence_per_day", limits.per_day, times, time_zone=window.time_zone),),
        new_cap=Cap("new_per_day", limits.new_per_day, new_times, time_zone=window.time_zone),
        recipient_domain_limit=limits.per_recipient_domain_per_hour,
        closed=shut,
        starts_on=definition.starts_on,
        ends_on=definition.ends_on,
        blocked_stages=frozenset(stage.value for stage in entry.blocked_stages),
        needs_consent=entry.consent == "granted",
        quiet=timedelta(days=limits.quiet_days),
    )


def mailboxes_now(
    work: Work, rows: Mapping[str, MailboxRow], zone: str, now: datetime, organization_id: str
) -> tuple[dict[str, Mailbox], dict[str, SendTimes]]:
    """Mailboxes by id, and what each sending domain carried."""
    terms = {key: terms_of(row.terms or {}) for key, row in rows.items()}
    zones = {zone, *(one.window.hours(zone).time_zone for one in terms.values())}
    times = OutreachFacts(work).mailbox_times(rows, asked_since(now, zones), now, organization_id)
    domains = SendingDomains(work).of_organization(organization_id)
    by_domain: dict[str, SendTimes] = {
        domain: together([times[key] for key, row in rows.items() if row.domain == domain])
        for domain in {row.domain for row in rows.values()}
    }
    found = {}
    for key, row in rows.items():
        domain = domains.get(row.domain)
        cap = None
        if domain is not None and domain.per_day is not None:
            cap = Cap("sending_domain_per_day", domain.per_day, by_domain[row.domain], time_zone=zone)
        found[key] = mailbox_of(
            terms[key], times[key], mailbox_id=key, address=row.address, time_zone=zone,
            ramp_began_on=row.ramp_began_on, last_sent_on=row.last_sent_on, now=now, domain_cap=cap,
            band=Band(row.health_band), closed=CLOSED.get(row.status, ""),
        )  # fmt: skip
    return found, by_domain


def _cases(
    work: Work,
    row: OutreachSequence,
    enrolments: Sequence[Way],
    definitions: Mapping[int, Definition],
    people: Mapping[str, Known],
    now: datetime,
) -> list[Case]:
    facts, organization_id = OutreachFacts(work), row.organization_id
    ids = set(people)
    suppressed = facts.suppressed(people, row.campaign_id, organization_id)
    consents = {
        purpose: facts.consents(ids, purpose, now, organization_id)
        for purpose in {definition.entry.purpose for definition in definitions.values()}
    }
    touches = facts.touches(ids, TOUCHES, organization_id)
    stages = facts.stage_changes(ids, organization_id)
    signs = facts.signs(ids, {"replied", "clicked"}, organization_id)
    elsewhere = _elsewhere(work, row, ids, organization_id)
    ways = Ways(work).begun(row.sequence_id, ids, organization_id)
    touched_at: dict[str, datetime] = {}
    for (contact_id, _), at in touches.items():
        touched_at[contact_id] = max(at, touched_at.get(contact_id, at))
    found = []
    for one in enrolments:
        definition, known = definitions[one.version], people.get(one.contact_id)
        contact = known.contact if known else None
        zone = zone_of(known, now) if known and definition.window.in_contact_zone else None
        person = Person(
            email=(contact.email or "") if contact else "",
            is_undeliverable=contact is not None
            and is_known_undeliverable(contact.email or "", contact.attributes or {}),
            stage=contact.lifecycle_stage if contact else "",
            is_gone=contact is None or contact.deleted_at is not None,
            suppressed=suppressed.get(one.contact_id),
            consent=consents[definition.entry.purpose].get(one.contact_id, "unknown"),
            ended_by=_twice(one, ways.get(one.contact_id, ())) or _ended_by(definition, one, touches, stages),
            elsewhere=_kept_by(definition, one, elsewhere.get(one.contact_id, ())),
            touched_at=touched_at.get(one.contact_id),
            window=_contact_window(definition, zone),
        )
        units = {
            "contact": f"{row.sequence_id}:{one.contact_id}",
            "company": f"{row.sequence_id}:{one.company_id or one.contact_id}",
        }
        found.append(Case(one, definition, known, person, _facts(known, signs), units))
    return found


def _contact_window(definition: Definition, zone: str | None) -> WorkingHours | None:
    return definition.window.model_copy(update={"time_zone": zone}).hours(zone) if zone else None


def _elsewhere(
    work: Work, row: OutreachSequence, contact_ids: set[str], organization_id: str
) -> dict[str, list[tuple[Elsewhere, str, Definition]]]:
    """Other sequences that people are on their way through, with what those say."""
    live = Ways(work).elsewhere(row.sequence_id, contact_ids, organization_id)
    names = {one.sequence_id: one.name for one in Sequences(work).of_organization(organization_id)} if live else {}
    definitions = {one: definition_for(work, *one) for one in {(each.sequence_id, each.version) for each in live}}
    found: dict[str, list[tuple[Elsewhere, str, Definition]]] = {}
    for one in live:
        other = (one, names[one.sequence_id], definitions[one.sequence_id, one.version])
        found.setdefault(one.contact_id, []).append(other)
    return found


def _kept_by(definition: Definition, one: Way, others: Sequence[tuple[Elsewhere, str, Definition]]) -> str:
    """The name of another sequence that came first and excludes this one, or that this one keeps away from."""
    for other, name, theirs in others:
        came_first = (other.created_at, other.enrolment_id) < (one.created_at, one.enrolment_id)
        if came_first and exclude_each_other(definition, theirs):
            return name
    return ""


def _twice(one: Way, ways: Sequence[Begun]) -> str:
    """Two records that became one person may both have been in the sequence: the way that began first goes on alone."""
    for other in ways:
        came_first = (other.created_at, other.enrolment_id) < (one.created_at, one.enrolment_id)
        if came_first and (other.ended_at is None or other.ended_at > one.created_at):
            return "in_it_twice"
    return ""


def _ended_by(
    definition: Definition,
    one: Way,
    touches: Mapping[tuple[str, str], datetime],
    stages: Mapping[str, datetime],
) -> str:
    """Signs that the store shows by itself; answers and bounces end an enrolment when they come in."""
    meeting = touches.get((one.contact_id, LoggedKind.MEETING.value))
    if meeting and meeting > one.created_at and definition.rules.to(Signal.MEETING) is Reaction.STOP:
        return "meeting"
    changed = stages.get(one.contact_id)
    if changed and changed > one.created_at and definition.rules.to(Signal.STAGE_CHANGE) is Reaction.STOP:
        return "stage_change"
    return ""


def _facts(known: Known | None, signs: set[tuple[str, str]]) -> dict[str, Any]:
    """What conditions ask for, and templates (`contact`)."""
    if known is None:
        return {}
    contact, company, score = known.contact, known.company, known.score
    return {
        "lifecycle_stage": contact.lifecycle_stage,
        "country": contact.country,
        "title": contact.title,
        "source": contact.source,
        "owner_user_id": contact.owner_user_id,
        "email_domain": _domain(known),
        "company": company.name if company else None,
        "industry": company.industry if company else None,
        "employee_count": company.employee_count if company else None,
        "score": score.score if score else None,
        "band": score.band if score else None,
        "has_replied": (contact.contact_id, "replied") in signs,
        "has_clicked": (contact.contact_id, "clicked") in signs,
        "attributes": contact.attributes or {},
    }


def company_of(known: Known) -> str | None:
    """The company whose limit counts for somebody: none at a free mail domain."""
    contact = known.contact
    if not contact.company_id or not contact.email:
        return contact.company_id
    return contact.company_id if company_domain(EmailAddress(contact.email)) else None


def _domain(known: Known) -> str:
    return (known.contact.email or "").rpartition("@")[2]
