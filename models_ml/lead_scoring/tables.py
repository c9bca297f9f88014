"""The tables of the lake that lead scoring writes."""

from __future__ import annotations

from storage.lake import Lake
from storage.lake.schemas import Table

SCORES = Table(
    "ml",
    "lead_scoring__scores",
    "organization_id text, contact_id text, score double, probability double, band text, fit_score double, "
    "engagement_score double, grade text, reasons text, model_version text, scored_at timestamptz",
    sorted_by="organization_id",
)
MODEL_VERSIONS = Table(
    "ml",
    "model_versions",
    "organization_id text, model text, version text, algorithm text, trained_at timestamptz, status text, "
    "metrics text, features text, artifact_hash text",
)
"""`status`: `active` (it scores) or `retired`. `metrics` is a whole TrainingReport as JSON."""


def make_tables(lake: Lake) -> None:
    """Makes what is missing; cheap when nothing is."""
    lake.migrate([SCORES, MODEL_VERSIONS])
