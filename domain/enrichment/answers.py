"""What a provider is asked and what it answers, in the one vocabulary that all of them are brought to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal

from domain.enrichment.fields import Subject


class Outcome(StrEnum):
    """What came of one call."""

    FOUND = "found"
    NOT_FOUND = "not_found"
    OPTED_OUT = "opted_out"
    """The person asked the provider to be left out: nobody is to be asked about them again there."""
    RATE_LIMITED = "rate_limited"
    QUOTA_SPENT = "quota_spent"
    REFUSED = "refused"
    """Wrong or missing key, or a plan without this call."""
    INVALID = "invalid"
    """The provider says that the question itself is wrong."""
    MALFORMED = "malformed"
    """An answer that is not what the provider documents: HTML instead of JSON, a list instead of an object."""
    TIMED_OUT = "timed_out"
    """It was asked and did not answer in time: it may have charged for it."""
    AWAY = "away"
    """It was not reached, or answered that it is broken."""
    UNKNOWN = "unknown"
    """The worker died while the call was out: nobody can know whether it was answered, or charged."""

    @property
    def is_answer(self) -> bool:
        """Whether it is kept, so that the same is not asked again until it has grown old."""
        return self in {Outcome.FOUND, Outcome.NOT_FOUND, Outcome.OPTED_OUT}

    @property
    def may_be_charged(self) -> bool:
        """Whether money is gone although nothing was found out: it counts as spent."""
        return self in {Outcome.TIMED_OUT, Outcome.UNKNOWN, Outcome.MALFORMED}


Charge = Literal["found", "always", "never"]


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that a provider can be asked. `needs`: what must be known, the best way of asking first."""

    name: str
    subject: Subject
    gives: frozenset[str]
    needs: tuple[tuple[str, ...], ...]
    units: float = 1.0
    """Credits of the provider that one call costs."""
    charges: Charge = "found"

    def question(self, known: Mapping[str, str]) -> dict[str, str] | None:
        """What is sent: the first of `needs` that is wholly known; None where none is."""
        for names in self.needs:
            if all(known.get(name) for name in names):
                return {name: known[name] for name in names}
        return None


@dataclass(frozen=True, slots=True)
class Told:
    """One fact of an answer as the provider says it: not checked yet. `confidence`: 0 to 1, None where it says none."""

    value: Any
    confidence: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of one call."""

    outcome: Outcome
    told: Mapping[str, Told] = field(default_factory=dict)
    raw: Any = None
    """As it was received, where it is JSON; it is kept whole."""
    status: int | None = None
    problem: str = ""
    retry_after: float | None = None
    """Seconds, where the provider says so."""
    units: float | None = None
    """What it says that it charged; None where it does not say."""
    is_about_question: bool = False
    """Whether a failure is of what was asked about, such as a company's own website, and not of who was asked."""

    @property
    def is_found(self) -> bool:
        return self.outcome is Outcome.FOUND


def canonical(connection_id: str, operation: str, question: Mapping[str, str]) -> str:
    """One text for one question, however it is spelled: what the cache and calls under way are known by."""
    asked = {name: " ".join(str(value).split()).casefold() for name, value in question.items()}
    return json.dumps([connection_id, operation, asked], sort_keys=True, ensure_ascii=False)


def found(told: Mapping[str, Any], raw: Any, *, confidence: float | None = None, **more: Any) -> Answer:
    """An answer of facts that are not empty: without any it is `not_found`. A value may be a `Told` of its own."""
    facts = {
        name: value if isinstance(value, Told) else Told(value, confidence)
        for name, value in told.items()
        if (value.value if isinstance(value, Told) else value) not in (None, "", [], {})
    }
    return Answer(Outcome.FOUND if facts else Outcome.NOT_FOUND, facts, raw, **more)
