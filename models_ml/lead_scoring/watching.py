"""Looks after a model between trainings: are the newest leads still like those it learned from?"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from domain.clock import Clock, utc_now
from models_ml.lead_scoring.dataset import read_training_set
from models_ml.lead_scoring.drift import Drift, drift_of_scores, measure_drift, record
from models_ml.lead_scoring.evaluate import TEST_SHARE
from models_ml.lead_scoring.features import encode, with_columns
from models_ml.lead_scoring.model import MODEL, load_model
from models_ml.lead_scoring.registry import serving_model
from storage.lake import Lake


def watch(lake: Lake, organization_id: str, *, artifacts: Path, clock: Clock = utc_now) -> list[Drift]:
    """The newest fifth of the leads against those the serving model was fitted on; written to `ml.lead_scoring__drift`.

    Empty where rules alone score. Scores are compared between the leads that judged the model and any that came later.
    """
    active = serving_model(lake, organization_id)
    if active is None or not active.artifact_hash:
        return []
    model, data = load_model(artifacts, active.artifact_hash), read_training_set(lake, organization_id)
    fitted, judged_until = _sizes_at_training(lake, organization_id, active.version)
    matrix = encode(model.features, with_columns(data.rows, model.features))
    count = len(data.outcome)
    newest = np.arange(int((1 - TEST_SHARE) * count), count)
    found = measure_drift(model.features, matrix, data, np.arange(min(fitted, count)), newest)
    raw = model.log_odds(matrix)
    judged = np.arange(int((1 - TEST_SHARE) * judged_until), min(judged_until, count))
    score = drift_of_scores(raw[judged], raw[judged_until:])
    found = [*([score] if score else []), *found]
    record(lake, organization_id, active.version, found, clock())
    return found


def _sizes_at_training(lake: Lake, organization_id: str, version: str) -> tuple[int, int]:
    """How many of the oldest leads the version was fitted on first, and how many there were in all."""
    found = lake.arrow(
        "select metrics from ml.model_versions where organization_id = ? and model = ? and version = ?",
        [organization_id, MODEL, version],
    ).to_pylist()
    report = json.loads(found[0]["metrics"]) if found else {}
    total = int(report.get("lead_count", 0))
    return int(report.get("windows", {}).get("fit", {}).get("lead_count", 0.6 * total)), total
