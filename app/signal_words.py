"""Signals in words, and a file of them as the API takes it. Pure functions."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from app.api_transport import Json
from app.formatting import comma_separated, parse, plural
from domain.lift import Counted, Verdict
from domain.signals import KNOWN, SignalKind

KINDS: Mapping[str, str] = {
    SignalKind.SITE_VISIT: "Site visit",
    SignalKind.CONTENT: "Content",
    SignalKind.FORM: "Form",
    SignalKind.EMAIL_ENGAGEMENT: "E-mail",
    SignalKind.HIRING: "Hiring",
    SignalKind.FUNDING: "Funding",
    SignalKind.TECH_CHANGE: "Technology",
    SignalKind.NEWS: "News",
    SignalKind.JOB_CHANGE: "Job change",
    SignalKind.REVIEW_SITE: "Review site",
    SignalKind.SOCIAL: "Social",
    SignalKind.OTHER: "Other",
}
REASONS = {
    "nobody_here": "About nobody here",
    "not_understood": "Not understood",
}
NOTHING_UNUSUAL = "As usual"
OUTCOMES = {"meeting": "A meeting", "opportunity": "An opportunity", "customer": "Won"}
VERDICTS = {
    Verdict.MORE: "More often",
    Verdict.LESS: "Less often",
    Verdict.NO_DIFFERENCE_SEEN: "No difference to be seen",
    Verdict.CANNOT_KNOW_YET: "Cannot be known yet",
}


def kind_words(kind: str) -> str:
    """A kind as people say it; a new one by its own name."""
    return KINDS.get(kind, kind.replace("_", " ").capitalize())


def made_of(by_kind: Mapping[str, float]) -> str:
    """What warmth is made of, most first: `Funding 32, News 4`."""
    return ", ".join(f"{kind_words(kind)} {points:.0f}" for kind, points in by_kind.items() if points >= 0.5)


def spike_words(spike: Mapping[str, Any] | None) -> str:
    """`6 this week, usually 0.2`."""
    if spike is None:
        return NOTHING_UNUSUAL
    return f"{spike['recent']} this week, usually {spike['expected']:.1f}"


def told_words(told: Mapping[str, int]) -> str:
    """`3 kept, 1 known already, 2 refused`."""
    words = {"kept": "kept", "known": "known already", "refused": "refused"}
    return ", ".join(f"{told[name]:,} {said}" for name, said in words.items() if told[name]) or "nothing told"


def rows_of(text: str) -> tuple[list[Json], list[str]]:
    """The lines of a CSV as signals, and the columns that no signal has. Raises ValueError for a file that is none."""
    reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")))
    try:
        names = [name.strip() for name in reader.fieldnames or []]
        lines = [dict(zip(names, list(line.values())[: len(names)], strict=False)) for line in reader]
    except csv.Error as error:
        raise ValueError(f"This is no CSV: {error}.") from error
    if "kind" not in names:
        raise ValueError("The first line names the columns; one of them is kind.")
    rows = [{name: value.strip() for name, value in line.items() if name in KNOWN and value} for line in lines]
    return [row for row in rows if row], sorted(set(names) - KNOWN - {""})


def file_words(rows: list[Json], ignored: list[str]) -> str:
    """What a file holds, before it is sent."""
    said = plural(len(rows), "signal")
    return f"{said}. Not read: {', '.join(ignored)}." if ignored else f"{said}."


def by_kind(rows: Iterable[Mapping[Any, Any]]) -> dict[str, list[Counted]]:
    """What `app.queries.signals.counted` answers, as `domain.lift` takes it."""
    found: defaultdict[str, list[Counted]] = defaultdict(list)
    for row in rows:
        found[row["kind"]].append(
            Counted(
                int(row["with_signal"]), int(row["reached"]), float(row["without"]), float(row["expected"]),
                int(row["other_reached"]), int(row["companies"]),
            )
        )  # fmt: skip
    return dict(found)


def share_words(rate: float | None, reached: int, moments: int) -> str:
    """`12.5% (5 of 40)`."""
    return "–" if rate is None else f"{rate:.1%} ({reached:,} of {moments:,})"


def between_words(low: float | None, high: float | None) -> str:
    return "–" if low is None or high is None else f"{low:.2f} to {high:.2f}"


def rule_lines(rules: Iterable[Mapping[str, Any]]) -> str:
    """`funding: raises, seed round`, a line for each rule."""
    return "\n".join(f"{rule['kind']}: {', '.join(rule['words'])}" for rule in rules)


def rules_of(lines: str) -> list[Json]:
    """What was typed as rules; what is wrong with one the server says."""
    parts = [line.partition(":") for line in lines.splitlines() if line.strip()]
    return [{"kind": kind.strip(), "words": comma_separated(words)} for kind, _, words in parts]


def again_words(next_at: str, now: datetime) -> str:
    """When something is tried again: `in 2 hours`, or `soon`."""
    then = parse(next_at)
    hours = round((then - now).total_seconds() / 3600) if then else 0
    return f"in {plural(hours, 'hour')}" if hours >= 1 else "soon"
