"""When a provider is asked next: its rate, a pause it asked for, and a pause of our own when it keeps failing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.enrichment.answers import Answer, Outcome

FAILURES = 5
"""In a row: then the circuit opens."""
FIRST_PAUSE = timedelta(seconds=10)
LONGEST_PAUSE = timedelta(minutes=15)
WITHOUT_A_WORD = timedelta(seconds=5)
"""After a 429 that names no time; doubled each time in a row."""
WITHOUT_CREDIT = timedelta(hours=1)
LONGEST_ASKED = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is remembered of a connection between calls."""

    failures: int = 0
    """In a row."""
    open_until: datetime | None = None
    next_slot_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """Whether nothing is to be asked now."""
        return self.open_until is not None and now < self.open_until


def after(circuit: Circuit, answer: Answer, now: datetime) -> Circuit:
    """The circuit after an answer. A pause that is running is never shortened."""
    if answer.is_about_question:
        return circuit
    match answer.outcome:
        case Outcome.RATE_LIMITED:
            asked = timedelta(seconds=answer.retry_after) if answer.retry_after is not None else None
            pause = min(asked or WITHOUT_A_WORD * 2 ** min(circuit.failures, 7), LONGEST_ASKED)
        case Outcome.QUOTA_SPENT:
            pause = min(max(timedelta(seconds=answer.retry_after or 0), WITHOUT_CREDIT), LONGEST_ASKED)
        case Outcome.AWAY | Outcome.TIMED_OUT | Outcome.MALFORMED:
            in_a_row = circuit.failures + 1
            pause = timedelta(0)
            if in_a_row >= FAILURES:
                pause = min(FIRST_PAUSE * 2 ** min(in_a_row - FAILURES, 10), LONGEST_PAUSE)
            if answer.retry_after is not None:
                pause = max(pause, min(timedelta(seconds=answer.retry_after), LONGEST_ASKED))
        case _:
            return replace(circuit, failures=0)
    until = max(filter(None, (circuit.open_until, now + pause if pause else None)), default=None)
    return replace(circuit, failures=circuit.failures + 1, open_until=until)


def slot(circuit: Circuit, now: datetime, per_minute: int, burst: int) -> tuple[datetime, Circuit]:
    """When the next call may leave, and the circuit after it has its place (GCRA: `burst` may leave at once, then one each
    60/`per_minute` seconds)."""
    interval = timedelta(seconds=60 / per_minute)
    arrival = max(circuit.next_slot_at or now, now)
    leaves = max(now, arrival - interval * (burst - 1))
    return leaves, replace(circuit, next_slot_at=arrival + interval)
