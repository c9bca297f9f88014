"""How sure a promised probability is: what came among the newest leads that were promised about as much."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from domain.scoring import log_odds
from storage.lake import Lake

METRICS = (
    "select metrics from lake.ml.model_versions where organization_id = ? and model = 'lead_scoring' and version = ?"
)


@dataclass(frozen=True, slots=True)
class Promise:
    """A tenth of the newest leads: what it was promised on average, what came, and the 95 % interval of that."""

    lead_count: int
    promised: float
    came: float
    low: float
    high: float

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def read_promises(lake: Lake, organization_id: str, version: str) -> list[Promise]:
    """The tenths on which a version's calibration was judged; empty where it was not."""
    rows = lake.arrow(METRICS, [organization_id, version]).to_pylist()
    tenths = json.loads(rows[0]["metrics"]).get("calibration") or [] if rows else []
    return [
        Promise(one["lead_count"], one["predicted_rate"], one["observed_rate"], one["low"], one["high"])
        for one in tenths
    ]


def nearest(promises: list[Promise], probability: float | None) -> Promise | None:
    """The tenth whose average promise has the odds nearest to a probability's."""
    if probability is None or not promises:
        return None
    return min(promises, key=lambda one: abs(log_odds(one.promised) - log_odds(probability)))
