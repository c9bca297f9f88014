"""The versions of an organization's model: `ml.model_versions`, one `active` row, the others `challenger` or `retired`."""

from __future__ import annotations

import json
from dataclasses import dataclass

from models_ml.lead_scoring.choices import pin
from models_ml.lead_scoring.model import MODEL
from models_ml.lead_scoring.report import TrainingReport
from storage.lake import Lake


@dataclass(frozen=True, slots=True)
class ActiveModel:
    """What scores now; `artifact_hash` is empty where rules alone do."""

    version: str
    algorithm: str
    artifact_hash: str


def register(lake: Lake, report: TrainingReport, features: str, card: str) -> None:
    """Writes a report's version down in one short transaction: as the active one if it was promoted, else beside it."""
    of_organization = "organization_id = ? and model = ?"
    key = [report.organization_id, MODEL]
    with lake.writer() as cursor:
        if report.promotion.is_promoted:
            cursor.execute(
                f"update ml.model_versions set status = 'retired' where {of_organization} and status = 'active'", key
            )
        cursor.execute(f"delete from ml.model_versions where {of_organization} and version = ?", [*key, report.version])
        cursor.execute(
            "insert into ml.model_versions (organization_id, model, version, algorithm, trained_at, status, metrics, "
            "features, artifact_hash, reason, card) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [
                *key,
                report.version,
                report.algorithm,
                report.trained_at,
                "active" if report.promotion.is_promoted else "challenger",
                json.dumps(report.as_dict()),
                features,
                report.artifact_hash,
                report.promotion.reason,
                card,
            ],
        )


def active_model(lake: Lake, organization_id: str) -> ActiveModel | None:
    """The version that training last promoted; None before the first training."""
    return _version(lake, organization_id, "status = 'active'", [])


def serving_model(lake: Lake, organization_id: str) -> ActiveModel | None:
    """The version that scores: the pinned one where people pinned one that is there, else the active one."""
    pinned = pin(lake, organization_id)
    kept = _version(lake, organization_id, "version = ?", [pinned.version]) if pinned else None
    return kept or active_model(lake, organization_id)


def _version(lake: Lake, organization_id: str, which: str, parameters: list[str]) -> ActiveModel | None:
    found = lake.arrow(
        "select version, algorithm, artifact_hash from ml.model_versions "
        f"where organization_id = ? and model = ? and {which} order by trained_at desc, version limit 1",
        [organization_id, MODEL, *parameters],
    ).to_pylist()
    return ActiveModel(**found[0]) if found else None
