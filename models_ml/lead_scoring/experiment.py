"""Ways to score, side by side on the same leads: judged on the newest, and over folds as published figures are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from domain.scoring import ScoringRules
from models_ml.lead_scoring.calibration import Calibrator, calibrate, probability
from models_ml.lead_scoring.dataset import TrainingSet
from models_ml.lead_scoring.evaluate import (
    CalibrationBin,
    Metrics,
    Windows,
    calibration_table,
    cross_validated,
    measure,
)
from models_ml.lead_scoring.features import Feature, Kind, Matrix, choose, encode
from models_ml.lead_scoring.learners import LEARNERS, SEED, Learner
from models_ml.lead_scoring.report import Candidate, LeakComparison
from models_ml.lead_scoring.rules import by_rules

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Problem:
    """Leads as a matrix, oldest first, and how they are held back."""

    data: TrainingSet
    features: tuple[Feature, ...]
    matrix: Matrix
    left_out: Mapping[str, str]
    windows: Windows
    threads: int

    @classmethod
    def of(cls, data: TrainingSet, kinds: Mapping[str, Kind], windows: Windows, threads: int) -> Problem:
        features, left_out = choose(data.rows, kinds, data.labels)
        return cls(data, tuple(features), encode(features, data.rows), left_out, windows, threads)


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate's figures and, for the newest leads, its promises and what came."""

    candidate: Candidate
    calibration: tuple[CalibrationBin, ...]
    calibrator: Calibrator


def fit(problem: Problem, name: str, positions: np.ndarray) -> Learner:
    """A learner of that name on these leads."""
    outcome = problem.data.outcome
    return LEARNERS[name].fit(problem.features, problem.matrix[positions], outcome[positions], problem.threads)


def try_learner(problem: Problem, name: str) -> Trial:
    """Fits on the oldest leads, calibrates on the next, judges on the newest; and once more over folds."""
    learner = fit(problem, name, problem.windows.fit)
    folds = _over_folds(problem, name)
    return _judge(problem, name, learner.raw(problem.matrix), folds)


def try_rules(problem: Problem, rules: ScoringRules) -> Trial:
    """The rules alone; their points are turned into a probability on the calibration window, to compare."""
    points = np.asarray([found.score for found in by_rules(rules, problem.data.rows)]) / 10
    return _judge(problem, "rules", points, None)


def try_base_rate(problem: Problem) -> Trial:
    """Everybody the same: what any figure must be read against."""
    return _judge(problem, "base_rate", np.zeros(len(problem.matrix)), None)


def try_leak(data: TrainingSet, windows: Windows, threads: int) -> LeakComparison | None:
    """LightGBM with the columns known only after the outcome; None where there are none."""
    leaking = Problem.of(data, {**data.kinds, **data.leaks}, windows, threads)
    columns = tuple(one.label for one in leaking.features if one.name in data.leaks)
    if not columns:
        return None
    raw = fit(leaking, "lightgbm", windows.fit).raw(leaking.matrix)
    judged = _judge(leaking, "lightgbm", raw, _over_folds(leaking, "lightgbm")).candidate
    assert judged.folds is not None
    return LeakComparison(columns, judged.newest, judged.folds)


def importance(problem: Problem, learner: Learner, most_rows: int = 5000) -> dict[str, float]:
    """Mean absolute contribution to the log-odds of the newest leads, by label, strongest first."""
    sample = problem.windows.test[-most_rows:]
    moved = np.abs(learner.contributions(problem.matrix[sample])).mean(axis=0)
    found = {one.label: round(float(size), 4) for one, size in zip(problem.features, moved, strict=True)}
    return dict(sorted(found.items(), key=lambda entry: (-entry[1], entry[0])))


def _over_folds(problem: Problem, name: str) -> Metrics:
    def fit_and_rank(train: Matrix, test: Matrix) -> Matrix:
        return fit(problem, name, train).raw(problem.matrix[test])

    return cross_validated(problem.data.outcome, SEED, fit_and_rank)


def _judge(problem: Problem, name: str, raw: Matrix, folds: Metrics | None) -> Trial:
    outcome, split = problem.data.outcome, problem.windows
    calibrator = calibrate(raw[split.calibrate], outcome[split.calibrate])
    promised = probability(calibrator.apply(raw[split.test]))
    newest = measure(outcome[split.test], raw[split.test], promised)
    table = tuple(calibration_table(outcome[split.test], promised))
    return Trial(Candidate(name, newest, folds), table, calibrator)
