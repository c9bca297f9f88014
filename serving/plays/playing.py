"""A signal came in: the plays are asked, each answer is written down, and what fires is carried out, in one unit of work."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from domain.decisions import Decision, DecisionKind
from domain.plays import BY_THE_RULES, OWNER, SETTING, Past, Play, decide, named_in, parse_plays
from domain.tasks import day_of
from serving.routing.assignment import assign, desk_of, link_to, name_of, route_contact
from serving.sequences.batches import JOB as ENROL_BATCH
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.enrolment_batches import EnrolmentBatches
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.members import members_of
from storage.ops.repositories.notifications import Notifications
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.plays import PlayFacts, PlayRuns
from storage.ops.repositories.routing import Leads
from storage.ops.repositories.sequences import Sequences
from storage.ops.repositories.tasks import Tasks
from storage.ops.store import Work
from storage.ops.tables import BuyingSignal, Contact


@dataclass(frozen=True, slots=True)
class Playbook:
    plays: tuple[Play, ...]
    version: int


def playbook_of(work: Work) -> Playbook | None:
    """The plays that hold now, as they were checked when they were set; None where there are none."""
    held = OrganizationSettings(work).current(SETTING)
    if held is None or not held.value.get("plays"):
        return None
    return Playbook(parse_plays(held.value, *named_in(held.value)), held.version)


def play(work: Work, buying_signal_id: str) -> None:
    """Asks every play that is on and takes such a signal, once: asked again it does nothing more. A signal that is gone is
    no error."""
    runs, facts = PlayRuns(work), PlayFacts(work)
    runs.hold()
    signal, book = facts.signal(buying_signal_id), playbook_of(work)
    if signal is None or book is None:
        return
    before = runs.asked_before(buying_signal_id)
    asked = [one for one in book.plays if one.is_on and signal.kind in one.kinds and one.key not in before]
    if not asked:
        return
    known = facts.of([signal])[buying_signal_id]
    today, _ = day_of(work.now(), Organizations(work).get(runs.target()).time_zone)
    for one in asked:
        past = Past(runs.last_fired_at(one.key, signal), runs.fired_count(one.key, today))
        decision = decide(one, known, past, observed_at=signal.observed_at, now=work.now())
        decision, people = with_people(work, one, signal, decision)
        done = _carry_out(work, one, signal, people) if decision.allowed else {}
        _write_down(work, book, one, signal, decision, done)


def with_people(work: Work, one: Play, signal: BuyingSignal, decision: Decision) -> tuple[Decision, list[Contact]]:
    """Whom a play that fires acts on. Where it only acts on people, and there are none, it does not fire."""
    if not decision.allowed:
        return decision, []
    people = PlayFacts(work).people_of(signal, most=one.acts.people)
    if not people and not (one.acts.task or one.acts.alert):
        return Decision(False, "nobody_to_act_on"), []
    return decision, people


def _carry_out(work: Work, one: Play, signal: BuyingSignal, people: Sequence[Contact]) -> dict[str, Any]:
    """What was done, in numbers. Owners come first: a task and an alert may be theirs."""
    names = {member.user_id: name_of(member) for member in members_of(work.store, signal.organization_id)}
    done: dict[str, Any] = {}
    if one.acts.owner:
        done["given"] = _give(work, one.acts.owner, people, names)
    owner = next((person.owner_user_id for person in people if person.owner_user_id), None)
    if one.acts.sequence_id and people:
        done.update(_enrol(work, one, people))
    if one.acts.task:
        task, assignee = one.acts.task, owner if one.acts.task.assignee == OWNER else one.acts.task.assignee
        Tasks(work).add(
            task.title, kind=task.kind, contact_id=people[0].contact_id if people else None,
            company_id=signal.company_id, body=_evidence(signal), due_at=work.now() + timedelta(days=task.due_in_days),
            assignee_user_id=assignee if assignee in names else None, source="play",
        )  # fmt: skip
        done["tasks"] = 1
    if one.acts.alert:
        told = {owner if user == OWNER else user for user in one.acts.alert} & names.keys()
        for user_id in sorted(user for user in told if user):
            Notifications(work).add(
                user_id, "play_fired", f"{one.name}: {signal.title or signal.url}", body=_evidence(signal),
                link=link_to(people[0]) if people else "/app/signals", contact_id=signal.contact_id,
            )  # fmt: skip
        done["alerted"] = len(told)
    return done


def _give(work: Work, owner: str, people: Sequence[Contact], names: Mapping[str, str]) -> int:
    """Only who has no owner gets one; answers how many did."""
    free = [person for person in people if person.owner_user_id is None]
    facts = Leads(work).facts_of([person.contact_id for person in free])
    desk = desk_of(work) if owner == BY_THE_RULES else None
    given = 0
    for person in free:
        if desk is not None:
            route_contact(work, person, desk, facts[person.contact_id], cause="play")
            given += 1
        elif owner in names:
            given += assign(work, person, owner, names, facts[person.contact_id], cause="play")
    return given


def _enrol(work: Work, one: Play, people: Sequence[Contact]) -> dict[str, Any]:
    """By a batch, as when a person asks: who may not be put in is refused by the same gate, with a line of the ledger."""
    row = Sequences(work).get(one.acts.sequence_id)
    if row.status == "ended":
        return {"not_enrolled": "sequence_ended"}
    batch = EnrolmentBatches(work).add(row.sequence_id, row.version, [[person.contact_id for person in people]])
    payload = {
        "enrolment_batch_id": batch.enrolment_batch_id,
        "asked_by": {"kind": "system", "id": f"play:{one.key}"},
    }
    Jobs(work).enqueue(ENROL_BATCH, payload=payload, unique_key=f"{ENROL_BATCH}:{batch.enrolment_batch_id}")
    return {"asked_to_enrol": len(people), "enrolment_batch_id": batch.enrolment_batch_id}


def _evidence(signal: BuyingSignal) -> str:
    return " · ".join(filter(None, (signal.title, signal.url)))


def _write_down(
    work: Work, book: Playbook, one: Play, signal: BuyingSignal, decision: Decision, done: Mapping[str, Any]
) -> None:
    outcome, detail = "fired" if decision.allowed else "skipped", {**decision.detail, **done}
    PlayRuns(work).add(
        signal.buying_signal_id, play_key=one.key, version=book.version, outcome=outcome, reason=decision.reason,
        detail=detail,
    )  # fmt: skip
    subject = ("contact", signal.contact_id) if signal.contact_id else ("company", str(signal.company_id))
    Decisions(work).record(
        DecisionKind.PLAY, subject[0], str(subject[1]), outcome, decision.reason,
        {"play": one.name, "signal": signal.kind, "buying_signal_id": signal.buying_signal_id, **detail},
        f"{SETTING}/{book.version}", is_act=True,
    )  # fmt: skip
