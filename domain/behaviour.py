"""Signals that behaviour gives: what people did on the site, in mail and elsewhere, and when a company's people come more
often than they used to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from domain.replies.intents import POSITIVE, Intent
from domain.signals import BASELINE, USUAL, WINDOW, Counted, Signal, SignalKind, Spike, is_address, spikes

LOOK_BACK = timedelta(days=30)
"""What is older is no sign of buying now, also where it is learned of only today."""
AWAY = timedelta(days=14)
"""After so long without a visit, somebody came back."""
LEAST_PAGES = 2
"""Of a visit that counts as coming back."""
LEAST_PRICING_VIEWS = 2
"""Of pages about what it costs, in a day."""
FALSE_ALARMS_A_DAY = 1 / 7
"""Companies whose visits are called unusual by chance alone: one a week, since they are looked at once for each day."""
PRICING_STRENGTH = 25.0
BURST_STRENGTH = 30.0
WARM_REPLY = 40.0
OTHER_REPLY = 15.0
NO_SIGN = frozenset({Intent.NOT_INTERESTED, Intent.UNSUBSCRIBE, Intent.LEGAL})
"""Answers that say the opposite."""
OTHERS: Mapping[str, tuple[SignalKind, str, str]] = {
    "email_click": (SignalKind.EMAIL_ENGAGEMENT, "email", "Followed a link in a message"),
    "email_reply": (SignalKind.EMAIL_ENGAGEMENT, "email", "Answered a message"),
    "form": (SignalKind.FORM, "forms", "Sent a form"),
    "linkedin_connected": (SignalKind.SOCIAL, "linkedin", "Connected on LinkedIn"),
    "linkedin_invitation_received": (SignalKind.SOCIAL, "linkedin", "Sent an invitation on LinkedIn"),
    "linkedin_message_received": (SignalKind.SOCIAL, "linkedin", "Wrote on LinkedIn"),
    "linkedin_lead_form_response": (SignalKind.FORM, "linkedin", "Sent a LinkedIn lead form"),
}
"""What each kind of reaction is a signal of, what tells of it, and what it is called."""


@dataclass(frozen=True, slots=True)
class VisitDay:
    """One day's visits of one person; `first_session_id` stays when people turn out to be one."""

    visited_on: date
    contact_id: str | None
    company_id: str | None
    first_session_id: str
    page_view_count: int
    pricing_view_count: int
    download_count: int
    first_visit_at: datetime
    last_visit_at: datetime
    former_visit_at: datetime | None


@dataclass(frozen=True, slots=True)
class Reaction:
    """An answer, a link that was followed, a form, or an act on LinkedIn; of a person, not of a machine."""

    reaction_id: str
    kind: str
    contact_id: str
    company_id: str | None
    campaign: str
    intent: str
    page_url: str
    occurred_at: datetime


def of_visits(day: VisitDay) -> Iterator[Signal]:
    """What a day's visits of one person are signs of: prices looked at again and again, a return, files."""
    if day.pricing_view_count >= LEAST_PRICING_VIEWS:
        title = f"Looked at prices {day.pricing_view_count} times in a day"
        yield _of_day(day, SignalKind.SITE_VISIT, "pricing", title, PRICING_STRENGTH)
    away = day.first_visit_at - day.former_visit_at if day.former_visit_at else timedelta()
    if away >= AWAY and day.page_view_count >= LEAST_PAGES:
        title = f"Came back to the site after {away.days} days, {day.page_view_count} pages"
        yield _of_day(day, SignalKind.SITE_VISIT, "return", title)
    if day.download_count:
        title = "Downloaded a file" if day.download_count == 1 else f"Downloaded {day.download_count} files"
        yield _of_day(day, SignalKind.CONTENT, "download", title)


def of_reaction(reaction: Reaction) -> Signal | None:
    """The signal that a reaction is; None for a no."""
    if reaction.intent in NO_SIGN:
        return None
    kind, source, title = OTHERS[reaction.kind]
    usual = USUAL[kind]
    strength = usual.strength
    if reaction.kind == "email_reply":
        strength = WARM_REPLY if reaction.intent in POSITIVE else OTHER_REPLY
        title += f": {reaction.intent.replace('_', ' ')}" if reaction.intent else ""
    elif reaction.campaign:
        title = f"{title}: {reaction.campaign}"
    return Signal(
        kind=kind, title=title[:300], url=reaction.page_url if is_address(reaction.page_url) else "", source=source,
        observed_at=reaction.occurred_at, strength=strength, half_life_days=usual.half_life_days,
        contact_id=reaction.contact_id, company_id=reaction.company_id, told_key=reaction.reaction_id,
        is_key_alone=True,
    )  # fmt: skip


def of_bursts(days: Iterable[VisitDay], today: date) -> list[Signal]:
    """Companies whose people came oftener in seven days than they used to, compared with themselves by people and days
    (`domain.signals.spikes`), as of each of the last seven mornings. While it goes on it is told once, of its first
    morning."""
    visits = Counter((day.company_id, day.visited_on.toordinal()) for day in days if day.company_id)
    mornings = [today - timedelta(days=ago) for ago in range(2 * WINDOW.days - 1, -1, -1)]
    unusual = [_unusual(visits, morning) for morning in mornings]
    usual = USUAL[SignalKind.SITE_VISIT]
    found = []
    for place in range(WINDOW.days, len(mornings)):
        told_of = {company_id for former in unusual[place - WINDOW.days : place] for company_id in former}
        found += [
            Signal(
                kind=SignalKind.SITE_VISIT, source="site", url="", strength=BURST_STRENGTH,
                title=f"More visits than usual: {spike.recent} in seven days, {spike.expected:.1f} expected",
                half_life_days=usual.half_life_days, observed_at=datetime.combine(mornings[place], time(), UTC),
                company_id=company_id, told_key=f"burst:{company_id}:{mornings[place]}", is_key_alone=True,
            )
            for company_id, spike in sorted(unusual[place].items()) if company_id not in told_of
        ]  # fmt: skip
    return found


def _unusual(visits: Mapping[tuple[str, int], int], morning: date) -> dict[str, Spike]:
    """Where people came oftener in the seven days before a morning than in the twelve weeks before those; `visits` by
    company and ordinal of the day."""
    today = morning.toordinal()
    recent: Counter[str] = Counter()
    before: Counter[str] = Counter()
    for (company_id, visited_on), count in visits.items():
        if today - WINDOW.days <= visited_on < today:
            recent[company_id] += count
        elif today - WINDOW.days - BASELINE.days <= visited_on < today - WINDOW.days:
            before[company_id] += count
    counted = {each: Counted(recent[each], before[each]) for each in recent.keys() | before.keys()}
    first_on = min((visited_on for _, visited_on in visits), default=today)
    return spikes(counted, timedelta(days=today - first_on), false_alarms=FALSE_ALARMS_A_DAY)


def _of_day(day: VisitDay, kind: SignalKind, sign: str, title: str, strength: float | None = None) -> Signal:
    usual = USUAL[kind]
    return Signal(
        kind=kind, title=title, url="", source="site", observed_at=day.last_visit_at,
        strength=usual.strength if strength is None else strength, half_life_days=usual.half_life_days,
        contact_id=day.contact_id, company_id=day.company_id, told_key=f"{sign}:{day.first_session_id}",
        is_key_alone=True,
    )  # fmt: skip
