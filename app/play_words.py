"""Plays in words, and an empty one to begin with. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from app.api_transport import Json
from app.campaign_words import reason_text
from app.formatting import plural
from app.routing_words import condition_words
from app.signal_words import kind_words
from domain.plays import BY_THE_RULES, OWNER

REASONS = {
    "signal": "Fired",
    "too_old": "The signal is too old",
    "conditions": "A condition does not hold",
    "is_customer": "A customer already",
    "has_open_deal": "Has an open deal",
    "cooling_down": "Fired for this company a while ago",
    "daily_cap": "Enough for the day",
    "nobody_to_act_on": "Nobody is known there",
}


def new_play() -> Json:
    """What a play is before anybody says anything."""
    return {
        "key": "", "name": "", "is_on": False, "kinds": [], "when": [], "cooldown_days": 30, "max_age_days": 14,
        "most_a_day": 20, "spares_customers": True, "spares_open_deals": True, "acts": {"people": 1},
    }  # fmt: skip


def key_of(name: str, taken: Collection[str]) -> str:
    """What a new play is known by: its name in small letters, with a number where that is taken."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:50] or "play"
    numbered = (plain if number == 1 else f"{plain}-{number}" for number in range(1, len(taken) + 2))
    return next(key for key in numbered if key not in taken)


def why_words(reason: str) -> str:
    return REASONS.get(reason, reason.replace("_", " ").capitalize())


def when_words(play: Mapping[str, Any]) -> str:
    """`Funding or Hiring, country is DE`."""
    kinds = " or ".join(kind_words(kind) for kind in play["kinds"])
    return ", ".join([kinds, *(condition_words(each) for each in play["when"])])


def acts_words(acts: Mapping[str, Any], people: Mapping[str, str], sequences: Mapping[str, str]) -> str:
    """`gives them to Ada, puts 2 people into Spring, a task "Call" for the owner`."""
    said = []
    if owner := acts.get("owner"):
        said.append("routes them" if owner == BY_THE_RULES else f"gives them to {_who(owner, people)}")
    if sequence := acts.get("sequence_id"):
        most = plural(acts.get("people", 1), "person", "people")
        said.append(f"puts {most} into {sequences.get(sequence, 'a sequence that ended')}")
    if task := acts.get("task"):
        said.append(f"a task “{task['title']}” for {_who(task.get('assignee', OWNER), people)}")
    if alert := acts.get("alert"):
        said.append(f"tells {', '.join(_who(each, people) for each in alert)}")
    return ", ".join(said)


def rest_words(play: Mapping[str, Any]) -> str:
    """`A company rests 30 days, at most 20 a day, no customers, no open deals`."""
    spared = [
        words
        for name, words in (("spares_customers", "no customers"), ("spares_open_deals", "no open deals"))
        if play[name]
    ]
    days = play["cooldown_days"]
    rest = f"a company rests {plural(days, 'day')}" if days else "every signal counts"
    return ", ".join([rest, f"at most {play['most_a_day']} a day", *spared]).capitalize()


def count_words(counts: Mapping[str, int]) -> str:
    """`Fired 3 times, left alone 5 times`."""
    fired, asked = counts.get("signal", 0), sum(counts.values())
    if not asked:
        return "Not asked yet"
    return f"Fired {plural(fired, 'time')}, left alone {plural(asked - fired, 'time')} in 90 days"


def gate_words(enrolled: int | None, refused: Mapping[str, int]) -> str:
    """`3 may today, not: Suppressed (2)`: what the gate of a sequence says, most first; a dash where a play has none."""
    if enrolled is None:
        return "–"
    ordered = sorted(refused.items(), key=lambda each: (-each[1], each[0]))
    told = ", ".join(f"{reason_text(reason)} ({count})" for reason, count in ordered)
    return f"{enrolled} may today" + (f", not: {told}" if told else "")


def _who(user: str, people: Mapping[str, str]) -> str:
    return "the owner" if user == OWNER else people.get(user, "somebody who left")
