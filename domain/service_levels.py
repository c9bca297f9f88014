"""Service levels: how soon a lead is to be touched, and what happens when it is not.

Two clocks, kept apart: **speed to lead** runs from the moment the lead came in, **rep** from the moment its owner got it
(a new owner starts it anew). Both count the working time of the policy's hours and stop at the first touch: something a
person did to reach the lead. What machines send by themselves, auto-replies and notes to oneself are no touch.

A clock warns, then is breached; after that the lead may go to somebody else and be escalated, each a stated working time
after the breach. Every act happens once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from domain.errors import InvalidInput
from domain.filters import Condition, parse_filters
from domain.routing import FIELDS, hangs_on_score, holds
from domain.tasks import TOUCHES
from domain.working_hours import ALWAYS, WorkingHours, parse_working_hours

SETTING = "service_levels"


class Clock(StrEnum):
    """What is measured."""

    SPEED_TO_LEAD = "speed_to_lead"
    REP = "rep"


class Standing(StrEnum):
    """Where a clock stands."""

    ON_TRACK = "on_track"
    AT_RISK = "at_risk"
    BREACHED = "breached"
    MET = "met"
    MISSED = "missed"
    """Touched, but too late."""
    PAUSED = "paused"


class Pause(StrEnum):
    """Why a clock stands still. Until a stated moment, or, without one, until the lead is heard of again or somebody says
    so."""

    WAITING = "waiting_for_customer"
    SNOOZED = "snoozed"


class Act(StrEnum):
    """What a clock asks for, in the order of time."""

    WARN = "warn"
    BREACH = "breach"
    REASSIGN = "reassign"
    ESCALATE = "escalate"


@dataclass(frozen=True, slots=True)
class Policy:
    """A promise: for leads that meet `conditions`, a first touch within `target` of working time.

    `warns_at` is the share of it after which the owner is warned. `reassigns_after` and `escalates_after` are working
    time after the breach; None for never.
    """

    name: str
    clock: Clock
    target: timedelta
    conditions: tuple[Condition, ...] = ()
    hours: WorkingHours = ALWAYS
    warns_at: float = 0.75
    reassigns_after: timedelta | None = None
    escalates_after: timedelta | None = None
    escalates_to: str | None = None
    pauses_owner: bool = False
    """Whether somebody who loses a lead by it gets no more leads until a person says so."""


@dataclass(frozen=True, slots=True)
class Running:
    """A clock of one lead. `paused`: spans that do not count and do not overlap; the last one may be open (None), or end
    at a moment to come."""

    started_at: datetime
    touched_at: datetime | None = None
    paused: tuple[tuple[datetime, datetime | None], ...] = field(default=())


def policy_for(policies: Sequence[Policy], clock: Clock, facts: Mapping[str, Any]) -> Policy | None:
    """The first policy of a clock whose conditions a lead meets."""
    return next(
        (
            policy
            for policy in policies
            if policy.clock is clock and all(holds(condition, facts) for condition in policy.conditions)
        ),
        None,
    )


def needs_score(policies: Sequence[Policy], clock: Clock, facts: Mapping[str, Any]) -> bool:
    """Whether the policy that holds for a lead hangs on a score that it does not have yet."""
    for policy in policies:
        if policy.clock is clock:
            met = hangs_on_score(policy.conditions, facts)
            if met is not False:
                return met is None
    return False


def is_touch(kind: str, actor_kind: str, *, is_auto_reply: bool = False) -> bool:
    """Whether a line of the timeline stops a clock: a call, meeting or message of a person."""
    return kind in TOUCHES and actor_kind == "human" and not is_auto_reply


def elapsed(policy: Policy, running: Running, now: datetime) -> timedelta:
    """Working time that counts, up to the touch or now."""
    until = running.touched_at or now
    total = policy.hours.worked(running.started_at, until)
    for since, to in running.paused:
        begins = max(since, running.started_at)
        ends = min(to or until, until)
        if begins < ends:
            total -= policy.hours.worked(begins, ends)
    return total


def due_at(policy: Policy, running: Running, now: datetime, share: float = 1.0) -> datetime | None:
    """When the target, or a share of it, will be used up, if nothing stops or pauses the clock; may be in the past.

    None where that never comes: the clock is paused without an end, or its hours have no working time.
    """
    if running.touched_at is None and any(to is None for _, to in running.paused):
        return None
    at, left = running.started_at, policy.target * share
    for since, to in sorted(running.paused, key=lambda span: span[0]):
        reached = policy.hours.after(at, left)
        if reached is None or reached <= max(since, at):
            return reached
        left -= policy.hours.worked(at, max(since, at))
        at = max(at, to or now)
    return policy.hours.after(at, left)


def is_paused(running: Running, now: datetime) -> bool:
    """Whether the clock stands still now."""
    return running.touched_at is None and any(since <= now and (to is None or now < to) for since, to in running.paused)


def standing(policy: Policy, running: Running, now: datetime) -> Standing:
    """Where the clock stands now."""
    used = elapsed(policy, running, now)
    if running.touched_at is not None:
        return Standing.MET if used <= policy.target else Standing.MISSED
    if used > policy.target:
        return Standing.BREACHED
    if is_paused(running, now):
        return Standing.PAUSED
    return Standing.AT_RISK if used >= policy.target * policy.warns_at else Standing.ON_TRACK


def acts_due(policy: Policy, running: Running, done: Sequence[Act], now: datetime) -> list[Act]:
    """What is due now and was not done, in order. A clock that was touched asks for nothing any more."""
    if running.touched_at is not None:
        return []
    used = elapsed(policy, running, now)
    beyond = used - policy.target
    due = {
        Act.WARN: used >= policy.target * policy.warns_at,
        Act.BREACH: beyond > timedelta(),
        Act.REASSIGN: policy.reassigns_after is not None and beyond > timedelta() and beyond >= policy.reassigns_after,
        Act.ESCALATE: policy.escalates_after is not None and beyond > timedelta() and beyond >= policy.escalates_after,
    }
    return [act for act in Act if due[act] and act not in done]


def next_look_at(policy: Policy, running: Running, done: Sequence[Act], now: datetime) -> datetime | None:
    """The first moment when an act that was not done may be due; None where none will be."""
    if running.touched_at is not None:
        return None
    after_target = {Act.BREACH: timedelta(), Act.REASSIGN: policy.reassigns_after, Act.ESCALATE: policy.escalates_after}
    shares = {Act.WARN: policy.warns_at} | {
        act: (policy.target + after) / policy.target for act, after in after_target.items() if after is not None
    }
    moments = [due_at(policy, running, now, share) for act, share in shares.items() if act not in done]
    return min((at + _PAST for at in moments if at is not None), default=None)


_PAST = timedelta(seconds=1)
"""A breach is what lies beyond its target, not on it."""


def parse_service_levels(raw: Mapping[str, Any], members: Sequence[str], time_zone: str) -> tuple[Policy, ...]:
    """Policies in order from a setting's value: `{policies: [{name, clock, target_minutes, when, hours, warns_at,
    reassigns_after_minutes, pauses_owner, escalates_after_minutes, escalates_to}]}`. Raises InvalidInput naming the first fault."""
    entries = raw.get("policies") or []
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise InvalidInput("service levels: policies is a list of mappings")
    found = tuple(_policy(f"policies[{number}]", entry, members, time_zone) for number, entry in enumerate(entries))
    names = [policy.name for policy in found]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise InvalidInput(f"service levels: the name {twice!r} is used twice")
    return found


def _policy(place: str, raw: Mapping[str, Any], members: Sequence[str], time_zone: str) -> Policy:
    name = raw.get("name")
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 80:
        raise InvalidInput(f"service levels: {place}.name: 1 to 80 characters")
    if raw.get("clock") not in set(Clock):
        raise InvalidInput(f"service levels: {place}.clock: one of {', '.join(Clock)}")
    warns_at = raw.get("warns_at", 0.75)
    if isinstance(warns_at, bool) or not isinstance(warns_at, int | float) or not 0 < warns_at <= 1:
        raise InvalidInput(f"service levels: {place}.warns_at: above 0, at most 1")
    escalates_to = raw.get("escalates_to")
    escalates_after = _minutes(place, raw, "escalates_after_minutes")
    if (escalates_after is None) != (escalates_to is None) or escalates_to not in {None, *members}:
        raise InvalidInput(
            f"service levels: {place}.escalates_to is somebody who works here, with escalates_after_minutes"
        )
    pauses_owner = raw.get("pauses_owner", False)
    if not isinstance(pauses_owner, bool) or (pauses_owner and raw.get("reassigns_after_minutes") is None):
        raise InvalidInput(f"service levels: {place}.pauses_owner: true or false, with reassigns_after_minutes")
    target = _minutes(place, raw, "target_minutes")
    if not target:
        raise InvalidInput(f"service levels: {place}.target_minutes: at least one minute")
    return Policy(
        name=name.strip(),
        clock=Clock(raw["clock"]),
        target=target,
        conditions=parse_filters([str(text) for text in raw.get("when") or []], FIELDS),
        hours=parse_working_hours(raw["hours"], time_zone) if raw.get("hours") else ALWAYS,
        warns_at=float(warns_at),
        reassigns_after=_minutes(place, raw, "reassigns_after_minutes"),
        escalates_after=escalates_after,
        escalates_to=escalates_to,
        pauses_owner=pauses_owner,
    )


def _minutes(place: str, raw: Mapping[str, Any], name: str) -> timedelta | None:
    found = raw.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int) or not 0 <= found <= 60 * 24 * 90:
        raise InvalidInput(f"service levels: {place}.{name}: whole minutes, at most 90 days")
    return timedelta(minutes=found)
