"""Which model scores for an organization: `ml.model_versions`, one active row a model, the older ones retired."""

from __future__ import annotations

import json
from dataclasses import dataclass

from models_ml.lead_scoring.model import MODEL
from models_ml.lead_scoring.report import TrainingReport
from storage.lake import Lake


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """What scores now; `artifact_hash` is empty where rules alone do."""

    version: str
    algorithm: str
    artifact_hash: str


def register(lake: Lake, report: TrainingReport, features: str) -> None:
    """Makes a report's version the active one, in one short transaction."""
    of_organization = "organization_id = ? and model = ?"
    key = [report.organization_id, MODEL]
    with lake.writer() as cursor:
        cursor.execute(
            f"update ml.model_versions set status = 'retired' where {of_organization} and status = 'active'", key
        )
        cursor.execute(f"delete from ml.model_versions where {of_organization} and version = ?", [*key, report.version])
        cursor.execute(
            "insert into ml.model_versions (organization_id, model, version, algorithm, trained_at, status, metrics, "
            "features, artifact_hash) values (?, ?, ?, ?, ?, 'active', ?, ?, ?)",
            [
                *key,
                report.version,
                report.algorithm,
                report.trained_at,
                json.dumps(report.as_dict()),
                features,
                report.artifact_hash,
            ],
        )


def active_model(lake: Lake, organization_id: str) -> ActiveModel | None:
    """The version that scores now; None before the first training."""
    found = lake.arrow(
        "select version, algorithm, artifact_hash from ml.model_versions "
        "where organization_id = ? and model = ? and status = 'active' order by trained_at desc, version limit 1",
        [organization_id, MODEL],
    ).to_pylist()
    return ActiveModel(**found[0]) if found else None
