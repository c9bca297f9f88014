"""How far the newest leads have moved from those a model learned from: by feature, score, outcome and ranking."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from domain.drift import (
    BASE_RATE,
    RANKING,
    SCORE,
    DriftLevel,
    Part,
    by_chance,
    expected,
    in_words,
    level_of,
    psi,
    ranking_level,
    what_it_costs,
    what_to_do,
)
from models_ml.lead_scoring.changes import Change, find_changes
from models_ml.lead_scoring.dataset import TrainingSet
from models_ml.lead_scoring.evaluate import Outcome, Positions, area, area_error
from models_ml.lead_scoring.features import Feature, Matrix
from storage.lake import Lake

LEAST_LEADS = 100
"""Leads on either side below which nothing is said."""
LEAST_DAYS, SETTLED_SHARE = 8.0, 2 / 3
"""Outcomes are compared over the days in which two thirds of the good ones come, and eight at least, for which every contact
waits: were those of older leads counted whenever they came, the newest would always seem to do worse."""
MOST_LOOKED_AT = 30_000
"""Newest leads whose outcomes are compared: the tests of more would take long, and tell little more."""
SHOWN_LEVELS = 8


@dataclass(frozen=True, slots=True)
class Drift:
    """One subject's move: a feature, `score`, `base_rate` (whose `drift` is the new rate less the old), `ranking` (whose
    `drift` is the AUC lost) or a pull (whose `drift` is what is left of it). `since` is when it changed, where that is known."""

    subject: str
    label: str
    drift: float
    by_chance: float
    level: str
    then_count: int
    now_count: int
    parts: tuple[Part, ...] = ()
    since: datetime | None = None

    @property
    def words(self) -> str:
        return in_words(self.subject, self.label, self.drift, self.by_chance, self.parts, self.since)


def drift_of_features(features: Sequence[Feature], then: Matrix, now: Matrix, subjects: int = 0) -> list[Drift]:
    """The population stability of each column of two matrices, the furthest moved first; nothing from too few leads.

    `subjects` are looked at together in all (the features alone unless said), and seldom alarm together by chance.
    """
    if min(len(then), len(now)) < LEAST_LEADS:
        return []
    many = subjects or len(features)
    found = [
        _drift(one.name, one.label, *_counted(one, then[:, at], now[:, at]), many) for at, one in enumerate(features)
    ]
    return sorted(found, key=lambda one: (-one.drift, one.subject))


def drift_of_scores(then: Matrix, now: Matrix, subjects: int = 1) -> Drift | None:
    """The same of log-odds that a model gave to leads it had not seen, in tenths of those then."""
    if min(len(then), len(now)) < LEAST_LEADS:
        return None
    return _drift(SCORE, "Score", *_counted(Feature(SCORE, "Score", "number"), then, now), subjects)


def drift_of_outcomes(look: Look) -> list[Drift]:
    """The base rate, and every pull that changed: since when the leads come to the outcome otherwise than before."""
    settled, good, came = _settled(look.data)
    then, now = (good[np.isin(settled, part)] for part in (look.then, look.now))
    if min(len(then), len(now)) < LEAST_LEADS:
        return []
    settled, good = settled[-MOST_LOOKED_AT:], good[-MOST_LOOKED_AT:]
    newest_share = min((len(look.data.outcome) - len(look.then)) / len(settled), 0.5)
    changes = find_changes(look.features, look.matrix[settled], good, look.data.companies[settled], newest_share)
    known_at = look.data.known_at[settled] if look.data.order == "time" else None
    found = [_changed(one, known_at, came) for one in changes]
    if not any(one.subject == BASE_RATE for one in found):
        before, after = float(then.mean()), float(now.mean())
        parts = ((came, before, after), (f"not {came}", 1 - before, 1 - after))
        steady = DriftLevel.STEADY.value
        found.insert(0, Drift(BASE_RATE, "Base rate", after - before, 0.0, steady, len(then), len(now), parts))
    return found


def drift_of_ranking(
    mixed: tuple[float, float], lead_count: int, outcome: Outcome, raw: Matrix, subjects: int = 1
) -> Drift | None:
    """How far the AUC on the newest leads lies below that over folds of all `lead_count` leads, which mix old and new
    (`mixed`: it and its standard error)."""
    good = int(outcome.sum())
    if len(outcome) < LEAST_LEADS or not 0 < good < len(outcome):
        return None
    then, now = mixed[0], area(outcome, raw)
    error = float(np.hypot(mixed[1], area_error(now, good, len(outcome) - good)))
    level = ranking_level(then, now, error, subjects)
    parts = (("AUC", round(then, 4), round(now, 4)),)
    return Drift(RANKING, "Ranking", round(then - now, 4), 0.0, level.value, lead_count, len(outcome), parts)


@dataclass(frozen=True, slots=True)
class Look:
    """What is compared: leads a model learned from (`then`) and the newest; log-odds by a model that had seen neither of
    the two groups in `scores`; and the AUC over folds, with its error, that the newest are held against."""

    features: Sequence[Feature]
    matrix: Matrix
    data: TrainingSet
    then: Positions
    now: Positions
    raw: Matrix
    scores: tuple[Positions, Positions]
    mixed: tuple[float, float] | None


def measure_drift(look: Look) -> tuple[Drift, ...]:
    """Every subject of a look: ranking, base rate, changed pulls and score, then features, the furthest moved first. Nothing
    where the leads have no order in time."""
    if look.data.order == "none":
        return ()
    subjects, outcome = len(look.features) + 3, look.data.outcome
    ranking = (
        drift_of_ranking(look.mixed, len(outcome), outcome[look.now], look.raw[look.now], subjects)
        if look.mixed
        else None
    )
    found = [
        ranking,
        *drift_of_outcomes(look),
        drift_of_scores(look.raw[look.scores[0]], look.raw[look.scores[1]], subjects),
        *drift_of_features(look.features, look.matrix[look.then], look.matrix[look.now], subjects),
    ]
    return tuple(one for one in found if one)


def record(lake: Lake, organization_id: str, version: str, found: Sequence[Drift], at: datetime) -> None:
    """One row a subject, of one run."""
    rows = [
        [
            *(organization_id, at, version, one.subject, one.label, one.drift, one.by_chance, one.level),
            *(one.then_count, one.now_count, json.dumps(one.parts), one.since),
        ]
        for one in found
    ]
    if rows:
        with lake.writer() as cursor:
            cursor.executemany(f"insert into ml.lead_scoring__drift values ({', '.join('?' * 12)})", rows)


def alarms(found: Sequence[Drift]) -> list[Drift]:
    return [one for one in found if one.level == DriftLevel.ALARM.value]


def told(found: Sequence[Drift]) -> list[str]:
    """The alarms of a look as sentences: what drifted, what it costs, and what to do. Empty without an alarm."""
    drifted = alarms(found)
    if not drifted:
        return []
    ranking = next((one.parts[0] for one in found if one.subject == RANKING), None)
    cost = what_it_costs(ranking[1], ranking[2]) if ranking else ""
    said = [one.words for one in drifted if one.subject != RANKING]
    return [*said, *([cost] if cost else []), *what_to_do([(one.subject, one.label) for one in drifted])]


def _settled(data: TrainingSet) -> tuple[Positions, Outcome, str]:
    """The leads known for as many days as two thirds of the good outcomes take, whether theirs came in those days, and what
    such an outcome is called. In the order of a file nothing is known of days."""
    good = data.good_after[np.isfinite(data.good_after)]
    if data.order != "time" or not len(good):
        return np.arange(len(data.outcome)), data.outcome, "good"
    days = float(np.ceil(max(LEAST_DAYS, np.quantile(good, SETTLED_SHARE))))
    passed = (data.known_at.max() - data.known_at) / np.timedelta64(1, "D") + LEAST_DAYS
    settled = np.flatnonzero(passed >= days)
    return settled, data.good_after[settled] <= days, f"good within {days:.0f} days"


def _changed(one: Change, known_at: NDArray[np.datetime64] | None, came: str) -> Drift:
    moment = known_at[one.since].astype("datetime64[us]").item().replace(tzinfo=UTC) if known_at is not None else None
    now = int(one.now.sum())
    drift, parts = one.ratio, one.parts
    if one.subject == BASE_RATE:
        (_, before, after), *_ = parts
        drift, parts = after - before, ((came, before, after), (f"not {came}", 1 - before, 1 - after))
    return Drift(one.subject, one.label, round(drift, 4), 0.0, one.level.value, len(one.now) - now, now, parts, moment)


def _drift(subject: str, label: str, names: list[str], then: Matrix, now: Matrix, subjects: int) -> Drift:
    size = (len(names), int(then.sum()), int(now.sum()))
    index, chance = psi(then.tolist(), now.tolist()), by_chance(*size, subjects)
    level = level_of(index, expected(*size), chance)
    shares = zip(names, then / max(then.sum(), 1), now / max(now.sum(), 1), strict=True)
    parts = tuple((name, round(float(before), 4), round(float(after), 4)) for name, before, after in shares)
    return Drift(subject, label, round(index, 4), round(chance, 4), level.value, size[1], size[2], parts)


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
