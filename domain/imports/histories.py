"""When people and deals entered their stages, as far as a file tells: history that is backdated, never invented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.contacts import LifecycleStage

Entries = list[tuple[str, datetime]]
"""(stage, when it was entered), oldest first; the last one is where things stand."""

_WIDER = {
    frozenset({"integer", "number"}): "number",
    frozenset({"date", "datetime"}): "datetime",
    frozenset({"choice", "text"}): "choice",
}


def contact_entries(
    stage: str | None, entered: Mapping[str, datetime], *, known_at: datetime, now: datetime
) -> Entries:
    """The stages of a new contact. Without a stage, the furthest one with a date, else `lead`.

    They were a lead (or visitor) from `known_at` on; a later stage without a date is dated by when we learn of it.
    """
    final = stage or max(entered, key=lambda name: LifecycleStage(name).order, default="lead")
    entries = sorted(((name, at) for name, at in entered.items() if name != final), key=lambda entry: entry[1])
    start = "visitor" if final == "visitor" else "lead"
    if final != start and "lead" not in entered and (not entries or known_at < entries[0][1]):
        entries.insert(0, ("lead", known_at))
    at = entered.get(final) or (known_at if final == start else now)
    entries = [entry for entry in entries if entry[1] <= at]
    return [*entries, (final, at)]


def deal_entries(
    stage: str, entered: Mapping[str, datetime], *, opened_at: datetime, closed_at: datetime | None, now: datetime
) -> Entries:
    """The stages of a new deal: a closed one was an opportunity when it was opened; an open one has stood where it stands
    since it was opened, unless the file says more."""
    entries = sorted(((name, at) for name, at in entered.items() if name != stage), key=lambda entry: entry[1])
    is_closed = stage in {"won", "lost"}
    if is_closed and not entries:
        entries = [("opportunity", opened_at)]
    at = entered.get(stage) or (closed_at or now if is_closed else opened_at if not entries else now)
    entries = [entry for entry in entries if entry[1] <= at]
    return [*entries, (stage, at)]


def wider_type(left: str, right: str) -> str:
    """The data type that holds values of both."""
    if left == right:
        return left
    return _WIDER.get(frozenset({left, right}), "text")
