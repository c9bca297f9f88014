"""What a person wants who answered: classes, how sure one is, and when not to say. Rules go before any classifier."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from domain.replies.dates import days_in
from domain.replies.demands import Demand, DemandKind


class Intent(StrEnum):
    """What an answer asks for."""

    INTERESTED = "interested"
    MEETING_REQUEST = "meeting_request"
    QUESTION = "question"
    PRICE_OBJECTION = "price_objection"
    INCUMBENT_OBJECTION = "incumbent_objection"
    """They have somebody for it."""
    AUTHORITY_OBJECTION = "authority_objection"
    """Somebody else decides."""
    REFERRAL = "referral"
    """The wrong person, or it was passed on."""
    NOT_NOW = "not_now"
    NOT_INTERESTED = "not_interested"
    UNSUBSCRIBE = "unsubscribe"
    LEGAL = "legal"
    """Hostile, or of the law: for a person, and nobody writes to them again."""
    UNCLEAR = "unclear"
    """Nobody can say, or there are no words: a person reads it."""


SUPPRESSING = frozenset({Intent.UNSUBSCRIBE, Intent.LEGAL})
POSITIVE = frozenset({Intent.INTERESTED, Intent.MEETING_REQUEST, Intent.QUESTION})
"""Answers that want to hear more."""

SURE = 0.5
"""Probability from which a class is named, by default."""
CLEAR_LEAD = 0.15
"""By how much the first class must lead over the second."""
WARY = 0.35
"""Probability of a demand from which it is granted, whatever else is likelier: a missed one costs most."""
BY_RULE = 0.97
"""What a rule is worth, measured on the demands of docs/replies.md."""


class IntentReader(Protocol):
    """A classifier. `name` is shown to people; it gives a probability to each intent it knows, for each text."""

    name: str

    def probabilities(self, texts: Sequence[str]) -> list[Mapping[Intent, float]]: ...


@dataclass(frozen=True, slots=True)
class Reading:
    """An answer as it was understood. `confidence` is 0–1; `by` is `rule` or the name of a classifier."""

    intent: Intent
    confidence: float
    by: str
    suppresses: bool
    likeliest: tuple[tuple[Intent, float], ...] = ()
    """The first three classes, also where none is named."""
    again_on: date | None = None
    """The day that a `not_now` names."""
    named: tuple[str, ...] = ()
    """Addresses that a `referral` gives: drafts for a person, never written to by themselves."""


def read_intent(
    written: str, demand: Demand | None, reader: IntentReader | None, today: date, *, sure: float = SURE
) -> Reading:
    """What an answer's own words want. A demand decides alone; without words, or a reader, nobody can say.

    `sure` is the probability from which a class is named. Below it, or where two classes are near each other, the answer is
    `unclear`; a demand that is at all likely suppresses even then.
    """
    if demand is not None:
        intent = Intent.LEGAL if demand.kind is DemandKind.LEGAL else Intent.UNSUBSCRIBE
        return Reading(intent, BY_RULE, "rule", suppresses=True)
    if reader is None or not re.search(r"\w", written):
        return Reading(Intent.UNCLEAR, 0.0, "rule", suppresses=False)
    found = reader.probabilities([written])[0]
    ranked = sorted(found.items(), key=lambda each: (-each[1], each[0].value))
    (first, likely), runner_up = ranked[0], ranked[1][1] if len(ranked) > 1 else 0.0
    is_clear = likely >= sure and likely - runner_up >= CLEAR_LEAD
    demanded = sum(found.get(each, 0.0) for each in SUPPRESSING)
    intent = first if is_clear else Intent.UNCLEAR
    return Reading(
        intent,
        likely,
        reader.name,
        suppresses=demanded >= WARY or intent in SUPPRESSING,
        likeliest=tuple(ranked[:3]),
        again_on=_day_named(written, today) if intent is Intent.NOT_NOW else None,
        named=addresses_in(written) if intent is Intent.REFERRAL else (),
    )


def addresses_in(written: str) -> tuple[str, ...]:
    """The e-mail addresses that somebody's own words give, at most five, in lower case."""
    found = re.findall(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}", written[:10_000])
    return tuple(dict.fromkeys(each.casefold().strip(".") for each in found))[:5]


def _day_named(written: str, today: date) -> date | None:
    return next((day.on for day in days_in(written[:2_000], today) if day.on > today), None)
