"""Scores and their reasons: of every contact after a build, and of one lead the moment it is captured, by one path.

Where a learned model serves, the score is its calibrated odds against the average lead's (50 is average, 75 three times
its odds); rules give the grade, and engagement on top where the model has never seen any. Without a model the rules
are the score. docs/decisions has the reasons.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.clock import Clock, utc_now
from domain.scoring import Reason, RuleScore, ScoringRules, band_of, shown_value, strongest_first
from models_ml.lead_scoring.calibration import probability
from models_ml.lead_scoring.dataset import read_features
from models_ml.lead_scoring.features import BUILT_IN, LABELS, PREFIX, WORDS, Feature, Kind, Matrix, encode, table_of
from models_ml.lead_scoring.model import LeadModel, load_model
from models_ml.lead_scoring.registry import active_model
from models_ml.lead_scoring.rules import by_rules, features_of, rules_in_force
from storage.lake import Lake

MOST_REASONS = 6
LEAST_EFFECT = 0.5
"""Points below which a reason is not worth a line."""


@dataclass(frozen=True, slots=True)
class ScoredLead:
    """What is shown of a lead; `probability` is None where rules alone decide."""

    score: float
    band: str
    probability: float | None
    fit_score: float
    engagement_score: float
    grade: str
    reasons: tuple[Reason, ...]

    def as_dict(self) -> dict[str, Any]:
        return {
            "score": self.score,
            "band": self.band,
            "probability": self.probability,
            "fit_score": self.fit_score,
            "engagement_score": self.engagement_score,
            "grade": self.grade,
            "reasons": [reason.as_dict() for reason in self.reasons],
        }


def score_organization(lake: Lake, organization_id: str, *, artifacts: Path, clock: Clock = utc_now) -> int:
    """Scores every contact as of the newest features into `ml.lead_scoring__scores`; answers how many.

    The last scores of the organization are replaced in one short transaction. Without a trained model, rules decide.
    """
    active = active_model(lake, organization_id)
    model = load_model(artifacts, active.artifact_hash) if active and active.artifact_hash else None
    rules = rules_in_force(lake, organization_id)
    version = active.version if active and model else f"rules-{rules.version}"
    table = read_features(lake, organization_id, model.features if model else (), features_of(rules))
    batch = _as_arrow(score_table(table, model, rules), table["contact_id"], organization_id, version)
    at = clock()
    with lake.staging() as cursor:
        cursor.register("scored", batch)
        with lake.commit(cursor):
            cursor.execute("delete from ml.lead_scoring__scores where organization_id = ?", [organization_id])
            cursor.execute(
                "insert into ml.lead_scoring__scores by name select *, ?::timestamptz as scored_at from scored", [at]
            )
        cursor.unregister("scored")
    return len(batch)


def score_contact(facts: Mapping[str, Any], model: LeadModel | None, rules: ScoringRules) -> ScoredLead:
    """One lead from its facts (columns of `features.contact_features`, attributes as `attributes.<key>`)."""
    kinds: dict[str, Kind] = {**dict.fromkeys(WORDS, "category"), **BUILT_IN}
    columns = {name: Feature(name, LABELS.get(name, name), kind) for name, kind in kinds.items()}
    asked = {name: Feature(name, name, "category") for name in features_of(rules) if name.startswith(PREFIX)}
    learned = {one.name: one for one in (model.features if model else ())}
    return score_table(table_of([facts], list({**columns, **asked, **learned}.values())), model, rules)[0]


def score_table(table: pa.Table, model: LeadModel | None, rules: ScoringRules) -> list[ScoredLead]:
    """The rows' scores, in their order. The same facts give the same score in any company of rows."""
    ruled = by_rules(rules, table)
    if model is None:
        return [_by_rules_alone(found, rules) for found in ruled]
    return _learned(table, model, rules, ruled)


def _by_rules_alone(found: RuleScore, rules: ScoringRules) -> ScoredLead:
    return ScoredLead(
        score=round(found.score, 1),
        band=band_of(rules, round(found.score, 1)).value,
        probability=None,
        fit_score=round(found.fit, 1),
        engagement_score=round(found.engagement, 1),
        grade=found.grade,
        reasons=_worth_a_line(found.reasons(rules.fit_weight)),
    )


def _learned(table: pa.Table, model: LeadModel, rules: ScoringRules, ruled: Sequence[RuleScore]) -> list[ScoredLead]:
    matrix = encode(model.features, table)
    raw = model.learner.raw(matrix)
    calibrated = model.calibrator.apply(raw)
    lift = 0.0 if model.knows_engagement else math.log(rules.engagement_odds) / 100
    boosts = lift * np.asarray([found.engagement for found in ruled])
    totals = calibrated - model.base_log_odds + boosts
    scores = np.round(_points(totals), 1)
    chances = np.round(probability(calibrated), 6)
    effects = _effects(model, raw, model.learner.contributions(matrix), totals - calibrated)
    strongest = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :MOST_REASONS]
    words = _Words(model.features, table)
    scored = []
    for row, found in enumerate(ruled):
        reasons = [
            Reason(words.of(row, int(position)), float(effects[row, position]), "model")
            for position in strongest[row]
            if abs(effects[row, position]) >= LEAST_EFFECT
        ]
        if boosts[row]:
            reasons += _engagement_reasons(found, float(_points(totals[row]) - _points(totals[row] - boosts[row])))
        scored.append(
            ScoredLead(
                score=float(scores[row]),
                band=band_of(rules, float(scores[row])).value,
                probability=float(chances[row]),
                fit_score=round(found.fit, 1),
                engagement_score=round(found.engagement, 1),
                grade=found.grade,
                reasons=_worth_a_line(reasons),
            )
        )
    return scored


def _points(log_odds: Any) -> Any:
    """`domain.scoring.score_from_odds`, on many at once."""
    return 100 * probability(np.asarray(log_odds))


def _effects(model: LeadModel, raw: Matrix, moved: Matrix, shift: Matrix) -> Matrix:
    """Rows × features: points of the score that would be lost without each feature's contribution."""
    whole = _points(model.calibrator.apply(raw) + shift)
    columns = [
        whole - _points(model.calibrator.apply(raw - moved[:, position]) + shift) for position in range(moved.shape[1])
    ]
    return np.column_stack(columns) if columns else np.zeros((len(raw), 0))


def _engagement_reasons(found: RuleScore, points: float) -> list[Reason]:
    """What engagement added, shared among the rules that made it."""
    total = math.fsum(reason.effect for reason in found.engagement_reasons)
    share = points / total if total > 0 else 0.0
    return [Reason(reason.text, reason.effect * share, "rule") for reason in found.engagement_reasons]


def _worth_a_line(reasons: Sequence[Reason]) -> tuple[Reason, ...]:
    kept = [reason for reason in reasons if abs(reason.effect) >= LEAST_EFFECT]
    return strongest_first(kept)[:MOST_REASONS]


class _Words:
    """`label: value` of a feature, written once for each value that occurs."""

    def __init__(self, features: Sequence[Feature], table: pa.Table) -> None:
        self._features = features
        self._columns = [table[one.name].to_pylist() for one in features]
        self._known: list[dict[Any, str]] = [{} for _ in features]

    def of(self, row: int, position: int) -> str:
        value = self._columns[position][row]
        known = self._known[position]
        if value not in known:
            known[value] = f"{self._features[position].label}: {shown_value(value)}"
        return known[value]


def _as_arrow(
    scored: Sequence[ScoredLead], contact_ids: pa.ChunkedArray, organization_id: str, version: str
) -> pa.Table:
    names = ("score", "probability", "fit_score", "engagement_score")
    numbers: dict[str, NDArray[np.float64] | list[Any]] = {
        name: pa.array([getattr(one, name) for one in scored], pa.float64()) for name in names
    }
    return pa.table(
        {
            "organization_id": pa.array([organization_id] * len(scored), pa.string()),
            "contact_id": contact_ids,
            **numbers,
            "band": pa.array([one.band for one in scored], pa.string()),
            "grade": pa.array([one.grade for one in scored], pa.string()),
            "reasons": pa.array(
                [json.dumps([reason.as_dict() for reason in one.reasons]) for one in scored], pa.string()
            ),
            "model_version": pa.array([version] * len(scored), pa.string()),
        }
    )
