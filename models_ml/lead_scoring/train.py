"""Training for one organization: compare, choose, keep the winner with its figures, and say what it is worth."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from domain.clock import Clock, utc_now
from domain.scoring import ScoringRules, log_odds
from models_ml import artifacts as shelf
from models_ml.lead_scoring.calibration import calibrate
from models_ml.lead_scoring.card import model_card
from models_ml.lead_scoring.dataset import TrainingSet, read_training_set
from models_ml.lead_scoring.evaluate import Windows, has_both, windows
from models_ml.lead_scoring.experiment import (
    Problem,
    Trial,
    fit,
    importance,
    try_base_rate,
    try_leak,
    try_learner,
    try_rules,
)
from models_ml.lead_scoring.features import PREFIX
from models_ml.lead_scoring.learners import LEARNERS, SEED
from models_ml.lead_scoring.model import MODEL, LeadModel, version_of
from models_ml.lead_scoring.published import published_for
from models_ml.lead_scoring.registry import register
from models_ml.lead_scoring.report import TrainingReport
from models_ml.lead_scoring.rules import rules_in_force
from storage.lake import Lake

Progress = Callable[[str, float], None]
"""What is being done, in words, and how much is done already, 0 to 1."""

LEAST_OUTCOMES = 50
"""Leads of either outcome below which rules alone score: with fewer, the newest fifth holds under ten to judge by."""
LEAST_GAIN = 0.005
"""AUC by which a learned model must beat the rules on the newest leads before it replaces them."""
SIMPLER_WITHIN = 0.002
"""The scorecard is preferred to the trees where its AUC is no further behind than this."""


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
    """Trains, chooses by the newest leads, saves the winner under `artifacts` and registers it in `ml.model_versions`.

    The same rows give the same model, hash and version. With too few outcomes, or when nothing learned beats the rules,
    the rules are registered, and the report says why. Raises nothing for lack of data.
    """
    started = time.perf_counter()
    say = progress or (lambda _what, _share: None)
    say("reading leads with a known outcome", 0.0)
    data = read_training_set(lake, organization_id)
    rules = rules_in_force(lake, organization_id)
    split = windows(data.outcome, is_ordered=data.order != "none", seed=SEED)
    report = _nothing_learned(organization_id, data, rules, clock)
    model: LeadModel | None = None
    if _is_enough(data, split, least_outcomes):
        report, model = _compare(report, data, rules, split, say=say, threads=threads)
    else:
        few = min(int(data.outcome.sum()), int((~data.outcome).sum()))
        reason = f"{few} leads of the rarer outcome are known; a model needs {least_outcomes}, spread over time."
        report = replace(report, reason=reason)
    if model is not None:
        files = model.files()
        content_hash = shelf.hash_of(files)
        report = replace(report, version=version_of(model.learner.name, content_hash), artifact_hash=content_hash)
        report = replace(report, seconds=round(time.perf_counter() - started, 2))
        about = {
            "metrics.json": shelf.dumps(report.as_dict()),
            "features.json": shelf.dumps([one.as_dict() for one in model.features]),
            "MODEL_CARD.md": model_card(report),
        }
        shelf.save(artifacts, MODEL, files, about)
    report = replace(report, seconds=round(time.perf_counter() - started, 2))
    register(lake, report, json.dumps([one.as_dict() for one in model.features] if model else []))
    say("model kept", 1.0)
    return report


def _compare(
    report: TrainingReport, data: TrainingSet, rules: ScoringRules, split: Windows, *, say: Progress, threads: int
) -> tuple[TrainingReport, LeadModel | None]:
    """Every candidate judged; the winner fitted again on all but the newest fifth, which calibrates it."""
    problem = Problem.of(data, data.kinds, split, threads)
    say("rules alone", 0.05)
    trials = [try_base_rate(problem), try_rules(problem, rules)]
    for share, name in zip((0.1, 0.35), LEARNERS, strict=True):
        if problem.features:
            say(f"learning: {name}", share)
            trials.append(try_learner(problem, name))
    say("what a leak would have promised", 0.6)
    leak = try_leak(data, split, threads)
    algorithm, reason = _choose(trials)
    chosen = next(trial for trial in trials if trial.candidate.name == algorithm)
    report = replace(
        report,
        algorithm=algorithm,
        reason=reason,
        candidates=tuple(trial.candidate for trial in trials),
        calibration=chosen.calibration,
        calibration_method=chosen.calibrator.method,
        window_rates={
            name: round(float(data.outcome[getattr(split, name)].mean()), 4) for name in ("fit", "calibrate", "test")
        },
        leak=leak,
        left_out={
            **dict(problem.left_out),
            **dict.fromkeys(data.leaks, "known only after the outcome"),
        },
    )
    report = replace(report, notes=_notes(report))
    if algorithm == "rules":
        return report, None
    say(f"fitting the winner: {algorithm}", 0.85)
    older = np.sort(np.concatenate([split.fit, split.calibrate]))
    learner = fit(problem, algorithm, older)
    newest, outcome = problem.matrix[split.test], data.outcome[split.test]
    calibrator = calibrate(learner.raw(newest), outcome)
    model = LeadModel(problem.features, learner, calibrator, log_odds(float(outcome.mean())))
    return replace(report, importance=importance(problem, learner)), model


def _choose(trials: list[Trial]) -> tuple[str, str]:
    """The name of the winner by AUC on the newest leads, and the reason in a sentence."""
    auc = {trial.candidate.name: trial.candidate.newest.auc for trial in trials}
    learned = {name: auc[name] for name in LEARNERS if name in auc}
    if not learned:
        return "rules", "No column differs between leads, so there is nothing to learn from."
    best = max(learned, key=lambda name: learned[name])
    if learned.get("logistic", 0.0) >= learned[best] - SIMPLER_WITHIN:
        best = "logistic"
    figures = ", ".join(f"{name} {value:.3f}" for name, value in sorted(auc.items(), key=lambda entry: -entry[1]))
    if learned[best] < max(auc["rules"], 0.5) + LEAST_GAIN:
        return "rules", f"Nothing learned ranks the newest leads better than the rules (AUC: {figures})."
    return best, f"It ranks the newest leads best (AUC: {figures})."


def _notes(report: TrainingReport) -> tuple[str, ...]:
    rates = report.window_rates
    notes = []
    if report.order == "file":
        notes.append("No dates of outcome: the file's order is taken as time, oldest first.")
    if report.order == "none":
        notes.append("No order in time is known: the held-back leads are a seeded draw, which flatters a little.")
    if rates["fit"] and not 1 / 1.5 <= rates["test"] / rates["fit"] <= 1.5:
        notes.append(
            f"The base rate drifts: {rates['fit']:.1%} of the oldest leads converted, {rates['calibrate']:.1%} of those "
            f"after them, {rates['test']:.1%} of the newest. Probabilities are calibrated on the newest window only, and "
            "figures over folds, which mix times, promise too much."
        )
    if report.leak:
        notes.append(
            f"Honest figures are those without {', '.join(report.leak.columns)}, known only after the outcome; "
            "the ones with it are shown to make the leak visible, and are never used."
        )
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
