"""Ways to score, side by side on the same leads: judged on the newest, and over folds as published figures are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from domain.scoring import ScoringRules
from models_ml.lead_scoring.calibration import calibrate, probability
from models_ml.lead_scoring.dataset import TrainingSet
from models_ml.lead_scoring.evaluate import (
    Metrics,
    Positions,
    Windows,
    area,
    gain_curve,
    measure,
    out_of_fold,
    over_folds,
)
from models_ml.lead_scoring.features import Feature, Matrix
from models_ml.lead_scoring.growth import SEED, Growth, choose_growth
from models_ml.lead_scoring.learners import LEARNERS, Blend, BoostedTrees, Learner, Scorecard
from models_ml.lead_scoring.report import Candidate, LeakComparison
from models_ml.lead_scoring.rules import rule_points

Say = Callable[[str], None]
CURVE_POINTS = 51


@dataclass(frozen=True, slots=True)
class Problem:
    """Leads as a matrix, oldest first, and how they are held back."""

    data: TrainingSet
    features: tuple[Feature, ...]
    matrix: Matrix
    windows: Windows
    growth: Growth

    @property
    def outcome(self) -> np.ndarray:
        return self.data.outcome


@dataclass(frozen=True, slots=True)
class Trial:
    """One candidate: its figures, and how it ranks every lead after learning from the oldest."""

    candidate: Candidate
    raw: Matrix
    choice_auc: float
    """Mean of two AUCs that the newest leads, who judge, have no part in: on the window that calibrates, and over folds of
    all leads before the newest."""


def with_own_growth(problem: Problem) -> Problem:
    """With the size of trees that the leads before the newest, who judge, promise most truly by."""
    before = problem.windows.before
    growth = choose_growth(problem.features, problem.matrix[before], problem.outcome[before], problem.growth.threads)
    return replace(problem, growth=growth)


def fit(problem: Problem, name: str, positions: Positions) -> Learner:
    """A learner of that name on these leads."""
    return LEARNERS[name].fit(problem.features, problem.matrix[positions], problem.outcome[positions], problem.growth)


def try_learners(problem: Problem) -> list[Trial]:
    """Trees, scorecard and their mean: fitted on the oldest leads, calibrated on the next, judged on the newest; and
    over folds, of all leads to compare with what others publish, of those before the newest to choose. The mean needs no
    fit of its own."""
    split = problem.windows
    before = split.before
    raws: dict[str, Matrix] = {}
    folds: dict[str, Matrix] = {}
    choosing: dict[str, Matrix] = {}
    for name in (BoostedTrees.name, Scorecard.name):
        raws[name] = fit(problem, name, split.fit).raw(problem.matrix)
        folds[name] = _out_of_fold(problem, name, np.arange(len(problem.matrix)))
        choosing[name] = _out_of_fold(problem, name, before)
    for answers in (raws, folds, choosing):
        answers[Blend.name] = np.mean(list(answers.values()), axis=0)
    return [
        _judge(
            problem,
            name,
            raw,
            over_folds(problem.outcome, SEED, folds[name]),
            over_folds(problem.outcome[before], SEED, choosing[name]).auc,
        )
        for name, raw in raws.items()
    ]


def try_rules(problem: Problem, rules: ScoringRules) -> Trial:
    """The rules alone; their points are turned into a probability on the calibration window, to compare."""
    return _judge(problem, "rules", rule_points(rules, problem.data.rows).score / 10, None)


def try_base_rate(problem: Problem) -> Trial:
    """Everybody the same: what any figure must be read against."""
    return _judge(problem, "base_rate", np.zeros(len(problem.matrix)), None)


def try_leak(problem: Problem, columns: Mapping[str, str]) -> LeakComparison:
    """LightGBM with the columns (name to label) known only after the outcome, which are part of the problem given."""
    raw = fit(problem, "lightgbm", problem.windows.fit).raw(problem.matrix)
    folds = over_folds(problem.outcome, SEED, _out_of_fold(problem, "lightgbm", np.arange(len(problem.matrix))))
    return LeakComparison(tuple(columns.values()), _judge(problem, "lightgbm", raw, None).candidate.newest, folds)


def importance(problem: Problem, learner: Learner, most_rows: int = 5000) -> dict[str, float]:
    """Mean absolute contribution to the log-odds of the newest leads, by label, strongest first."""
    sample = problem.windows.test[-most_rows:]
    moved = np.abs(learner.contributions(problem.matrix[sample])).mean(axis=0)
    found = {one.label: round(float(size), 4) for one, size in zip(problem.features, moved, strict=True)}
    return dict(sorted(found.items(), key=lambda entry: (-entry[1], entry[0])))


def gain_points(outcome: np.ndarray, ranking: Matrix) -> tuple[float, ...]:
    """The gain curve at 0, 2, 4 … 100 % of the leads."""
    curve = gain_curve(outcome, ranking)
    places = np.linspace(0, len(curve) - 1, CURVE_POINTS)
    return tuple(round(float(share), 4) for share in np.interp(places, np.arange(len(curve)), curve))


def _out_of_fold(problem: Problem, name: str, among: Positions) -> Matrix:
    """Log-odds of the leads `among`, each by a learner of the other folds of them."""

    def fit_and_rank(train: Positions, test: Positions) -> Matrix:
        return fit(problem, name, among[train]).raw(problem.matrix[among[test]])

    return out_of_fold(problem.outcome[among], SEED, fit_and_rank)


def _judge(problem: Problem, name: str, raw: Matrix, folds: Metrics | None, choosing: float | None = None) -> Trial:
    outcome, split = problem.outcome, problem.windows
    calibrator = calibrate(raw[split.calibrate], outcome[split.calibrate])
    promised = probability(calibrator.apply(raw[split.test]))
    newest = measure(outcome[split.test], raw[split.test], promised)
    in_time = area(outcome[split.calibrate], raw[split.calibrate])
    return Trial(Candidate(name, newest, folds), raw, in_time if choosing is None else (in_time + choosing) / 2)
