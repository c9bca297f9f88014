"""Writes a world's past into the operational store: contacts, companies, stages, deals and revenue, backdated.

Run again later it adds only what happened since: people are known by `external_id`, stages by contact and name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import select

from data.simulator.world import Person, World
from domain.contacts import LifecycleStage
from domain.deals import DealStage
from domain.tenancy import Actor, Scope
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.deals import Deals
from storage.ops.store import Store, Work
from storage.ops.tables import Company, Contact, LifecycleChange

ROWS_A_TRANSACTION = 200
ACTOR = Actor.system("simulator")
DEAL_STAGES = {"opportunity": DealStage.OPPORTUNITY, "customer": DealStage.WON}
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class CrmReport:
    """What was added: people and stage changes; both 0 when nothing happened since the last run."""

    contact_count: int
    stage_count: int


def write_crm(
    store: Store, scope: Scope, world: World, *, until: datetime, progress: Callable[[int, int], None] | None = None
) -> CrmReport:
    """Everybody known before `until` and what became of them, in units of work of some 200 people."""
    people = [person for person in world.people() if _known_at(person) is not None and _known_at(person) < until]  # type: ignore[operator]
    contact_count = stage_count = done = 0
    for batch in _batches(people, ROWS_A_TRANSACTION):
        with store.write(scope, ACTOR) as work:
            made, moved = _write_batch(work, scope, batch, until)
        contact_count, stage_count, done = contact_count + made, stage_count + moved, done + len(batch)
        if progress:
            progress(done, len(people))
    return CrmReport(contact_count, stage_count)


def _known_at(person: Person) -> datetime | None:
    if person.lead_at is not None:
        return person.lead_at
    return person.outbound[0][1] if person.outbound else None


def _write_batch(work: Work, scope: Scope, people: Sequence[Person], until: datetime) -> tuple[int, int]:
    known = _existing(work, scope, people)
    new = [person for person in people if _external(person) not in known]
    companies = _companies(work, scope, new)
    contacts = Contacts(work).insert_many(_contact(person, companies, until) for person in new)
    ids = known | {row["external_id"]: row["contact_id"] for row in contacts}
    Activities(work).insert_many(_submission(person, ids[_external(person)]) for person in new if person.lead_at)
    had = _stages_had(work, list(ids.values()))
    moves = [row for person in people for row in _moves(person, ids[_external(person)], had, until)]
    Contacts(work).insert_history(moves)
    _settle(work, people, ids, moves, until)
    return len(new), len(moves)


def _existing(work: Work, scope: Scope, people: Sequence[Person]) -> dict[str, str]:
    found = work.session.execute(
        select(Contact.external_id, Contact.contact_id).where(
            Contact.organization_id == scope.organization_id,
            Contact.external_id.in_([_external(person) for person in people]),
        )
    )
    return {str(external): contact for external, contact in found}


def _companies(work: Work, scope: Scope, people: Sequence[Person]) -> dict[str, str]:
    wanted = {person.firm.domain: person.firm for person in people}
    found = work.session.execute(
        select(Company.domain, Company.company_id).where(
            Company.organization_id == scope.organization_id,
            Company.domain.in_(list(wanted)),
        )
    )
    ids = {str(domain): company for domain, company in found}
    made = Companies(work).insert_many(
        {"domain": firm.domain, "name": firm.name, "industry": firm.industry, "employee_count": firm.employees,
         "country": firm.country, "attributes": {}}
        for domain, firm in wanted.items() if domain not in ids
    )  # fmt: skip
    return ids | {row["domain"]: row["company_id"] for row in made}


def _contact(person: Person, companies: dict[str, str], until: datetime) -> dict[str, Any]:
    reached = [stage for stage, at in person.stages if at < until]
    return {
        "external_id": _external(person), "email": person.email, "company_id": companies[person.firm.domain],
        "first_name": person.first_name, "last_name": person.last_name, "title": person.title,
        "country": person.firm.country, "source": "form" if person.lead_at else "history",
        "lifecycle_stage": reached[-1] if reached else LifecycleStage.VISITOR.value, "known_at": _known_at(person),
        "created_at": _known_at(person),
        "attributes": {"industry": person.firm.industry, "company_size": person.firm.employees},
    }  # fmt: skip


def _submission(person: Person, contact_id: str) -> dict[str, Any]:
    return {
        "contact_id": contact_id, "kind": "form_submission", "summary": "Sent the contact form", "detail": {},
        "actor_kind": "contact", "occurred_at": person.lead_at, "known_at": person.lead_at,
    }  # fmt: skip


def _stages_had(work: Work, contact_ids: list[str]) -> set[tuple[str, str]]:
    found = work.session.execute(
        select(LifecycleChange.contact_id, LifecycleChange.to_stage).where(LifecycleChange.contact_id.in_(contact_ids))
    )
    return {(contact, stage) for contact, stage in found}


def _moves(person: Person, contact_id: str, had: set[tuple[str, str]], until: datetime) -> Iterator[dict[str, Any]]:
    former = None
    for stage, at in person.stages:
        if at < until and (contact_id, stage) not in had:
            yield {
                "contact_id": contact_id, "from_stage": former, "to_stage": stage, "occurred_at": at, "known_at": at,
                "reason": "form_submission" if stage == "lead" else "qualified", "actor_kind": "human",
            }  # fmt: skip
        former = stage


def _settle(
    work: Work, people: Sequence[Person], ids: dict[str, str], moves: Sequence[dict[str, Any]], until: datetime
) -> None:
    """The present stage of everybody who moved, and the deals of those who came that far."""
    moved = {row["contact_id"]: row["to_stage"] for row in moves}
    for contact in work.session.scalars(select(Contact).where(Contact.contact_id.in_(list(moved)))):
        if contact.lifecycle_stage != moved[contact.contact_id]:
            contact.lifecycle_stage = moved[contact.contact_id]
    for person in people:
        if moved.get(ids[_external(person)]) in DEAL_STAGES:
            _deal(work, person, ids[_external(person)], until)


def _deal(work: Work, person: Person, contact_id: str, until: datetime) -> None:
    deals = Deals(work)
    external_id = f"{_external(person)}-deal"
    for stage, at in person.stages:
        if stage not in DEAL_STAGES or at >= until:
            continue
        found = deals.find_by_external_id(external_id)
        if found is None:
            deals.create(
                f"{person.firm.name} retainer", amount_minor=person.deal_minor, currency="EUR", contact_id=contact_id,
                external_id=external_id, stage=DEAL_STAGES[stage], opened_at=at,
            )  # fmt: skip
        else:
            deals.move_to(found, DEAL_STAGES[stage], occurred_at=at)


def _external(person: Person) -> str:
    return f"sim-{person.number:06d}"


def _batches(items: Sequence[T], size: int) -> Iterator[list[T]]:
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
