"""What the routes of service levels do, in one unit of work each."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

from domain.errors import Conflict, InvalidInput
from domain.service_levels import (
    SETTING,
    Act,
    Clock,
    Pause,
    Standing,
    due_at,
    elapsed,
    is_paused,
    parse_service_levels,
    standing,
)
from serving.crm.presenters import display_name
from serving.routing.assignment import reps_of
from serving.service_levels.acting import NAMES, note_look, policy_of
from serving.service_levels.schemas import ClockOut, ClocksOut, PauseIn, PolicyIn, ServiceLevelsIn, ServiceLevelsOut
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.service_clocks import ServiceClocks, running_of
from storage.ops.store import Work
from storage.ops.tables import Contact, ServiceClock

MOST_CLOCKS = 1_000
LONGEST_PAUSE = timedelta(days=90)
FIRST = (Standing.BREACHED, Standing.AT_RISK, Standing.ON_TRACK, Standing.PAUSED)


def shown(work: Work) -> ServiceLevelsOut:
    held = OrganizationSettings(work).current(SETTING)
    return ServiceLevelsOut(
        version=held.version if held else None,
        changed_at=held.valid_from if held else None,
        policies=[PolicyIn.model_validate(each) for each in held.value.get("policies", [])] if held else [],
    )


def put(work: Work, body: ServiceLevelsIn) -> ServiceLevelsOut:
    """A new version for leads to come: clocks that run keep the terms they began under. Raises InvalidInput."""
    value = {"policies": [policy.as_setting() for policy in body.policies]}
    time_zone = Organizations(work).get(Repository(work).target()).time_zone
    parse_service_levels(value, [member.user_id for member in reps_of(work)], time_zone)
    OrganizationSettings(work).change(SETTING, value)
    return shown(work)


def clocks(work: Work, now: datetime, *, limit: int) -> ClocksOut:
    found = [_out(work, clock, contact, now) for clock, contact in ServiceClocks(work).all_running(limit=MOST_CLOCKS)]
    found.sort(key=lambda each: (FIRST.index(each.standing), each.due_at or now, each.service_clock_id))
    counts = Counter(each.standing.value for each in found)
    return ClocksOut(as_of_at=now, counts=dict(counts), items=found[:limit])


def standing_counts(work: Work, now: datetime) -> Counter[Standing]:
    """How many running clocks stand where, of the oldest thousand."""
    found = ServiceClocks(work).all_running(limit=MOST_CLOCKS)
    return Counter(standing(policy_of(work, clock), running_of(clock), now) for clock, _contact in found)


def pause(work: Work, service_clock_id: str, body: PauseIn, now: datetime) -> ClockOut:
    """Raises NotFound, and InvalidInput for an end that is past or too far away."""
    if body.until is not None and not now < body.until <= now + LONGEST_PAUSE:
        raise InvalidInput("a pause ends later than now, within ninety days")
    clocks = ServiceClocks(work)
    clock = clocks.held(service_clock_id)
    clocks.pause(clock, body.reason, body.until)
    until = body.until.astimezone(UTC).isoformat() if body.until else None
    return _changed(work, clock, "pause", {"reason": body.reason.value, "until": until}, now)


def resume(work: Work, service_clock_id: str, now: datetime) -> ClockOut:
    """Raises NotFound, and Conflict for a clock that is not paused."""
    clocks = ServiceClocks(work)
    clock = clocks.held(service_clock_id)
    if not clocks.resume(clock):
        raise Conflict("this clock is not paused")
    return _changed(work, clock, "resume", {}, now)


def _changed(work: Work, clock: ServiceClock, act: str, detail: dict[str, Any], now: datetime) -> ClockOut:
    """The next look, a line of the timeline and one of the audit log."""
    clocks = ServiceClocks(work)
    note_look(clocks, clock, policy_of(work, clock), [Act(each) for each in clock.done_acts], now)
    Activities(work).add(
        kind="service_level",
        contact_id=clock.contact_id,
        summary=f"{NAMES[Clock(clock.clock)]}, “{clock.policy}”: {'paused' if act == 'pause' else 'goes on'}",
        detail=detail | {"service_clock_id": clock.service_clock_id, "act": act},
    )
    Audit(work).record(act, "service_clock", clock.service_clock_id, subject_id=clock.contact_id, after=detail)
    contact = work.session.get(Contact, clock.contact_id)
    assert contact is not None, "a clock is a contact's"
    return _out(work, clock, contact, now)


def _out(work: Work, clock: ServiceClock, contact: Contact, now: datetime) -> ClockOut:
    policy, running = policy_of(work, clock), running_of(clock)
    reason = clock.paused[-1][2:] if clock.paused else []
    return ClockOut(
        service_clock_id=clock.service_clock_id,
        contact_id=clock.contact_id,
        contact=display_name(contact),
        owner_user_id=contact.owner_user_id,
        clock=Clock(clock.clock),
        policy=clock.policy,
        standing=standing(policy, running, now),
        started_at=clock.started_at,
        due_at=due_at(policy, running, now),
        used=round(elapsed(policy, running, now) / policy.target, 4),
        done_acts=[Act(each) for each in clock.done_acts],
        pause=Pause(reason[0]) if is_paused(running, now) and reason else None,
        paused_until=running.paused[-1][1] if is_paused(running, now) else None,
    )
