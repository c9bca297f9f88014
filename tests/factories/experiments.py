"""Experiments over the API, and units that met an arm, as tests want them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import insert

from domain.ids import new_id
from storage.ops.store import Store
from storage.ops.tables import ExperimentExposure
from tests.factories import SYSTEM, TESTER

HERO = {
    "key": "hero", "name": "Shorter hero", "hypothesis": "Less to read, more to send.", "metric": "deal_opened",
    "arms": [{"key": "now"}, {"key": "short"}],
}  # fmt: skip


def make_experiment(api: TestClient, *, is_started: bool = True, **changes: Any) -> dict[str, Any]:
    """As the API answers it."""
    answer = api.post("/v1/experiments", json=HERO | changes)
    assert answer.status_code == 201, answer.text
    if not is_started:
        return answer.json()
    answer = api.post(f"/v1/experiments/{answer.json()['experiment_id']}/start")
    assert answer.status_code == 200, answer.text
    return answer.json()


def expose(store: Store, experiment: dict[str, Any], arm: str, subjects: list[str], *, at: datetime) -> None:
    """Subjects that met an arm."""
    rows = [
        {
            "experiment_exposure_id": new_id(), "organization_id": experiment["organization_id"],
            "experiment_id": experiment["experiment_id"], "subject": subject, "arm": arm, "via": "server",
            "exposed_at": at,
        }
        for subject in subjects
    ]  # fmt: skip
    with store.write(SYSTEM, TESTER) as work:
        work.session.execute(insert(ExperimentExposure), rows)
