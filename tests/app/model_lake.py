"""A trained model for the screens: the committed bank leads of one organization, in the relations dbt makes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from models_ml.lead_scoring.train import train_organization
from storage.lake import Lake
from tests.models_ml.conftest import TABLES, FeatureLake


def train(lake: Lake, organization_id: str, artifacts: Path, at: datetime, most: int = 4000) -> None:
    """Trains on every n-th bank lead, nobody having said what `duration` is."""
    lake.migrate()
    with lake.writer() as cursor:
        for name, columns in TABLES.items():
            cursor.execute(f"create table if not exists {name} ({columns})")
    made = FeatureLake(lake, artifacts)
    made.bank_leads(organization_id, most=most, duration_role="feature")
    train_organization(lake, organization_id, artifacts=artifacts, clock=lambda: at)
