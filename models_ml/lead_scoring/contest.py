"""The model in use against the one just trained, on the newest leads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from domain.errors import NotFound
from domain.promotion import Contest
from models_ml.lead_scoring.evaluate import Outcome, area, area_difference
from models_ml.lead_scoring.features import Matrix, encode, with_columns
from models_ml.lead_scoring.model import LeadModel, load_model
from models_ml.lead_scoring.registry import active_model
from storage.lake import Lake


@dataclass(frozen=True, slots=True)
class Incumbent:
    """What training last promoted; `model` is None where its files are gone."""

    version: str
    model: LeadModel | None


def find_incumbent(lake: Lake, organization_id: str, artifacts: Path) -> Incumbent | None:
    """The learned model that scores until now; None where rules alone do, for they need no defence but being beaten."""
    active = active_model(lake, organization_id)
    if active is None or not active.artifact_hash:
        return None
    try:
        return Incumbent(active.version, load_model(artifacts, active.artifact_hash))
    except NotFound:
        return Incumbent(active.version, None)


def contest_with(
    incumbent: Incumbent, rows: pa.Table, outcome: Outcome, ranking: Matrix, suspect: Mapping[str, str]
) -> Contest:
    """The new `ranking` of the newest leads against the incumbent's. `suspect` maps columns to why none may learn from
    them: an incumbent that did is out, however well it seems to rank."""
    model = incumbent.model
    if model is None:
        return Contest(incumbent.version, 0.5, 0.0, 0.0, "its files are missing.")
    leaking = [one for one in model.features if one.name in suspect]
    if leaking:
        why = f"it learned from {leaking[0].label}. {suspect[leaking[0].name]}"
        return Contest(incumbent.version, 0.5, 0.0, 0.0, why)
    old = model.learner.raw(encode(model.features, with_columns(rows, model.features)))
    difference, error = area_difference(outcome, ranking, old)
    return Contest(incumbent.version, area(outcome, old), difference, error)
