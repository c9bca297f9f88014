"""Writes a client's past into the operational store: contacts, companies, stages, deals and revenue, backdated.

Run again later it adds only what happened since: people, companies and deals are known by their external ids and domains,
stages by contact, name and moment.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from typing import Any, TypeVar

import numpy as np

from data.simulator.careers import Moves, deal_moves, lifecycle_moves
from data.simulator.client import Client
from data.simulator.contacts import Card, card_of, second_card
from data.simulator.words import COLOURS, COUNTRIES, INDUSTRIES, TITLES, TRADES
from domain.contacts import LifecycleStage
from domain.deals import DealStage
from domain.tenancy import Actor, Scope, SystemScope
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.deals import Deals
from storage.ops.repositories.money import FxRates, RevenueEntries
from storage.ops.store import Store, Work

CONTACTS_A_TRANSACTION = 150
"""With companies, activities and stages some 500 rows, so that nobody waits long for the store."""
ACTOR = Actor.system("simulator")
LEAK = "onboarding_call_on"
"""An attribute that is filled in only for those who have become customers: what a leakage guard must find."""
ATTRIBUTES = (
    ("industry", "Industry", "text"),
    ("company_size", "Company size", "integer"),
    ("budget", "Monthly budget", "number"),
    ("how_did_you_hear", "How did you hear of us?", "text"),
    ("favourite_colour", "Favourite colour", "text"),
    ("office_floor", "Office floor", "integer"),
    (LEAK, "Onboarding call", "date"),
)
"""Key, label and type. Colour and floor are noise."""
RATES = {("USD", "EUR"): 0.92, ("GBP", "EUR"): 1.17, ("GBP", "USD"): 1.27}
RATE_EVERY_DAYS = 5
RECURRING_MONTHS = 12
T = TypeVar("T")

Progress = Callable[[int, int], None]
"""Called with contacts done and in all."""
Entered = tuple[str | None, str, datetime]
"""Stage before, stage entered, and when."""
Stages = dict[int, list[Entered]]
"""By row of a contact or deal, oldest first."""


@dataclass(frozen=True, slots=True)
class CrmReport:
    """What was added; all 0 when nothing happened since the last run."""

    contact_count: int = 0
    stage_count: int = 0
    deal_count: int = 0

    def __bool__(self) -> bool:
        return bool(self.contact_count or self.stage_count or self.deal_count)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A record of the CRM: of row `row` of Careers, the person's own or a second one."""

    row: int
    card: Card
    known_at: datetime
    source: str
    error: int | None = None


def write_crm(
    store: Store, scope: Scope, client: Client, *, until: datetime, progress: Progress | None = None
) -> CrmReport:
    """Everybody known before `until` and what became of them, in units of work of some 150 people."""
    entries = [entry for entry in _entries(client) if entry.known_at < until]
    moves = _by_row(lifecycle_moves(client.careers), _moment(client), until)
    _define_attributes(store, scope)
    contact_count = stage_count = done = 0
    for batch in _batches(entries, CONTACTS_A_TRANSACTION):
        with store.write(scope, ACTOR) as work:
            made, moved = _write_contacts(work, client, batch, moves, until)
        contact_count, stage_count, done = contact_count + made, stage_count + moved, done + len(batch)
        if progress:
            progress(done, len(entries))
    return CrmReport(contact_count, stage_count, _write_deals(store, scope, client, until))


def write_rates(store: Store, first: date, last: date) -> None:
    """Exchange rates every few days from a week before `first` to `last`; they move a little, the same way every time."""
    days = range(-7, (last - first).days + 1, RATE_EVERY_DAYS)
    with store.write(SystemScope("exchange rates of a simulated world"), ACTOR) as work:
        rates = FxRates(work)
        for number in days:
            on = first + timedelta(days=number)
            for (source, target), rate in RATES.items():
                rates.put(on, source, target, round(rate * (1 + 0.02 * math.sin(on.toordinal() / 29.0)), 6))


def contact_ids(store: Store, scope: Scope, client: Client) -> dict[str, str]:
    """Contact id by external id, of every contact of the client that the store holds."""
    found: dict[str, str] = {}
    for batch in _batches([entry.card.external_id for entry in _entries(client)], 500):
        with store.read(scope) as work:
            found |= Contacts(work).ids_by_external_id(batch)
    return found


def _entries(client: Client) -> list[_Entry]:
    """Every record, in order of when it was made."""
    careers, moment = client.careers, _moment(client)
    entries = []
    for row in range(careers.count):
        card = card_of(client.companies, client.people, int(careers.person[row]))
        source = "form" if careers.by_form[row] else "history"
        entries.append(_Entry(row, card, moment(careers.known_at[row]), source))
    again = client.duplicates
    for row, error, visit, at in zip(
        again.contact.tolist(), again.error.tolist(), again.visit.tolist(), again.known_at.tolist(), strict=True
    ):
        card = second_card(entries[row].card, error)
        entries.append(_Entry(row, card, moment(at), "form" if visit >= 0 else "import", error))
    return sorted(entries, key=lambda entry: (entry.known_at, entry.card.external_id))


def _write_contacts(
    work: Work, client: Client, batch: Sequence[_Entry], moves: Stages, until: datetime
) -> tuple[int, int]:
    contacts = Contacts(work)
    known = contacts.ids_by_external_id([entry.card.external_id for entry in batch])
    new = [entry for entry in batch if entry.card.external_id not in known]
    companies = _companies(work, client, new)
    made = contacts.insert_many([_contact(client, entry, companies, moves, until) for entry in new])
    ids = known | {row["external_id"]: row["contact_id"] for row in made}
    Activities(work).insert_many(
        [_submission(entry, ids[entry.card.external_id]) for entry in new if entry.source == "form"]
    )
    had = contacts.moves_of(list(known.values())) if known else set()
    history = [row for entry in batch for row in _history(entry, ids[entry.card.external_id], moves, had)]
    contacts.insert_history(history)
    moved = {row["contact_id"] for row in history} & set(known.values())
    for entry in batch:
        contact_id = ids[entry.card.external_id]
        if contact_id in moved:
            found = contacts.get(contact_id)
            found.lifecycle_stage = _stage(entry, moves)
            found.attributes = _attributes(client, entry, until)
    return len(new), len(history)


def _stage(entry: _Entry, moves: Stages) -> str:
    """Where the contact stands; a second record stays where it began."""
    if entry.error is not None:
        return LifecycleStage.LEAD.value if entry.source == "form" else LifecycleStage.VISITOR.value
    entered = moves.get(entry.row, [])
    return entered[-1][1] if entered else LifecycleStage.VISITOR.value


def _history(
    entry: _Entry, contact_id: str, moves: Stages,
    had: set[tuple[str, str, datetime]],
) -> Iterator[dict[str, Any]]:  # fmt: skip
    entered = moves.get(entry.row, [])
    if entry.error is not None:
        entered = [(None, LifecycleStage.LEAD.value, entry.known_at)] if entry.source == "form" else []
    for former, stage, at in entered:
        if (contact_id, stage, at) not in had:
            yield {
                "contact_id": contact_id, "from_stage": former, "to_stage": stage, "occurred_at": at, "known_at": at,
                "reason": "form_submission" if stage == LifecycleStage.LEAD.value else "qualified", "actor_kind": "human",
            }  # fmt: skip


def _companies(work: Work, client: Client, entries: Sequence[_Entry]) -> dict[str, str]:
    wanted = {client.companies.domain(number): number for number in {_company(client, entry) for entry in entries}}
    companies = Companies(work)
    ids = companies.ids_by_domain(sorted(wanted))
    made = companies.insert_many(
        [_company_row(client, wanted[domain]) for domain in sorted(wanted) if domain not in ids]
    )
    return ids | {row["domain"]: row["company_id"] for row in made}


def _company(client: Client, entry: _Entry) -> int:
    return int(client.people.company[client.careers.person[entry.row]])


def _company_row(client: Client, number: int) -> dict[str, Any]:
    companies = client.companies
    industry = INDUSTRIES[companies.industry[number]]
    name, country = companies.name(number), COUNTRIES[companies.country[number]].code
    described = f"{name} {TRADES[industry][companies.trade[number]]}."
    return {
        "domain": companies.domain(number), "name": name, "industry": industry, "country": country,
        "employee_count": int(companies.employees[number]), "attributes": {"description": described},
    }  # fmt: skip


def _contact(
    client: Client, entry: _Entry, companies: dict[str, str],
    moves: Stages, until: datetime,
) -> dict[str, Any]:  # fmt: skip
    company = _company(client, entry)
    person = int(client.careers.person[entry.row])
    return {
        "external_id": entry.card.external_id, "email": entry.card.email,
        "company_id": companies[client.companies.domain(company)],
        "first_name": entry.card.first_name, "last_name": entry.card.last_name, "phone": entry.card.phone,
        "title": TITLES[client.people.title[person]], "country": COUNTRIES[client.companies.country[company]].code,
        "source": entry.source, "lifecycle_stage": _stage(entry, moves), "known_at": entry.known_at,
        "created_at": entry.known_at, "attributes": _attributes(client, entry, until),
    }  # fmt: skip


def _attributes(client: Client, entry: _Entry, until: datetime) -> dict[str, Any]:
    """What a form and a salesperson wrote down: drivers, noise, blanks, and the one that tells the outcome."""
    careers, row = client.careers, entry.row
    person = int(careers.person[row])
    company = int(client.people.company[person])
    values: dict[str, Any] = {
        "industry": INDUSTRIES[client.companies.industry[company]],
        "company_size": int(client.companies.employees[company]),
        "budget": int(round(2500.0 * np.exp(0.7 * careers.budget[row]) / 50) * 50),
        "how_did_you_hear": _self_reported(client, row),
        "favourite_colour": COLOURS[person % len(COLOURS)],
        "office_floor": int(client.chance.below("floor", [person], 12)[0]),
    }
    blank = client.chance.uniform("blanks", np.arange(len(values)) + person * 16) < client.parameters.missing_rate
    filled = {key: value for (key, value), is_blank in zip(values.items(), blank, strict=True) if not is_blank}
    customer_at = careers.customer_at[row]
    if np.isfinite(customer_at) and entry.error is None and _moment(client)(customer_at) < until:
        filled[LEAK] = str(_moment(client)(customer_at).date())
    return filled


def _self_reported(client: Client, row: int) -> str:
    """The channel they came by first, as three in four remember it."""
    person = client.careers.person[row]
    channels = client.plan.channels
    place = int(client.careers.first_channel[row])
    forgets = client.chance.happens("forgets", [person], 0.25)[0] or place < 0
    if forgets:
        place = int(client.chance.below("remembers", [person], len(channels))[0])
    return channels[place].channel.value


def _submission(entry: _Entry, contact_id: str) -> dict[str, Any]:
    return {
        "contact_id": contact_id, "kind": "form_submission", "summary": "Sent the contact form", "detail": {},
        "actor_kind": "contact", "occurred_at": entry.known_at, "known_at": entry.known_at,
    }  # fmt: skip


def _write_deals(store: Store, scope: Scope, client: Client, until: datetime) -> int:
    """Deals that were opened before `until` with their history; how many rows were added."""
    moves = _by_row(deal_moves(client.deals), _moment(client), until)
    added = 0
    for batch in _batches(sorted(moves), CONTACTS_A_TRANSACTION // 2):
        with store.write(scope, ACTOR) as work:
            added += _write_deal_batch(work, client, batch, moves)
    return added


def _write_deal_batch(work: Work, client: Client, batch: Sequence[int], moves: Stages) -> int:
    deals, contacts = Deals(work), Contacts(work)
    external = {number: f"{_holder(client, number).external_id}-deal" for number in batch}
    known = deals.ids_by_external_id(list(external.values()))
    of_contacts = contacts.ids_by_external_id([_holder(client, number).external_id for number in batch])
    companies = Companies(work).ids_by_domain([client.companies.domain(int(client.deals.company[n])) for n in batch])
    new = [number for number in batch if external[number] not in known]
    made = deals.insert_many([_deal(client, number, external[number], of_contacts, companies, moves) for number in new])
    ids = known | {row["external_id"]: row["deal_id"] for row in made}
    deals.insert_history([
        {"deal_id": ids[external[number]], "from_stage": former, "to_stage": stage, "occurred_at": at, "known_at": at}
        for number in new for former, stage, at in moves[number]
    ])  # fmt: skip
    moved = [number for number in batch if number not in new and _moves_on(deals, ids[external[number]], moves[number])]
    won = [number for number in (*new, *moved) if moves[number][-1][1] == DealStage.WON.value]
    _revenue(work, client, won, ids, external, moves)
    return len(new) + len(moved)


def _moves_on(deals: Deals, deal_id: str, entered: Sequence[Entered]) -> bool:
    """Enters the later stages of a deal that is in the store; whether there were any."""
    had = {(change.to_stage, change.occurred_at) for change in deals.history_of(deal_id)}
    later = [(stage, at) for _, stage, at in entered if (stage, at) not in had]
    for stage, at in later:
        deals.move_to(deals.get(deal_id), DealStage(stage), occurred_at=at)
    return bool(later)


def _holder(client: Client, number: int) -> Card:
    person = int(client.careers.person[client.deals.contact[number]])
    return card_of(client.companies, client.people, person)


def _deal(
    client: Client, number: int, external_id: str, contacts: dict[str, str], companies: dict[str, str],
    moves: Stages,
) -> dict[str, Any]:  # fmt: skip
    _, stage, at = moves[number][-1]
    name = client.companies.name(int(client.deals.company[number]))
    return {
        "name": f"{name} {'retainer' if client.deals.is_recurring[number] else 'project'}",
        "amount_minor": int(client.deals.amount_minor[number]), "currency": client.plan.currency,
        "contact_id": contacts.get(_holder(client, number).external_id),
        "company_id": companies.get(client.companies.domain(int(client.deals.company[number]))),
        "external_id": external_id, "stage": stage, "opened_at": moves[number][0][2],
        "closed_at": at if DealStage(stage).is_closed else None, "created_at": moves[number][0][2], "attributes": {},
    }  # fmt: skip


def _revenue(
    work: Work, client: Client, won: Sequence[int], ids: dict[str, str], external: dict[int, str],
    moves: Stages,
) -> None:  # fmt: skip
    """A won deal's money: at once, or an equal part a month for a year."""
    rows = []
    for number in won:
        on, amount = moves[number][-1][2].date(), int(client.deals.amount_minor[number])
        recurs = bool(client.deals.is_recurring[number])
        rows.append({
            "deal_id": ids[external[number]], "kind": "recurring" if recurs else "one_off",
            "amount_minor": amount // RECURRING_MONTHS if recurs else amount, "currency": client.plan.currency,
            "starts_on": on, "ends_on": on + timedelta(days=365) if recurs else None,
        })  # fmt: skip
    RevenueEntries(work).insert_many(rows)


def _define_attributes(store: Store, scope: Scope) -> None:
    with store.write(scope, ACTOR) as work:
        for key, label, kind in ATTRIBUTES:
            AttributeDefinitions(work).ensure(key, label=label, data_type=kind)


def _by_row(moves: Moves, moment: Callable[[float], datetime], until: datetime) -> Stages:
    """Stages entered before `until`, oldest first: former stage, stage, moment."""
    found: Stages = {}
    for row, former, stage, seconds in zip(
        moves.row.tolist(), moves.former, moves.stage, moves.at.tolist(), strict=True
    ):
        at = moment(seconds)
        if at < until:
            found.setdefault(row, []).append((former, stage, at))
    return found


def _moment(client: Client) -> Callable[[float], datetime]:
    """Seconds of the world as an instant, to the millisecond."""
    begins = datetime.combine(client.parameters.starts_on, time(), UTC)
    return lambda seconds: begins + timedelta(milliseconds=round(float(seconds) * 1000.0))


def _batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
