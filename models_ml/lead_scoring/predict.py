"""Scores and their reasons: of every contact after a build, and of one lead the moment it is captured, by one path.

Where a learned model serves, the score is its calibrated odds against the average lead's (50 is average, 75 three times
its odds); rules give the grade, and engagement on top where the model has never seen any. Without a model the rules
are the score, and what an agency's other clients saw may say the chance. docs/decisions has the reasons.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from domain.clock import Clock, utc_now
from domain.priors.chances import ClientPrior
from domain.scoring import Band, Reason, RuleScore, ScoringRules, shown_value, strongest_first
from models_ml.lead_scoring.calibration import probability
from models_ml.lead_scoring.dataset import feature_batches
from models_ml.lead_scoring.features import (
    BUILT_IN,
    LABELS,
    POSITIONS,
    PREFIX,
    WORDS,
    Feature,
    Kind,
    Matrix,
    encode,
    table_of,
    with_positions,
)
from models_ml.lead_scoring.model import LeadModel, load_model
from models_ml.lead_scoring.priors import chances_of, prior_of
from models_ml.lead_scoring.registry import serving_model
from models_ml.lead_scoring.rules import GRADES, RulePoints, by_rules, features_of, rule_points, rules_in_force
from storage.lake import Lake

MOST_REASONS = 6
LEAST_EFFECT = 0.5
"""Points below which a reason is not worth a line."""


@dataclass(frozen=True, slots=True)
class ScoredLead:
    """What is shown of a lead; `probability` is None where rules alone decide and nothing else is known."""

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


BANDS = (Band.COLD.value, Band.COOL.value, Band.WARM.value, Band.HOT.value)


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of many leads as columns, rounded as they are shown; `band` and `grade` are positions in BANDS and GRADES."""

    score: Matrix
    probability: Matrix | None
    fit: Matrix
    engagement: Matrix
    band: NDArray[np.int8]
    grade: NDArray[np.int8]

    @classmethod
    def of(cls, score: Matrix, chances: Matrix | None, ruled: RulePoints, rules: ScoringRules) -> Self:
        shown = np.round(score, 1)
        band = np.searchsorted(rules.bands[::-1], shown, side="right").astype(np.int8)
        return cls(shown, chances, np.round(ruled.fit, 1), np.round(ruled.engagement, 1), band, ruled.grade)

    def bands(self) -> list[str]:
        return [BANDS[place] for place in self.band]

    def grades(self) -> list[str]:
        return [GRADES[place] for place in self.grade]

    def as_arrow(self, contact_ids: pa.ChunkedArray) -> pa.Table:
        """Columns of `ml.lead_scoring__scores` but those that are the same in every row."""
        count = len(self.score)
        chances = pa.nulls(count, pa.float64()) if self.probability is None else pa.array(self.probability)
        return pa.table(
            {
                "contact_id": contact_ids,
                "score": self.score,
                "probability": chances,
                "fit_score": self.fit,
                "engagement_score": self.engagement,
                "band": pa.DictionaryArray.from_arrays(pa.array(self.band), list(BANDS)),
                "grade": pa.DictionaryArray.from_arrays(pa.array(self.grade), list(GRADES)),
            }
        )


def score_organization(lake: Lake, organization_id: str, *, artifacts: Path, clock: Clock = utc_now) -> int:
    """Scores every contact as of the newest features into `ml.lead_scoring__scores`; answers how many.

    Columns all the way, without reasons: those are made where a score is written back (activation). The last scores of the
    organization are replaced in one short transaction. Without a trained model, rules decide.
    """
    model, version, rules = serving(lake, organization_id, artifacts)
    asked = features_of(rules)
    batches = feature_batches(lake, organization_id, model.features if model else (), asked)
    prior = prior_of(lake, organization_id) if model is None else None
    scored = [scores_of(batch, model, rules, prior).as_arrow(batch["contact_id"]) for batch in batches]
    table = pa.concat_tables(scored) if scored else None
    with lake.staging() as cursor, lake.commit(cursor):
        cursor.execute("delete from ml.lead_scoring__scores where organization_id = ?", [organization_id])
        if table is not None:
            cursor.register("scored", table)
            cursor.execute(
                "insert into ml.lead_scoring__scores by name select *, ? as organization_id, ? as model_version, "
                "?::timestamptz as scored_at from scored",
                [organization_id, version, clock()],
            )
            cursor.unregister("scored")
    return sum(part.num_rows for part in scored)


def serving(lake: Lake, organization_id: str, artifacts: Path) -> tuple[LeadModel | None, str, ScoringRules]:
    """The model that scores now (None: rules alone), the version to say, and the rules in force."""
    active, rules = serving_model(lake, organization_id), rules_in_force(lake, organization_id)
    if active is None or not active.artifact_hash:
        return None, f"rules-{rules.version}", rules
    return load_model(artifacts, active.artifact_hash), active.version, rules


def score_contact(
    facts: Mapping[str, Any], model: LeadModel | None, rules: ScoringRules, prior: ClientPrior | None = None
) -> ScoredLead:
    """One lead from its facts (columns of `features.contact_features`, attributes as `attributes.<key>`)."""
    kinds: dict[str, Kind] = {**dict.fromkeys(WORDS, "category"), **BUILT_IN}
    columns = {name: Feature(name, LABELS.get(name, name), kind) for name, kind in kinds.items()}
    asked = {name: Feature(name, name, "category") for name in features_of(rules) if name.startswith(PREFIX)}
    learned = {one.name: one for one in (model.features if model else ()) if one.name not in POSITIONS}
    table = with_positions(table_of([facts], list({**columns, **asked, **learned}.values())))
    return score_table(table, model, rules, prior)[0]


def score_table(
    table: pa.Table, model: LeadModel | None, rules: ScoringRules, prior: ClientPrior | None = None
) -> list[ScoredLead]:
    """The rows' scores with their reasons, in their order. The same facts give the same score in any company of rows."""
    scored = scores_of(table, model, rules, prior)
    bands, grades = scored.bands(), scored.grades()
    return [
        ScoredLead(
            score=float(scored.score[row]),
            band=bands[row],
            probability=None if scored.probability is None else float(scored.probability[row]),
            fit_score=float(scored.fit[row]),
            engagement_score=float(scored.engagement[row]),
            grade=grades[row],
            reasons=reasons,
        )
        for row, reasons in enumerate(reasons_of(table, model, rules, prior))
    ]


def scores_of(
    table: pa.Table, model: LeadModel | None, rules: ScoringRules, prior: ClientPrior | None = None
) -> Scores:
    """The rows' scores as columns. Where rules alone score, a prior says the chance, and moves no score."""
    ruled = rule_points(rules, table)
    if model is None:
        chances = [one.probability for one in chances_of(prior, table)] if prior else None
        return Scores.of(ruled.score, None if chances is None else np.round(chances, 6), ruled, rules)
    calibrated = model.log_odds(encode(model.features, table))
    totals = calibrated - model.base_log_odds + _boosts(model, ruled.engagement, rules)
    return Scores.of(_points(totals), np.round(probability(calibrated), 6), ruled, rules)


def reasons_of(
    table: pa.Table, model: LeadModel | None, rules: ScoringRules, prior: ClientPrior | None = None
) -> list[tuple[Reason, ...]]:
    """Why each row's score is what it is, strongest first; where rules alone score, whence its chance comes."""
    if model is None:
        by_rule = [_worth_a_line(found.reasons(rules.fit_weight)) for found in by_rules(rules, table)]
        if prior is None:
            return by_rule
        told = [Reason(prior.words(chance), 0.0, "prior") for chance in chances_of(prior, table)]
        return [(*said, one) for said, one in zip(by_rule, told, strict=True)]
    matrix = encode(model.features, table)
    raw = model.learner.raw(matrix)
    calibrated = model.calibrator.apply(raw)
    boosts = _boosts(model, rule_points(rules, table).engagement, rules)
    totals = calibrated - model.base_log_odds + boosts
    effects = _effects(model, raw, model.learner.contributions(matrix), totals - calibrated)
    strongest = np.argsort(-np.abs(effects), axis=1, kind="stable")[:, :MOST_REASONS]
    words = _Words(model.features, table)
    is_boosted = bool(boosts.any())
    ruled = by_rules(rules, table) if is_boosted else ()
    lost = _points(totals) - _points(totals - boosts)
    found = []
    for row in range(table.num_rows):
        reasons = [
            Reason(words.of(row, int(position)), float(effects[row, position]), "model")
            for position in strongest[row]
            if abs(effects[row, position]) >= LEAST_EFFECT
        ]
        if is_boosted and boosts[row]:
            reasons += _engagement_reasons(ruled[row], float(lost[row]))
        found.append(_worth_a_line(reasons))
    return found


def _boosts(model: LeadModel, engagement: Matrix, rules: ScoringRules) -> Matrix:
    """Log-odds that engagement by rules adds where the model has never seen any."""
    lift = 0.0 if model.knows_engagement else math.log(rules.engagement_odds) / 100
    return lift * engagement


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
