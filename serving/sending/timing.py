"""When the messages of a sequence that waits for the best hour leave: what was learnt, for each person, and the choice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from domain.outreach.deciding import Outcome, Verdict
from domain.outreach.send_times import ARM, LOOK_BACK, Rates, Sent, Tally, Timing, choose, narrowed, pooled, tally
from domain.outreach.walking import Position
from domain.working_hours import WorkingHours
from serving.sending.zones import ATTRIBUTE, zone_named, zone_of
from storage.ops.repositories.answer_times import AnswerTimes
from storage.ops.repositories.outreach_facts import Known
from storage.ops.store import Work

NEWEST = 20_000
"""Messages that are learnt from."""
GOES_AGAIN = frozenset({"put_off", "handed_over_again"})
"""Reasons of those whose message was handed over before: it goes as soon as it may."""


@dataclass(frozen=True, slots=True)
class Learnt:
    """What an organization's messages came to, within an hour: it is not counted anew for every look."""

    rates: Rates
    by_company: Mapping[str, Tally]
    by_contact: Mapping[str, Tally]


@dataclass(frozen=True, slots=True)
class Clock:
    """Somebody's zone, and when they answer."""

    zone: str
    rates: Rates


class _Held:
    """Filled once for an organization and an hour."""

    learnt: Learnt | None = None


@lru_cache(maxsize=64)
def _held(organization_id: str, hour: datetime) -> _Held:  # noqa: ARG001  they are the key
    return _Held()


def clocks(work: Work, organization_id: str, zone: str, people: Mapping[str, Known], now: datetime) -> dict[str, Clock]:
    """By contact (SystemScope). `zone`: of whose own nothing is known."""
    held = _held(organization_id, now.replace(minute=0, second=0, microsecond=0))
    if held.learnt is None:
        held.learnt = learn(work, organization_id, zone, now)
    learnt = held.learnt
    found = {}
    for contact_id, known in people.items():
        rates = narrowed(learnt.rates, learnt.by_company.get(known.contact.company_id or "", {}))
        found[contact_id] = Clock(
            zone_of(known, now) or zone, narrowed(rates, learnt.by_contact.get(contact_id, {}))
        )  # fmt: skip
    return found


def learn(work: Work, organization_id: str, zone: str, now: datetime) -> Learnt:
    """Reads the newest messages."""
    times = AnswerTimes(work)
    answered = times.answered(now - LOOK_BACK, organization_id)
    zones: dict[tuple[str | None, object], ZoneInfo] = {}
    everybody: list[Sent] = []
    companies: dict[str, list[Sent]] = {}
    contacts: dict[str, list[Sent]] = {}
    for row in times.newest(now - LOOK_BACK, limit=NEWEST, organization_id=organization_id):
        key = (row.country, (row.attributes or {}).get(ATTRIBUTE))
        if key not in zones:
            zones[key] = ZoneInfo(zone_named(row.attributes, row.country, now) or zone)
        one = Sent(row.sent_at.astimezone(zones[key]), row.outbox_message_id in answered)
        everybody.append(one)
        contacts.setdefault(row.contact_id, []).append(one)
        if row.company_id:
            companies.setdefault(row.company_id, []).append(one)
    return Learnt(
        pooled(tally(everybody, now)),
        {key: tally(found, now) for key, found in companies.items()},
        {key: tally(found, now) for key, found in contacts.items()},
    )


def timed(
    timing: Timing, clock: Clock, position: Position, verdict: Verdict, windows: Sequence[WorkingHours], seed: str, now: datetime
) -> Verdict:  # fmt: skip
    """A message that may leave now leaves then, or waits for its hour; either way its line says why."""
    found = choose(
        timing, position.arms[ARM], clock.rates, windows, clock.zone, due_at=position.due_at, now=now, seed=seed
    )
    detail = {**verdict.detail, "send_time": found.why}
    if found.at > now:
        return Verdict(Outcome.WAIT, found.arm, detail, found.at)
    return replace(verdict, detail=detail)
