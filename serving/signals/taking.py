"""Takes signals in: each is kept once, and what is none is kept with its reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from domain.errors import InvalidInput
from domain.ids import new_id
from domain.signals import Signal, parse_signal
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.plays import ask_plays
from storage.ops.repositories.signals import BuyingSignals, RejectedSignals
from storage.ops.store import Work

NOBODY = "nobody_here"
NOT_UNDERSTOOD = "not_understood"


@dataclass(frozen=True, slots=True)
class Taken:
    """What became of one: `kept`, `known` (told before) or `refused`, with the reason and the words for it."""

    outcome: str
    reason: str = ""
    message: str = ""


def take(work: Work, told: Sequence[Mapping[str, Any]], *, source: str) -> list[Taken]:
    """Keeps what is understood and about somebody here; what is not is refused and kept as it came."""
    taken = _sort_out(work, told, source)
    for one, body in zip(taken, told, strict=True):
        if one.outcome == "refused":
            RejectedSignals(work).add(
                reason=one.reason, message=one.message, body=json.dumps(body, ensure_ascii=False), source=source
            )
    return taken


def note_telling(work: Work, taken: Iterable[Taken], *, source: str) -> Counter[str]:
    """One line of the audit log for a telling; answers how many of it came to each outcome."""
    counts = Counter(one.outcome for one in taken)
    Audit(work).record("tell", "signals", new_id(), after={"source": source, **counts})
    return counts


def replay_some(work: Work, *, limit: int, after: str | None) -> tuple[list[Taken], str | None]:
    """Tries refused ones again, and answers what became of them and the last of them."""
    rejected = RejectedSignals(work)
    rows = rejected.open(limit=limit, after=after)
    taken: list[Taken] = []
    for source in sorted({row.source for row in rows}):
        some = [row for row in rows if row.source == source]
        again = _sort_out(work, [json.loads(row.body) for row in some], source)
        for row, one in zip(some, again, strict=True):
            rejected.note_attempt(
                row, got_through=one.outcome != "refused", reason=one.reason, message=one.message
            )  # fmt: skip
        taken += again
    return taken, rows[-1].rejected_signal_id if rows else None


def _sort_out(work: Work, told: Sequence[Mapping[str, Any]], source: str) -> list[Taken]:
    found: list[Signal | Taken] = [_read(each, work, source) for each in told]
    understood = [one for one in found if isinstance(one, Signal)]
    signals = BuyingSignals(work)
    subjects = signals.subjects(understood)
    pairs = [(one, whom) for one, whom in zip(understood, subjects, strict=True) if whom is not None]
    kept = signals.add_all(pairs)
    ask_plays(work, [each for each in kept if each is not None])
    is_new = iter(kept)
    is_known = iter(subjects)
    return [
        one if isinstance(one, Taken)
        else Taken("refused", NOBODY, "nobody here has this address, domain or id") if next(is_known) is None
        else Taken("kept") if next(is_new) else Taken("known")
        for one in found
    ]  # fmt: skip


def _read(told: Mapping[str, Any], work: Work, source: str) -> Signal | Taken:
    try:
        return parse_signal(told, now=work.now(), source=source)
    except InvalidInput as fault:
        return Taken("refused", NOT_UNDERSTOOD, " ".join(filter(None, (fault.message, fault.hint))))
