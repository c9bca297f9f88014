"""Journeys: visits through channels, and the form at the end of some; with what each channel truly did.

The model. Every touch of channel c leaves `effect[c]` behind, which fades by `memory_days`; a colleague's touch counts
`colleague_weight` of one's own. In a visit the hazard of sending the form is

    hazard = base * appeal(person) * drift(day) * (own + colleague_weight * others)

and the form is sent with probability 1 - exp(-hazard), once. `base` is set so that `lead_rate` of the visitors send it.
Which channel a visit comes through depends on its place in the journey (openers first, closers later), not on its
effect: so the last touch is biased. What a channel truly did is the difference in expected conversions when its effect is
taken out and everything else stays, in closed form from the hazards (no draws, no attribution model).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.simulator.chance import Bools, Chance, Floats, Ints, pick
from data.simulator.parameters import ClientPlan, WorldParameters
from data.simulator.population import Companies, People
from data.simulator.words import COUNTRIES

MOST_VISITS = 24
VISITS_A_PERSON = 64
"""Keys of visits: person times this, plus the place among the visits that were drawn for them."""
DAY_SECONDS = 86_400
CLOSING = (0.1, 0.58, 0.78, 0.86)
"""How likely the first, second, third and every later visit comes through a closing channel."""
HOURS = (1, 1, 1, 1, 1, 2, 6, 14, 30, 46, 50, 46, 34, 42, 48, 44, 36, 24, 16, 14, 14, 12, 8, 4)
"""How visits spread over the hours of the visitor's own day."""


@dataclass(frozen=True)
class Visits:
    """People's visits by themselves, by person and time."""

    key: Ints
    person: Ints
    at: Floats
    """Seconds since the world began (UTC)."""
    channel: Ints
    """Position among the client's channels."""
    device: Ints
    """0 the person's first, 1 their second."""
    is_cleared: Bools
    """After the cookies of that device were cleared."""
    submits: Bools
    """Ends with the form."""


@dataclass(frozen=True)
class ChannelEffects:
    """Each channel's true part, in the order of the client's channels."""

    effect: Floats
    incremental_conversions: Floats
    """Expected conversions that would be lost without it."""
    expected_conversions: float


def draw_visits(
    chance: Chance, plan: ClientPlan, parameters: WorldParameters, companies: Companies, people: People
) -> Visits:
    """Everybody's visits within the world's days, none of which sends the form yet."""
    number = np.arange(people.count)
    mean = parameters.visits_mean * np.exp(0.5 * people.curiosity - 0.125)
    wanted = 1 + np.minimum(MOST_VISITS - 1, chance.exponential("visits", number, mean).astype(np.int64))
    wanted = np.where(people.is_prospect, 0, wanted)
    person = np.repeat(number, wanted)
    place = np.arange(len(person)) - np.repeat(np.cumsum(wanted) - wanted, wanted)
    key = person * VISITS_A_PERSON + place
    day = _days(chance, companies, people, person, place, key)
    at = _seconds(companies, people, person, day)
    weekday = (np.floor(at / DAY_SECONDS).astype(np.int64) + parameters.starts_on.weekday()) % 7
    stays = (day < parameters.days) & (at >= 0) & (at < (parameters.days - 0.1) * DAY_SECONDS)
    stays &= (weekday < 5) | chance.happens("weekend", key, 0.35)
    person, key, at = person[stays], key[stays], at[stays]
    place = _place(person)
    device = chance.happens("on second device", key, 0.35) & (people.device[1][person] >= 0)
    cleared = people.clears_cookies[person] & (place >= 1 + people.curiosity[person].astype(np.int64) % 3)
    return Visits(
        key=key,
        person=person,
        at=at,
        channel=_channels(chance, plan, key, place),
        device=device.astype(np.int64),
        is_cleared=cleared & ~device,
        submits=np.zeros(len(key), dtype=bool),
    )


def convert(
    chance: Chance, plan: ClientPlan, parameters: WorldParameters, people: People, visits: Visits
) -> tuple[Visits, ChannelEffects]:
    """The same visits with the form sent in those that it is sent in, and what each channel did."""
    effect = np.array([channel.effect for channel in plan.channels])
    if not len(visits.key):
        return visits, ChannelEffects(effect, np.zeros(len(effect)), 0.0)
    remembered = _remembered(parameters, people, visits, len(effect))
    appeal = np.exp(parameters.fit_pull * (people.fit[visits.person] - 0.5))
    by_channel = remembered * effect * appeal[:, None]
    base = _base(by_channel.sum(axis=1), visits.person, plan.lead_rate)
    by_channel *= (base * _drift(parameters, visits.at))[:, None]
    hazard = by_channel.sum(axis=1)
    sends = chance.happens("sends the form", visits.key, -np.expm1(-hazard))
    first = sends & _is_first(visits.person, sends)
    totals = _sum_by(visits.person, np.column_stack([hazard, by_channel]))
    all_of_it, part = totals[:, 0], totals[:, 1:]
    expected = float(-np.expm1(-all_of_it).sum())
    without = -np.expm1(-np.maximum(0.0, all_of_it[:, None] - part)).sum(axis=0)
    made = Visits(
        visits.key, visits.person, visits.at, visits.channel, visits.device, visits.is_cleared, np.asarray(first)
    )
    return made, ChannelEffects(effect, np.asarray(expected - without), expected)


def working_seconds(uniform: Floats) -> Floats:
    """Seconds after midnight by the visitor's own clock, as HOURS spread them; later for a greater number."""
    edges = np.concatenate([[0.0], np.cumsum(HOURS) / np.sum(HOURS)])
    return np.asarray(np.interp(uniform, edges, np.arange(25) * 3600.0))


def utc_offsets(companies: Companies, company: Ints) -> Floats:
    """Seconds by which the clocks of a company's people are ahead of UTC."""
    return np.asarray(np.array([country.utc_offset for country in COUNTRIES])[companies.country[company]] * 3600.0)


def _days(chance: Chance, companies: Companies, people: People, person: Ints, place: Ints, key: Ints) -> Floats:
    """When each visit takes place, in days: the first some days after the company's project began."""
    begins = companies.interested_day[people.company[person]] + chance.exponential("joins", person, 3.5)
    gaps = np.where(place > 0, 0.15 + chance.exponential("gap", key, 4.5), 0.0)
    total = np.cumsum(gaps)
    starts = np.flatnonzero(place == 0)
    lengths = np.diff(np.append(starts, len(place)))
    return np.asarray(begins + total - np.repeat(total[starts], lengths))


def _seconds(companies: Companies, people: People, person: Ints, day: Floats) -> Floats:
    """Days bent so that visits fall into people's waking hours; the order of a person's visits is kept."""
    whole = np.floor(day)
    return np.asarray(
        whole * DAY_SECONDS + working_seconds(day - whole) - utc_offsets(companies, people.company[person])
    )


def _channels(chance: Chance, plan: ClientPlan, key: Ints, place: Ints) -> Ints:
    closes = chance.happens("closes", key, np.asarray(CLOSING)[np.minimum(place, len(CLOSING) - 1)])
    which = chance.uniform("channel", key)
    opening = [channel.opens for channel in plan.channels]
    closing = [channel.closes for channel in plan.channels]
    return np.where(closes, pick(which, closing), pick(which, opening))


def _drift(parameters: WorldParameters, at: Floats) -> Floats:
    if parameters.drift is None:
        return np.ones(len(at))
    return np.where(at >= parameters.drift.from_day * DAY_SECONDS, parameters.drift.lead_factor, 1.0)


def _remembered(parameters: WorldParameters, people: People, visits: Visits, channels: int) -> NDArray[np.float64]:
    """What is left of the touches of each channel at each visit, itself included: rows visits, columns channels."""
    own = _faded(visits.person, visits.at, visits.channel, channels, parameters.memory_days)
    if not parameters.colleague_weight:
        return own
    company = people.company[visits.person]
    order = np.lexsort((visits.key, visits.at, company))
    shared = np.empty_like(own)
    shared[order] = _faded(company[order], visits.at[order], visits.channel[order], channels, parameters.memory_days)
    return own + parameters.colleague_weight * np.maximum(0.0, shared - own)


def _faded(group: Ints, at: Floats, channel: Ints, channels: int, memory_days: float) -> NDArray[np.float64]:
    """Running sums of touches by group, fading over time; rows are in order of group and time."""
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    lengths = np.diff(np.append(starts, len(group)))
    starts = starts[np.argsort(-lengths, kind="stable")]
    lengths = -np.sort(-lengths)
    fade = np.exp(-np.diff(at, prepend=at[0]).clip(0) / (memory_days * DAY_SECONDS))
    sums = np.zeros((len(group), channels))
    state = np.zeros((len(starts), channels))
    for place in range(int(lengths[0])):
        active = int(np.searchsorted(-lengths, -place, side="left"))
        rows = starts[:active] + place
        if place:
            state[:active] *= fade[rows, None]
        state[np.arange(active), channel[rows]] += 1.0
        sums[rows] = state[:active]
    return sums


def _base(strength: Floats, person: Ints, lead_rate: float) -> float:
    """The factor under which `lead_rate` of the visitors are expected to send the form; found by halving."""
    total = _sum_by(person, strength[:, None])[:, 0]
    low, high = 0.0, 1.0
    while -np.expm1(-high * total).mean() < lead_rate and high < 1e9:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if -np.expm1(-middle * total).mean() < lead_rate else (low, middle)
    return high


def _sum_by(group: Ints, values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Sums of rows by group; rows of a group are neighbours."""
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    return np.asarray(np.add.reduceat(values, starts, axis=0))


def _place(group: Ints) -> Ints:
    """0, 1, 2 … within each group of neighbours."""
    if not len(group):
        return group
    starts = np.flatnonzero(np.append(True, group[1:] != group[:-1]))
    lengths = np.diff(np.append(starts, len(group)))
    return np.asarray(np.arange(len(group)) - np.repeat(starts, lengths))


def _is_first(group: Ints, marked: Bools) -> Bools:
    """Whether a marked row is the first marked one of its group."""
    rows = np.flatnonzero(marked)
    of = group[rows]
    first = np.zeros(len(group), dtype=bool)
    first[rows[np.append(True, of[1:] != of[:-1])] if len(rows) else rows] = True
    return first
