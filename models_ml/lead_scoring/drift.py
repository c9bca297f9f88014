"""How far the newest leads have moved from those a model learned from: by feature, by score, and by outcome."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.drift import DriftLevel, by_chance, level_of, psi, rate_level
from models_ml.lead_scoring.dataset import TrainingSet
from models_ml.lead_scoring.evaluate import Outcome, Positions
from models_ml.lead_scoring.features import Feature, Matrix
from storage.lake import Lake

LEAST_LEADS = 100
"""Leads on either side below which nothing is said."""
SHOWN_LEVELS = 8
SCORE, BASE_RATE = "score", "base_rate"


@dataclass(frozen=True, slots=True)
class Drift:
    """One subject's move: a feature, `score` or `base_rate` (whose `drift` is the new rate less the old)."""

    subject: str
    label: str
    drift: float
    by_chance: float
    level: str
    then_count: int
    now_count: int
    parts: tuple[tuple[str, float, float], ...] = ()
    """(part, share then, share now)."""


def drift_of_features(features: Sequence[Feature], then: Matrix, now: Matrix) -> list[Drift]:
    """The population stability of each column of two matrices, the furthest moved first; nothing from too few leads."""
    if min(len(then), len(now)) < LEAST_LEADS:
        return []
    found = [_drift(one.name, one.label, *_counted(one, then[:, at], now[:, at])) for at, one in enumerate(features)]
    return sorted(found, key=lambda one: (-one.drift, one.subject))


def drift_of_scores(then: Matrix, now: Matrix) -> Drift | None:
    """The same of log-odds that a model gave to leads it had not seen, in tenths of those then."""
    if min(len(then), len(now)) < LEAST_LEADS:
        return None
    return _drift(SCORE, "Score", *_counted(Feature(SCORE, "Score", "number"), then, now))


def drift_of_outcomes(then: Outcome, now: Outcome) -> Drift | None:
    """How far the share of good outcomes has moved."""
    if min(len(then), len(now)) < LEAST_LEADS:
        return None
    before, after = float(then.mean()), float(now.mean())
    level = rate_level(int(then.sum()), len(then), int(now.sum()), len(now))
    parts = (("good", before, after), ("not good", 1 - before, 1 - after))
    return Drift(BASE_RATE, "Base rate", after - before, 0.0, level.value, len(then), len(now), parts)


def measure_drift(
    features: Sequence[Feature], matrix: Matrix, data: TrainingSet, then: Positions, now: Positions
) -> list[Drift]:
    """Features and outcomes of the leads `now` against those `then`."""
    rate = drift_of_outcomes(data.outcome[then], data.outcome[now])
    return [*([rate] if rate else []), *drift_of_features(features, matrix[then], matrix[now])]


def record(lake: Lake, organization_id: str, version: str, found: Sequence[Drift], at: datetime) -> None:
    """One row a subject, of one run."""
    rows = [
        [
            *(organization_id, at, version, one.subject, one.label, one.drift, one.by_chance, one.level),
            *(one.then_count, one.now_count, json.dumps(one.parts)),
        ]
        for one in found
    ]
    if rows:
        with lake.writer() as cursor:
            cursor.executemany(f"insert into ml.lead_scoring__drift values ({', '.join('?' * 11)})", rows)


def alarms(found: Sequence[Drift]) -> list[Drift]:
    return [one for one in found if one.level == DriftLevel.ALARM.value]


def _drift(subject: str, label: str, names: list[str], then: Matrix, now: Matrix) -> Drift:
    index, chance = psi(then.tolist(), now.tolist()), by_chance(len(names), int(then.sum()), int(now.sum()))
    shares = zip(names, then / max(then.sum(), 1), now / max(now.sum(), 1), strict=True)
    parts = tuple((name, round(float(before), 4), round(float(after), 4)) for name, before, after in shares)
    return Drift(
        subject, label, round(index, 4), round(chance, 4), level_of(index, chance).value, int(then.sum()), int(now.sum()), parts
    )  # fmt: skip


def _counted(one: Feature, then: Matrix, now: Matrix) -> tuple[list[str], Matrix, Matrix]:
    """The parts of a column by name, and how many leads fall into each, then and now."""
    if one.kind == "number":
        known = then[~np.isnan(then)]
        edges = np.unique(np.quantile(known, np.linspace(0, 1, 11)[1:-1])) if len(known) else np.empty(0)
        borders = [f"{edge:,.4g}" for edge in edges]
        names = [f"up to {borders[0]}" if borders else "any"]
        names += [f"{low} to {high}" for low, high in pairwise(borders)]
        names += [f"above {borders[-1]}"] if borders else []
        codes = [np.searchsorted(edges, column, side="left") for column in (then, now)]
    elif one.kind == "boolean":
        names, codes = ["no", "yes"], [np.nan_to_num(column).astype(np.int64) for column in (then, now)]
    else:
        names = [*one.levels[:SHOWN_LEVELS], "other"]
        codes = [np.minimum(np.nan_to_num(column), len(names) - 1).astype(np.int64) for column in (then, now)]
    names = [*names, "missing"]
    counts = [_count(code, column, len(names)) for code, column in zip(codes, (then, now), strict=True)]
    seen = [place for place in range(len(names)) if counts[0][place] or counts[1][place]]
    return [names[place] for place in seen], counts[0][seen], counts[1][seen]


def _count(codes: NDArray[np.int64], column: Matrix, size: int) -> Matrix:
    placed = np.where(np.isnan(column), size - 1, codes)
    return np.bincount(placed, minlength=size).astype(np.float64)
