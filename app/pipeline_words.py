"""Pipelines as rows that people edit, and back to what the API takes. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from app.api_transport import Json

COUNTS_AS = {
    "lead": "Lead", "mql": "MQL", "sql": "SQL", "opportunity": "Opportunity", "proposal": "Proposal",
    "negotiation": "Negotiation", "won": "Won", "lost": "Lost",
}  # fmt: skip
CLOSED = ("won", "lost")
ENDS = [
    {"key": "won", "name": "Won", "counts_as": "won", "probability": 1.0, "rots_after_days": None, "requires": []},
    {"key": "lost", "name": "Lost", "counts_as": "lost", "probability": 0.0, "rots_after_days": None,
     "requires": ["lost_reason"]},
]  # fmt: skip


def rows_of(pipeline: Json) -> list[dict[str, Any]]:
    """A row for each stage, in order; `key` is kept aside, for deals stand under it."""
    return [
        {
            "key": stage["key"],
            "Order": position,
            "Stage": stage["name"],
            "Counts as": COUNTS_AS[stage["counts_as"]],
            "Chance %": round((stage["probability"] or 0) * 100),
            "Rots after days": stage["rots_after_days"],
            "Asks for": list(stage["requires"]),
        }
        for position, stage in enumerate(pipeline["stages"], start=1)
    ]


def stages_of(rows: Iterable[Mapping[str, Any]]) -> list[Json]:
    """The stages of edited rows: by their order, won and lost last. A new row gets a key from its name; one without a name
    is left out."""
    named = [row for row in rows if _text(row.get("Stage"))]
    inverse = {words: name for name, words in COUNTS_AS.items()}
    taken = {str(row["key"]) for row in named if _text(row.get("key"))}
    stages: list[tuple[bool, float, Json]] = []
    for position, row in enumerate(named, start=1):
        counts_as = inverse.get(_text(row.get("Counts as")), "opportunity")
        key = _text(row.get("key")) or fresh_key(_text(row["Stage"]), taken)
        taken.add(key)
        stage = {
            "key": key,
            "name": _text(row["Stage"]),
            "counts_as": counts_as,
            "probability": {"won": 1.0, "lost": 0.0}.get(counts_as, (_number(row.get("Chance %")) or 0) / 100),
            "rots_after_days": None if (days := _number(row.get("Rots after days"))) is None else int(days),
            "requires": [str(name) for name in _many(row.get("Asks for"))],
        }
        order = _number(row.get("Order"))
        stages.append((counts_as in CLOSED, position if order is None else order, stage))
    return [stage for _, _, stage in sorted(stages, key=lambda each: each[:2])]


def fresh_key(name: str, taken: Collection[str]) -> str:
    """`Proposal sent` → `proposal_sent`, with a number where that is taken."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")
    plain = (plain if plain[:1].isalpha() else f"stage_{plain}").strip("_")[:36]
    return next(key for key in (plain, *(f"{plain}_{n}" for n in range(2, 1_000))) if key not in taken)


def new_pipeline(name: str, taken: Sequence[str]) -> Json:
    """One to begin with: a single open stage, won and lost."""
    first = {"key": "opportunity", "name": "Opportunity", "counts_as": "opportunity", "probability": 0.3,
             "rots_after_days": 21, "requires": []}  # fmt: skip
    return {
        "key": fresh_key(name, taken),
        "name": name,
        "stages": [first, *ENDS],
        "lost_reasons": ["Price", "Timing", "No need", "No answer"],
    }


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _number(value: Any) -> float | None:
    """None for an empty cell, which comes as None or NaN."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124  NaN is not itself
        return None
    return float(value)


def _many(value: Any) -> Sequence[Any]:
    return list(value) if isinstance(value, list | tuple) or hasattr(value, "tolist") else []
