"""Messages to contacts and what came of them: people who answer at their hours, machines that open and click at any.

Messages go out at random working hours, so that the hour's effect can be told from the person's. Somebody is the readier
to open, click and reply the nearer a message arrives to their hour of the week.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.simulator.chance import Bools, Chance, Floats, Ints
from data.simulator.journeys import DAY_SECONDS, utc_offsets, working_seconds
from data.simulator.parameters import WorldParameters
from data.simulator.population import Companies, People
from data.simulator.words import MAIL_PAGES

MESSAGES_A_PERSON = 16
WEEK_HOURS = 168
NEAR_HOURS = 5.0
"""How far from their hour people are still keen: the deviation of a bell curve."""
BOOST = 2.6
"""How much likelier a reaction is at that hour than far from it."""
POSITIVE_SHARE = 0.45
"""Of the replies of people written to cold: those that make them a lead."""

SENT, DELIVERED, BOUNCED, OPENED, CLICKED, REPLIED, COMPLAINED, UNSUBSCRIBED = range(8)
TYPES = ("sent", "delivered", "bounced", "opened", "clicked", "replied", "complained", "unsubscribed")
UNSEEN = len(MAIL_PAGES)
"""The link that only programs find, after those of MAIL_PAGES."""


@dataclass(frozen=True)
class MailEvents:
    """One row an event, in no order."""

    message: Ints
    """Key of the message: person times MESSAGES_A_PERSON, plus its step from 0."""
    type: Ints
    at: Floats
    """Seconds since the world began."""
    link: Ints
    """Row of MAIL_PAGES, UNSEEN, or -1."""
    is_machine: Bools
    """The truth."""
    is_recognised: Bools
    """Whether the first look saw the machine."""

    @property
    def person(self) -> Ints:
        return np.asarray(self.message // MESSAGES_A_PERSON)


@dataclass(frozen=True)
class Mailing:
    """All that was written, and the leads it made of people written to cold."""

    events: MailEvents
    replied_at: Floats
    """By person: when they answered and became a lead; infinite for all others."""
    expected_leads: float
    """Of people written to cold: the expected number of such answers."""


def write_mail(
    chance: Chance, parameters: WorldParameters, companies: Companies, people: People, known_at: Floats
) -> Mailing:
    """Three to seven messages to everybody from the day after `known_at` (by person; infinite for nobody)."""
    person = np.flatnonzero(np.isfinite(known_at))
    counts = 3 + chance.below("messages", person, 5)
    step = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    person = np.repeat(person, counts)
    message = person * MESSAGES_A_PERSON + step
    at = _sending_times(chance, companies, people, person, message, step, known_at)
    keen = _keenness(parameters, people, person, at)
    cold = people.is_prospect[person]

    bounces = chance.happens("bounces", message, np.where(step == 0, 0.03, 0.002))
    opens = ~bounces & chance.happens("opens", message, np.minimum(0.9, 0.20 * keen))
    clicks = opens & chance.happens("clicks", message, np.minimum(0.6, 0.14 * keen))
    reply_rate = np.minimum(0.5, np.where(cold, 0.010, 0.014) * keen * np.exp(1.2 * (people.fit[person] - 0.5)))
    replies = ~bounces & chance.happens("replies", message, reply_rate)
    leaves = ~bounces & chance.happens("leaves", message, 0.006)
    complains = ~bounces & ~leaves & chance.happens("complains", message, 0.001)
    is_last = bounces | leaves | complains | (replies & cold)
    alive = (at < (parameters.days - 2) * DAY_SECONDS) & ~_after_first(person, is_last)

    says_yes = replies & cold & chance.happens("says yes", message, POSITIVE_SHARE)
    opened_at = at + 60.0 + chance.exponential("open delay", message, 3 * 3600.0)
    clicked_at = opened_at + 5.0 + chance.exponential("click delay", message, 60.0)
    replied_at = opened_at + 300.0 + chance.exponential("reply delay", message, 6 * 3600.0)
    link = chance.choice("link", message, (5, 3, 2))
    none = np.full(len(message), -1)
    people_do = [
        _rows(alive, message, SENT, at, none),
        _rows(alive & ~bounces, message, DELIVERED, at + 20.0, none),
        _rows(alive & bounces, message, BOUNCED, at + 25.0, none),
        _rows(alive & opens, message, OPENED, opened_at, none),
        _rows(alive & clicks, message, CLICKED, clicked_at, link),
        _rows(alive & replies, message, REPLIED, replied_at, none),
        _rows(alive & leaves, message, UNSUBSCRIBED, opened_at + 30.0, none),
        _rows(alive & complains, message, COMPLAINED, opened_at + 30.0, none),
    ]
    events = _joined([*people_do, *_machines(chance, companies, people, alive & ~bounces, message, person, at)])
    answered = np.full(people.count, np.inf)
    yes = alive & says_yes
    np.minimum.at(answered, person[yes], replied_at[yes])
    return Mailing(events, answered, _expected_leads(person, alive & cold, reply_rate * ~bounces))


def _sending_times(
    chance: Chance, companies: Companies, people: People, person: Ints, message: Ints, step: Ints, known_at: Floats
) -> Floats:
    """A working hour of a working day, five to eight days after the message before."""
    day = np.floor(known_at[person] / DAY_SECONDS) + 1 + step * 6 + chance.below("day", message, 3)
    clock = working_seconds(0.03 + 0.94 * chance.uniform("hour", message))
    return np.asarray(day * DAY_SECONDS + clock - utc_offsets(companies, people.company[person]))


def _keenness(parameters: WorldParameters, people: People, person: Ints, at: Floats) -> Floats:
    """1 far from somebody's hour of the week, 1 + BOOST at it."""
    hour = (at / 3600.0 + parameters.starts_on.weekday() * 24) % WEEK_HOURS
    apart = np.abs(hour - people.best_send_hour[person] - 0.5)
    apart = np.minimum(apart, WEEK_HOURS - apart)
    return np.asarray(1.0 + BOOST * np.exp(-0.5 * (apart / NEAR_HOURS) ** 2))


def _machines(
    chance: Chance, companies: Companies, people: People, arrives: Bools, message: Ints, person: Ints, at: Floats
) -> list[MailEvents]:
    """Images fetched ahead of the reader, and gateways that open every link, the unseen one too."""
    none = np.full(len(message), -1)
    fetched = arrives & people.reads_by_proxy[person]
    said = chance.happens("proxy says so", message, 0.9)
    rows = [_rows(fetched, message, OPENED, at + 22.0 + chance.exponential("fetch", message, 40.0), none, said)]
    scanned = arrives & companies.has_gateway[people.company[person]]
    named = chance.happens("scanner says so", message, 0.25)
    begins = at + 21.0 + 8.0 * chance.uniform("scan", message)
    for link in range(UNSEEN + 1):
        later = begins + 0.4 * link + 0.3 * chance.uniform(f"scan {link}", message)
        rows.append(_rows(scanned, message, CLICKED, later, np.full(len(message), link), named))
    return rows


def _rows(
    chosen: Bools, message: Ints, kind: int, at: Floats, link: Ints, recognised: Bools | None = None
) -> MailEvents:
    """Events of one type; with `recognised`, a machine's."""
    count = int(chosen.sum())
    is_machine = np.full(count, recognised is not None)
    seen = np.zeros(count, dtype=bool) if recognised is None else recognised[chosen]
    return MailEvents(message[chosen], np.full(count, kind), at[chosen], link[chosen], is_machine, seen)


def _joined(parts: list[MailEvents]) -> MailEvents:
    names = ("message", "type", "at", "link", "is_machine", "is_recognised")
    return MailEvents(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def _after_first(group: Ints, marked: Bools) -> Bools:
    """Rows after the first marked one of their group; rows of a group are neighbours."""
    seen = np.cumsum(marked)
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1])) if len(group) else group
    lengths = np.diff(np.append(starts, len(group)))
    before = np.repeat(np.concatenate([[0], seen])[starts], lengths)
    return np.asarray(seen - marked > before)


def _expected_leads(person: Ints, counts: Bools, reply_rate: Floats) -> float:
    """Expected number of people with at least one answer that makes them a lead."""
    silent = np.where(counts, np.log1p(-POSITIVE_SHARE * reply_rate), 0.0)
    _, group = np.unique(person, return_inverse=True)
    return float(-np.expm1(np.bincount(group, weights=silent)).sum()) if len(person) else 0.0
