"""Whether a message of a sequence may leave now: one pure answer, with the reason that a person would be shown.

The gates stand in one order, and the first that is closed gives the reason: switches, suppression, what ended it, an address
that takes no mail, consent, stage, other sequences, dates, the company's limit, quiet days, missing variables; then for each mailbox that may carry it
its state, windows, caps (the smallest wins and is named), its gap, and the recipient domain's throttle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from domain.outreach.chance import jitter
from domain.outreach.limits import Cap, SendTimes, binding, midnight, room_at
from domain.outreach.windows import opens
from domain.working_hours import WorkingHours

LOOK_AGAIN = timedelta(minutes=15)
"""When nobody can say when a gate opens, somebody looks again after this."""
FIX_AGAIN = timedelta(hours=1)


class Outcome(StrEnum):
    """What happens with a step now."""

    SEND = "send"
    WAIT = "wait"
    SKIP = "skip"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Verdict:
    """The answer. `until`: when to ask again, of a wait; `mailbox_id`: who carries it, of a send."""

    outcome: Outcome
    reason: str
    detail: Mapping[str, Any] = field(default_factory=dict)
    until: datetime | None = None
    mailbox_id: str | None = None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """Somebody must be left alone. `level`: `agency`, `organization` or `campaign`."""

    level: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Mailbox:
    """A mailbox as far as sending goes. `closed`: why it carries nothing now, or empty."""

    mailbox_id: str
    address: str
    window: WorkingHours
    caps: tuple[Cap, ...]
    times: SendTimes = field(repr=False)
    min_gap: timedelta = timedelta(minutes=10)
    gap_jitter: timedelta = timedelta(minutes=5)
    closed: str = ""

    def free_at(self, now: datetime) -> datetime:
        """When the gap after its last message is over; the jitter hangs on that message, so it can be said again."""
        last = self.times.newest
        if last is None:
            return now
        return last + self.min_gap + jitter(self.gap_jitter, self.mailbox_id, last.isoformat())


@dataclass(frozen=True, slots=True)
class Person:
    """Whom it is for, as the store knows them now."""

    email: str
    stage: str = "lead"
    is_undeliverable: bool = False
    """It was verified that the address takes no mail."""
    is_gone: bool = False
    """Deleted, or merged away without a trace."""
    suppressed: Suppressed | None = None
    consent: str = "unknown"
    """The newest answer for the purpose: `granted`, `refused` or `unknown`."""
    ended_by: str = ""
    """A sign of life since enrolment that this sequence ends for, or empty."""
    elsewhere: str = ""
    """Another sequence that keeps them from this one, or empty."""
    is_company_full: bool = False
    """As many people of the company as may be are in the sequence already, not counting those behind this one."""
    touched_at: datetime | None = None
    """The last touch by anybody of the organization, but for this sequence's own."""
    window: WorkingHours | None = None
    """The campaign's hours in the contact's own zone, where they count and it is known."""


@dataclass(frozen=True, slots=True)
class Campaign:
    """What the sequence says, in the organization's terms. `closed`: the switch that is off, or empty."""

    window: WorkingHours
    caps: tuple[Cap, ...]
    new_cap: Cap
    recipient_domain_limit: int
    closed: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    blocked_stages: frozenset[str] = frozenset()
    needs_consent: bool = False
    quiet: timedelta = timedelta()


def decide(
    campaign: Campaign,
    person: Person,
    mailboxes: Sequence[Mailbox],
    *,
    now: datetime,
    is_first: bool,
    missing: Sequence[str] = (),
    recipient_domain_times: SendTimes | None = None,
) -> Verdict:
    """Whether the step's message leaves now. `mailboxes`: the one that carried the thread so far, or all that may begin
    it; `is_first`: whether nothing has been sent to the person yet; `missing`: variables without a value or fallback."""
    found = (
        _switched_off(campaign, now)
        or _ended(campaign, person, now)
        or _not_yet(campaign, person, now, is_first=is_first)
        or _unfinished(missing, now)
    )
    if found is not None:
        return found
    domain = person.email.rpartition("@")[2]
    sent_there = SendTimes() if recipient_domain_times is None else recipient_domain_times
    throttle = Cap("recipient_domain", campaign.recipient_domain_limit, sent_there, per="hour")
    caps = (*campaign.caps, *((campaign.new_cap,) if is_first else ()))
    if not mailboxes:
        return Verdict(Outcome.WAIT, "no_mailbox", until=now + LOOK_AGAIN)
    verdicts = {}
    for mailbox in sorted(mailboxes, key=_turn) if len(mailboxes) > 1 else mailboxes:
        verdict = verdicts[mailbox.mailbox_id] = _by(mailbox, campaign, person, caps, throttle, domain, now)
        if verdict.outcome is Outcome.SEND:
            return verdict
    return min((verdicts[mailbox.mailbox_id] for mailbox in mailboxes), key=lambda verdict: verdict.until or now)


def _switched_off(campaign: Campaign, now: datetime) -> Verdict | None:
    return Verdict(Outcome.WAIT, campaign.closed, until=now + LOOK_AGAIN) if campaign.closed else None


def _ended(campaign: Campaign, person: Person, now: datetime) -> Verdict | None:  # noqa: PLR0911  one for each gate
    """What ends it for good."""
    if person.is_gone:
        return Verdict(Outcome.STOP, "contact_gone")
    if not person.email:
        return Verdict(Outcome.STOP, "no_address")
    if person.suppressed is not None:
        found = person.suppressed
        detail = {"level": found.level, "kind": found.kind, "because": found.reason}
        return Verdict(Outcome.STOP, "suppressed", detail)
    if person.ended_by:
        return Verdict(Outcome.STOP, person.ended_by)
    if person.is_undeliverable:
        return Verdict(Outcome.STOP, "address_undeliverable")
    if person.consent == "refused":
        return Verdict(Outcome.STOP, "consent_refused")
    if campaign.needs_consent and person.consent != "granted":
        return Verdict(Outcome.STOP, "consent_missing")
    if person.stage in campaign.blocked_stages:
        return Verdict(Outcome.STOP, "stage_blocked", {"stage": person.stage})
    if campaign.ends_on is not None and _today(campaign, now) > campaign.ends_on:
        return Verdict(Outcome.STOP, "campaign_over", {"ended_on": campaign.ends_on.isoformat()})
    return None


def _not_yet(campaign: Campaign, person: Person, now: datetime, *, is_first: bool) -> Verdict | None:
    """What keeps it back for a time."""
    if person.elsewhere:
        return Verdict(Outcome.WAIT, "in_another_sequence", {"sequence": person.elsewhere}, now + FIX_AGAIN)
    if campaign.starts_on is not None and _today(campaign, now) < campaign.starts_on:
        starts = midnight(campaign.starts_on, campaign.window.time_zone)
        return Verdict(Outcome.WAIT, "campaign_not_begun", {"starts_on": campaign.starts_on.isoformat()}, starts)
    if not is_first:
        return None
    if person.is_company_full:
        return Verdict(Outcome.WAIT, "company_limit", until=now + FIX_AGAIN)
    if person.touched_at is not None and person.touched_at + campaign.quiet > now:
        return Verdict(
            Outcome.WAIT, "touched_lately", {"touched_at": person.touched_at.isoformat()},
            person.touched_at + campaign.quiet,
        )  # fmt: skip
    return None


def _unfinished(missing: Sequence[str], now: datetime) -> Verdict | None:
    if not missing:
        return None
    return Verdict(Outcome.WAIT, "variable_missing", {"variables": sorted(missing)}, now + FIX_AGAIN)


def _by(
    mailbox: Mailbox,
    campaign: Campaign,
    person: Person,
    caps: Sequence[Cap],
    throttle: Cap,
    domain: str,
    now: datetime,
) -> Verdict:
    """What one mailbox says."""
    seen: dict[str, Any] = {"mailbox": mailbox.address}
    if mailbox.closed:
        return Verdict(Outcome.WAIT, mailbox.closed, seen, now + LOOK_AGAIN)
    windows = {"campaign_window": campaign.window, "mailbox_window": mailbox.window}
    if person.window is not None:
        windows["contact_window"] = person.window

    def leaves(at: datetime) -> datetime:
        """The first moment from `at` on at which every window is open."""
        return opens(list(windows.values()), at) or now + timedelta(days=366)

    shut = next((name for name, window in windows.items() if not window.is_open(now)), None)
    if shut is not None:
        return Verdict(Outcome.WAIT, shut, seen, leaves(now))
    stacked = [*caps, *mailbox.caps]
    used = [cap.used(now) for cap in stacked]
    smallest = binding(stacked, used)
    if smallest is not None:
        seen["limits"] = {cap.name: [number, cap.limit] for cap, number in zip(stacked, used, strict=True)}
        if smallest.left(now) <= 0:
            return Verdict(Outcome.WAIT, f"cap_{smallest.name}", seen, leaves(room_at(stacked, now)))
    if throttle.left(now) <= 0:
        seen["domain"] = domain
        return Verdict(Outcome.WAIT, "recipient_domain_throttle", seen, leaves(throttle.frees_at(now)))
    if (free_at := mailbox.free_at(now)) > now:
        return Verdict(Outcome.WAIT, "mailbox_gap", seen, leaves(free_at))
    if smallest is not None:
        seen["smallest_limit"] = smallest.name
    return Verdict(Outcome.SEND, "allowed", seen, mailbox_id=mailbox.mailbox_id)


def _turn(mailbox: Mailbox) -> tuple[float, str]:
    """Mailboxes take turns: who has been idle longest goes first."""
    last = mailbox.times.newest
    return last.timestamp() if last else 0.0, mailbox.mailbox_id


def _today(campaign: Campaign, now: datetime) -> date:
    return now.astimezone(ZoneInfo(campaign.window.time_zone)).date()
