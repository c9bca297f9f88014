"""A score that leaves its band is news: a row of the decision ledger and a line of the timeline, with the reasons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from domain.decisions import DecisionKind
from domain.tenancy import Actor
from storage.ops.repositories.activities import Activities
from storage.ops.store import Work
from storage.ops.tables import DecisionLedger, Score

SHOWN = ("score", "band", "probability", "fit_score", "engagement_score", "grade", "reasons", "model_version")
"""What a score says; two that agree in all of it are the same score."""


def says_the_same(last: Score | None, row: Mapping[str, Any]) -> bool:
    return last is not None and all(getattr(last, name) == row[name] for name in SHOWN)


def changed_bands(
    before: Mapping[str, Score], rows: Iterable[Mapping[str, Any]], *, first_ones: bool
) -> list[Mapping[str, Any]]:
    """The rows (columns of `scores`) that leave the band of the score before them; with `first_ones`, first scores too."""
    return [row for row in rows if _is_news(before.get(row["contact_id"]), row, first_ones)]


def record(work: Work, before: Mapping[str, Score], rows: Sequence[Mapping[str, Any]], actor: Actor) -> int:
    """Writes both lines for each row; answers how many rows. ≤ 500 in a transaction."""
    at = work.now()
    details = [(row, before.get(row["contact_id"])) for row in rows]
    Activities(work).insert_rows(DecisionLedger, [_ledger_row(row, last, actor, at) for row, last in details])
    Activities(work).insert_many([_timeline_row(row, last, at) for row, last in details])
    return len(rows)


def _is_news(last: Score | None, row: Mapping[str, Any], first_ones: bool) -> bool:
    return first_ones if last is None else last.band != row["band"]


def _ledger_row(row: Mapping[str, Any], last: Score | None, actor: Actor, at: datetime) -> dict[str, Any]:
    return {
        "kind": DecisionKind.SCORE.value,
        "subject_kind": "contact",
        "subject_id": row["contact_id"],
        "outcome": row["band"],
        "reason": "band_changed" if last else "first_scored",
        "detail": _detail(row, last),
        "rule_version": row["model_version"],
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "decided_at": at,
    }


def _timeline_row(row: Mapping[str, Any], last: Score | None, at: datetime) -> dict[str, Any]:
    now = f"{row['score']:.0f} ({row['band']})"
    if last is None:
        summary = f"Scored {now}"
    else:
        moved = "rose" if row["score"] > last.score else "fell"
        summary = f"Score {moved} from {last.score:.0f} ({last.band}) to {now}"
    return {
        "contact_id": row["contact_id"],
        "kind": "score_change",
        "summary": summary,
        "detail": _detail(row, last),
        "actor_kind": "ai" if row["probability"] is not None else "system",
        "actor_id": row["model_version"],
        "is_automated": True,
        "occurred_at": at,
        "known_at": at,
    }


def _detail(row: Mapping[str, Any], last: Score | None) -> dict[str, Any]:
    return {
        "from_band": last.band if last else None,
        "to_band": row["band"],
        "from_score": last.score if last else None,
        "to_score": row["score"],
        "is_provisional": row["is_provisional"],
        "reasons": row["reasons"][:3],
    }
