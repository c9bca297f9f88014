"""What other rules would do, before anybody saves them: who of the newest leads would move, and how the rules would have
judged leads whose outcome is known.

Both sides are scored by the path that scores every lead, with the same model, at the same moment; only the rules differ.
Decided leads are taken as they were before their outcome was known. A model that serves has learned from most of them:
its figures flatter both sides alike, and the difference is the rules'.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from domain.scoring import ScoringRules
from models_ml.lead_scoring.dataset import feature_batches, read_training_set
from models_ml.lead_scoring.features import with_columns
from models_ml.lead_scoring.model import LeadModel
from models_ml.lead_scoring.predict import BANDS, Scores, scores_of, serving
from models_ml.lead_scoring.rules import GRADES, features_of
from storage.lake import Lake

DAYS = 90
LEAST_DECIDED = 20
"""Leads of either outcome below which the last 90 days say nothing, and all decided leads are taken."""
EXAMPLES = 50


@dataclass(frozen=True, slots=True)
class Change:
    """One lead that would stand elsewhere."""

    contact_id: str
    score_before: float
    score_after: float
    band_before: str
    band_after: str
    grade_before: str
    grade_after: str


@dataclass(frozen=True, slots=True)
class Threshold:
    """Of the leads with an outcome, how many reach a band."""

    band: str
    won_before: int
    won_after: int
    lost_before: int
    lost_after: int


@dataclass(frozen=True, slots=True)
class Preview:
    """The effect of a draft of rules."""

    days: int
    lead_count: int
    band_change_count: int
    grade_change_count: int
    risen_count: int
    """By band, the better half of those that changed it."""
    bands: list[tuple[str, int, int]]
    """Band, leads in it before and after."""
    grades: list[tuple[str, int, int]]
    changes: list[Change]
    """The largest moves, at most EXAMPLES."""
    decided_days: int | None
    """None: so few were decided in the last days that all decided leads are shown."""
    won_count: int
    lost_count: int
    thresholds: list[Threshold]
    has_model: bool

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def preview(lake: Lake, organization_id: str, draft: ScoringRules, *, artifacts: Path, now: datetime) -> Preview:
    """What the draft would change against the rules in force."""
    model, _, rules = serving(lake, organization_id, artifacts)
    asked = sorted({*features_of(rules), *features_of(draft)})
    features = model.features if model else ()
    since = now - timedelta(days=DAYS)
    newest = [_since(batch, since) for batch in feature_batches(lake, organization_id, features, asked)]
    ids: list[str] = []
    parts: list[tuple[Scores, Scores]] = []
    for batch in newest:
        if batch.num_rows:
            ids += batch["contact_id"].to_pylist()
            parts.append((scores_of(batch, model, rules), scores_of(batch, model, draft)))
    band, grade, score = ((_joined(name, 0, parts), _joined(name, 1, parts)) for name in ("band", "grade", "score"))
    moved = (band[0] != band[1]) | (grade[0] != grade[1])
    largest = np.flatnonzero(moved)[np.argsort(-np.abs(score[1] - score[0])[moved], kind="stable")][:EXAMPLES]
    days, won, lost, thresholds = _judged(lake, organization_id, now, model, rules, draft)
    return Preview(
        days=DAYS,
        lead_count=len(ids),
        band_change_count=int((band[0] != band[1]).sum()),
        grade_change_count=int((grade[0] != grade[1]).sum()),
        risen_count=int((band[1] > band[0]).sum()),
        bands=_counted(BANDS[::-1], [len(BANDS) - 1 - side for side in band]),
        grades=_counted(GRADES, list(grade)),
        changes=[
            Change(
                ids[row], float(score[0][row]), float(score[1][row]), BANDS[int(band[0][row])], BANDS[int(band[1][row])],
                GRADES[int(grade[0][row])], GRADES[int(grade[1][row])],
            )
            for row in largest
        ],
        decided_days=days,
        won_count=won,
        lost_count=lost,
        thresholds=thresholds,
        has_model=model is not None,
    )  # fmt: skip


def _judged(
    lake: Lake, organization_id: str, now: datetime, model: LeadModel | None, rules: ScoringRules, draft: ScoringRules
) -> tuple[int | None, int, int, list[Threshold]]:
    """Days that are looked at, won, lost, and how many of them reach each band."""
    training = read_training_set(lake, organization_id)
    outcome, table = training.outcome, training.rows
    decided_at = pc.coalesce(table["outcome_at"], table["known_at"])
    is_new = _is_since(decided_at, now - timedelta(days=DAYS))
    days: int | None = DAYS
    if min((outcome & is_new).sum(), (~outcome & is_new).sum()) < LEAST_DECIDED:
        days, is_new = None, np.ones(len(outcome), dtype=np.bool_)
    table, outcome = table.filter(pa.array(is_new)), outcome[is_new]
    if not len(outcome):
        return days, 0, 0, []
    table = with_columns(table, model.features) if model else table
    before, after = scores_of(table, model, rules).band, scores_of(table, model, draft).band
    thresholds = [
        Threshold(
            band, int((outcome & (before >= least)).sum()), int((outcome & (after >= least)).sum()),
            int((~outcome & (before >= least)).sum()), int((~outcome & (after >= least)).sum()),
        )
        for least, band in reversed(list(enumerate(BANDS)))
        if least
    ]  # fmt: skip
    return days, int(outcome.sum()), int((~outcome).sum()), thresholds


def _since(batch: pa.Table, since: datetime) -> pa.Table:
    return batch.filter(pa.array(_is_since(batch["known_at"], since)))


def _is_since(moments: pa.ChunkedArray, since: datetime) -> NDArray[np.bool_]:
    found = pc.greater_equal(moments, pa.scalar(since)).fill_null(False)
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _joined(name: str, side: int, parts: list[tuple[Scores, Scores]]) -> NDArray[Any]:
    found = [getattr(pair[side], name) for pair in parts]
    return np.concatenate(found) if found else np.zeros(0)


def _counted(names: tuple[str, ...], sides: list[NDArray[Any]]) -> list[tuple[str, int, int]]:
    before, after = (np.bincount(side.astype(np.int64), minlength=len(names)) for side in sides)
    return [(name, int(before[place]), int(after[place])) for place, name in enumerate(names)]
