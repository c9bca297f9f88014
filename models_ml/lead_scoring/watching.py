"""Looks after a model between trainings: are the newest leads still like those it learned from?"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from domain.clock import Clock, utc_now
from models_ml.lead_scoring.dataset import read_training_set
from models_ml.lead_scoring.drift import Drift, Look, measure_drift, record
from models_ml.lead_scoring.evaluate import TEST_SHARE
from models_ml.lead_scoring.features import encode, with_columns
from models_ml.lead_scoring.model import MODEL, load_model
from models_ml.lead_scoring.registry import serving_model
from storage.lake import Lake


def watch(lake: Lake, organization_id: str, *, artifacts: Path, clock: Clock = utc_now) -> tuple[Drift, ...]:
    """The newest fifth of the leads against those the serving model was fitted on; written to `ml.lead_scoring__drift`.

    Empty where rules alone score. Scores are compared between the leads that judged the model and any that came later.
    """
    active = serving_model(lake, organization_id)
    if active is None or not active.artifact_hash:
        return ()
    model, data = load_model(artifacts, active.artifact_hash), read_training_set(lake, organization_id)
    trained, count = _training_of(lake, organization_id, active.version), len(data.outcome)
    matrix = encode(model.features, with_columns(data.rows, model.features))
    judged = np.arange(int((1 - TEST_SHARE) * trained.lead_count), min(trained.lead_count, count))
    look = Look(
        model.features, matrix, data, then=np.arange(min(trained.fitted_count, count)),
        now=np.arange(int((1 - TEST_SHARE) * count), count), raw=model.log_odds(matrix),
        scores=(judged, np.arange(min(trained.lead_count, count), count)), mixed=trained.over_folds,
    )  # fmt: skip
    found = measure_drift(look)
    record(lake, organization_id, active.version, found, clock())
    return found


@dataclass(frozen=True, slots=True)
class _Training:
    """What a version was trained on: the oldest leads that it was fitted on first, all of them, and its AUC over folds with
    its standard error."""

    fitted_count: int
    lead_count: int
    over_folds: tuple[float, float] | None


def _training_of(lake: Lake, organization_id: str, version: str) -> _Training:
    found = lake.arrow(
        "select algorithm, metrics from ml.model_versions where organization_id = ? and model = ? and version = ?",
        [organization_id, MODEL, version],
    ).to_pylist()
    report = json.loads(found[0]["metrics"]) if found else {}
    total = int(report.get("lead_count", 0))
    candidates: list[dict[str, Any]] = report.get("candidates", [])
    champion = next((one for one in candidates if one["name"] == found[0]["algorithm"]), {})
    folds = champion.get("folds")
    return _Training(
        fitted_count=int(report.get("windows", {}).get("fit", {}).get("lead_count", 0.6 * total)),
        lead_count=total,
        over_folds=(folds["auc"], folds["auc_error"]) if folds else None,
    )
