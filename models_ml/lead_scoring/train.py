"""Training for one organization: find leaks, compare, choose, let the gates decide, and say what it is worth."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from domain.clock import Clock, utc_now
from domain.promotion import Contest, Promotion, decide
from domain.scoring import ScoringRules, log_odds
from models_ml import artifacts as shelf
from models_ml.lead_scoring import choices
from models_ml.lead_scoring.calibration import calibrate, calibrated_unseen
from models_ml.lead_scoring.card import model_card
from models_ml.lead_scoring.contest import contest_with, find_incumbent
from models_ml.lead_scoring.dataset import TrainingSet, read_training_set
from models_ml.lead_scoring.drift import Look, measure_drift, record
from models_ml.lead_scoring.evaluate import (
    Windows,
    calibration_table,
    check_calibration,
    has_both,
    windows,
)
from models_ml.lead_scoring.experiment import (
    Problem,
    Trial,
    fit,
    gain_points,
    importance,
    try_base_rate,
    try_leak,
    try_learners,
    try_rules,
    with_own_growth,
)
from models_ml.lead_scoring.features import PREFIX, Feature, Matrix, choose, encode
from models_ml.lead_scoring.growth import SEED, Growth
from models_ml.lead_scoring.leakage import LeakFlag, find_leaks
from models_ml.lead_scoring.learners import LEARNERS, Scorecard
from models_ml.lead_scoring.model import MODEL, LeadModel, version_of
from models_ml.lead_scoring.published import published_for
from models_ml.lead_scoring.registry import register
from models_ml.lead_scoring.report import TrainingReport, WindowOfLeads
from models_ml.lead_scoring.rules import rules_in_force
from storage.lake import Lake

Progress = Callable[[str, float], None]
"""What is being done, in words, and how much is done already, 0 to 1."""

LEAST_OUTCOMES = 50
"""Leads of either outcome below which rules alone score: with fewer, the newest fifth holds under ten to judge by."""
LEAST_GAIN = 0.005
"""AUC by which a learned model must beat the rules on the newest leads before it replaces them."""
KNOWN_AFTER = "known only after the outcome"
SIMPLER_WITHIN = 0.0005
"""The scorecard is preferred where its AUC is no further behind than this among the leads that choose."""


@dataclass(frozen=True, slots=True)
class _Columns:
    """Every column worth learning from, encoded once; who is suspect, and what was left out at first sight."""

    features: tuple[Feature, ...]
    matrix: Matrix
    left_out: Mapping[str, str]
    flags: tuple[LeakFlag, ...]

    def problem(self, data: TrainingSet, split: Windows, growth: Growth, *, with_leaks: bool = False) -> Problem:
        hidden = set() if with_leaks else {*data.leaks, *(one.column for one in self.flags if not one.is_overruled)}
        kept = [place for place, one in enumerate(self.features) if one.name not in hidden]
        columns = tuple(self.features[place] for place in kept)
        return Problem(data, columns, np.ascontiguousarray(self.matrix[:, kept]), split, growth)

    def leaking(self, data: TrainingSet) -> dict[str, str]:
        """Name to label of what is known, or taken, to come after the outcome."""
        suspect = {one.column for one in self.flags if not one.is_overruled}
        return {one.name: one.label for one in self.features if one.name in data.leaks or one.name in suspect}


def train_organization(
    lake: Lake,
    organization_id: str,
    *,
    artifacts: Path,
    clock: Clock = utc_now,
    progress: Progress | None = None,
    threads: int = 1,
    least_outcomes: int = LEAST_OUTCOMES,
) -> TrainingReport:
    """Trains, chooses, saves the winner under `artifacts` and registers it in `ml.model_versions`: as the active version
    where every gate is passed, as a challenger with the reason where not.

    The same rows give the same model, hash and version. With too few outcomes, or when nothing learned beats the rules,
    the rules are registered, and the report says why. Raises nothing for lack of data.
    """
    started = time.perf_counter()
    say = progress or (lambda _what, _share: None)
    say("reading leads with a known outcome", 0.0)
    data = read_training_set(lake, organization_id)
    rules = rules_in_force(lake, organization_id)
    split = windows(data.outcome, is_ordered=data.order != "none", seed=SEED)
    incumbent = find_incumbent(lake, organization_id, artifacts)
    report = replace(
        _nothing_learned(organization_id, data, rules, clock), incumbent=incumbent.version if incumbent else ""
    )
    model: LeadModel | None = None
    if _is_enough(data, split, least_outcomes):
        say("looking for columns that know the outcome", 0.03)
        columns = _columns(lake, organization_id, data)
        problem = with_own_growth(columns.problem(data, split, Growth(threads=threads)))
        trials = _try_all(problem, rules, say)
        algorithm, reason = _choose(trials)
        report = replace(report, algorithm=algorithm, reason=reason, candidates=tuple(one.candidate for one in trials))
        report = _described(report, columns, problem, trials, say)
        contest, newest = None, next(one.raw for one in trials if one.candidate.name == algorithm)[split.test]
        if algorithm != "rules":
            say(f"fitting the winner: {algorithm}", 0.85)
            report, model, newest = _fit_winner(report, problem)
        if incumbent is not None:
            suspect = {one.column: one.words for one in report.leak_flags if not one.is_overruled}
            contest = contest_with(incumbent, data.rows.take(split.test), data.outcome[split.test], newest, suspect)
        report = _with_promotion(lake, report, data, contest, least_outcomes)
    else:
        few = min(int(data.outcome.sum()), int((~data.outcome).sum()))
        reason = f"{few} leads of the rarer outcome are known; a model needs {least_outcomes}, spread over time."
        report = replace(report, reason=reason, promotion=Promotion(incumbent is None, reason))
    report = replace(report, seconds=round(time.perf_counter() - started, 2))
    if model is not None:
        report = _kept(report, model, artifacts, incumbent.version if incumbent else "")
    register(lake, report, json.dumps([one.as_dict() for one in model.features] if model else []), model_card(report))
    record(lake, organization_id, report.version, report.drift, report.trained_at)
    say("model kept", 1.0)
    return report


def _columns(lake: Lake, organization_id: str, data: TrainingSet) -> _Columns:
    """Columns worth learning from, with the suspects among them; who is overruled stays, and it is said by whom."""
    features, left_out = choose(data.rows, {**data.kinds, **data.leaks}, data.labels)
    judged = [one for one in features if one.name not in data.leaks]
    flags = find_leaks(data.rows, data.outcome, judged, timely=data.timely, histories=data.histories)
    allowed = choices.overrules(lake, organization_id)
    said = [
        replace(one, is_overruled=True, overruled_by=allowed[one.column].by, overrule_reason=allowed[one.column].reason)
        if one.column in allowed
        else one
        for one in flags
    ]
    return _Columns(tuple(features), encode(features, data.rows), left_out, tuple(said))


def _try_all(problem: Problem, rules: ScoringRules, say: Progress) -> list[Trial]:
    say("rules alone", 0.05)
    trials = [try_base_rate(problem), try_rules(problem, rules)]
    if problem.features:
        say("learning: trees and scorecard", 0.1)
        trials += try_learners(problem)
    return trials


def _described(
    report: TrainingReport,
    columns: _Columns,
    problem: Problem,
    trials: list[Trial],
    say: Progress,
) -> TrainingReport:
    """The report with everything a reader needs to believe the figures rightly."""
    say("what a leak would have promised", 0.6)
    data, split = problem.data, problem.windows
    leaking = columns.leaking(data)
    chosen = next(one for one in trials if one.candidate.name == report.algorithm)
    outcome, newest = data.outcome[split.test], split.test
    folds = chosen.candidate.folds
    look = Look(
        problem.features, problem.matrix, data, then=split.fit, now=newest, raw=chosen.raw,
        scores=(split.calibrate, newest), mixed=(folds.auc, folds.auc_error) if folds else None,
    )  # fmt: skip
    leak = try_leak(columns.problem(data, split, problem.growth, with_leaks=True), leaking) if leaking else None
    report = replace(
        report,
        windows={name: _window(data, getattr(split, name)) for name in ("fit", "calibrate", "test")},
        curves={one.candidate.name: gain_points(outcome, one.raw[newest]) for one in trials},
        leak=leak,
        leak_flags=columns.flags,
        drift=measure_drift(look),
        trees=problem.growth.words,
        left_out={
            **dict(columns.left_out),
            **dict.fromkeys((name for name in data.leaks if name not in columns.left_out), KNOWN_AFTER),
            **{one.column: f"suspect: {one.words}" for one in columns.flags if not one.is_overruled},
        },
    )
    return replace(report, notes=_notes(report))


def _fit_winner(report: TrainingReport, problem: Problem) -> tuple[TrainingReport, LeadModel, Matrix]:
    """The winner fitted again on all but the newest fifth, which calibrates it; and its ranking of those."""
    split = problem.windows
    learner = fit(problem, report.algorithm, split.before)
    raw, outcome = learner.raw(problem.matrix[split.test]), problem.outcome[split.test]
    calibrator, promised = calibrate(raw, outcome), calibrated_unseen(raw, outcome)
    model = LeadModel(problem.features, learner, calibrator, log_odds(float(outcome.mean())))
    report = replace(
        report,
        calibration=tuple(calibration_table(outcome, promised)),
        calibration_method=calibrator.method,
        calibration_check=check_calibration(outcome, promised, SEED),
        importance=importance(problem, learner),
    )
    return report, model, raw


def _with_promotion(
    lake: Lake, report: TrainingReport, data: TrainingSet, contest: Contest | None, least_outcomes: int
) -> TrainingReport:
    pinned = choices.pin(lake, report.organization_id)
    check = report.calibration_check
    promotion = decide(
        rarer_outcomes=min(int(data.outcome.sum()), int((~data.outcome).sum())),
        least_outcomes=least_outcomes,
        calibration_error=check.error if check else None,
        allowed_error=check.allowed if check else 0.0,
        contest=contest,
        pinned=pinned.words if pinned else "",
    )
    return replace(report, promotion=promotion)


def _kept(report: TrainingReport, model: LeadModel, artifacts: Path, incumbent: str) -> TrainingReport:
    """The model under its hash with the words beside it. The very model that scores already stays what it is."""
    files = model.files()
    content_hash = shelf.hash_of(files)
    version = version_of(model.learner.name, content_hash)
    report = replace(report, version=version, artifact_hash=content_hash)
    if version == incumbent:
        report = replace(report, promotion=Promotion(True, "The leads gave the very model that scores already."))
    about = {
        "metrics.json": shelf.dumps(report.as_dict()),
        "features.json": shelf.dumps([one.as_dict() for one in model.features]),
        "MODEL_CARD.md": model_card(report),
    }
    shelf.save(artifacts, MODEL, files, about)
    return report


def _choose(trials: list[Trial]) -> tuple[str, str]:
    """The name of the winner and the reason in a sentence.

    Leads before the newest choose, so that the newest judge what they did not choose: in time (the window that calibrates)
    and over folds, half each. In time alone, one window's luck put the mean of trees and scorecard above trees that are
    better everywhere else.
    """
    found = {trial.candidate.name: trial for trial in trials}
    newest = {name: trial.candidate.newest.auc for name, trial in found.items()}
    learned = {name: found[name].choice_auc for name in LEARNERS if name in found}
    if not learned:
        return "rules", "No column differs between leads, so there is nothing to learn from."
    figures = ", ".join(f"{name} {value:.3f}" for name, value in sorted(newest.items(), key=lambda one: -one[1]))
    best = max(learned, key=lambda name: learned[name])
    if learned[Scorecard.name] >= learned[best] - SIMPLER_WITHIN:
        best = Scorecard.name
    if newest[best] < max(newest["rules"], 0.5) + LEAST_GAIN:
        return "rules", f"Nothing learned ranks the newest leads better than the rules (AUC: {figures})."
    return best, f"It ranked the leads before the newest best, in time and over folds (AUC on the newest: {figures})."


def _window(data: TrainingSet, positions: np.ndarray) -> WindowOfLeads:
    known = [at for at in data.rows["known_at"].take(positions).to_pylist() if at] if data.order == "time" else []
    dates = (min(known).date().isoformat(), max(known).date().isoformat()) if known else ("", "")
    return WindowOfLeads(len(positions), int(data.outcome[positions].sum()), *dates)


def _notes(report: TrainingReport) -> tuple[str, ...]:
    rates = report.window_rates
    notes = []
    if report.order == "file":
        notes.append("No dates of outcome: the file's order is taken as time, oldest first.")
    if report.order == "none":
        notes.append("No order in time is known: the held-back leads are a seeded draw, which flatters a little.")
    if rates.get("fit") and not 1 / 1.5 <= rates["test"] / rates["fit"] <= 1.5:
        notes.append(
            f"The base rate drifts: {rates['fit']:.1%} of the oldest leads converted, {rates['calibrate']:.1%} of those "
            f"after them, {rates['test']:.1%} of the newest. Probabilities are calibrated on the newest window only, and "
            "figures over folds, which mix times, promise too much."
        )
    if report.leak:
        notes.append(
            f"Honest figures are those without {', '.join(report.leak.columns)}, known only after the outcome or taken to be; "
            "the ones with it are shown to make the leak visible, and are never used."
        )
    notes += [
        f"{one.label} looks like a leak ({one.words[0].lower()}{one.words[1:].rstrip('.')}), and is used because "
        f"{one.overruled_by} says: {one.overrule_reason}"
        for one in report.leak_flags
        if one.is_overruled
    ]
    return tuple(notes)


def _is_enough(data: TrainingSet, split: Windows, least: int) -> bool:
    """Enough of either outcome in all, and some in every window."""
    parts = (split.fit, split.calibrate, split.test)
    return has_both(data.outcome, least) and all(has_both(data.outcome[part], 5) for part in parts)


def _nothing_learned(organization_id: str, data: TrainingSet, rules: ScoringRules, clock: Clock) -> TrainingReport:
    keys = [name.removeprefix(PREFIX) for name in data.labels if name.startswith(PREFIX)]
    return TrainingReport(
        organization_id=organization_id,
        algorithm="rules",
        reason="",
        version=f"rules-{rules.version}",
        artifact_hash="",
        trained_at=clock(),
        lead_count=len(data.outcome),
        outcome_count=int(data.outcome.sum()),
        outcome_source=data.outcome_source,
        order=data.order,
        published=published_for(keys),
    )
