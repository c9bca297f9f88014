"""A look between trainings, from the rows of the lake to what people read."""

from __future__ import annotations

import json
from datetime import timedelta

from models_ml.lead_scoring.drift import told
from models_ml.lead_scoring.watching import watch
from tests.models_ml.conftest import NOON


def test_leads_that_stop_coming_to_the_outcome_are_told_with_the_day_it_began(features, clock):
    features.learn("acme", count=700)
    assert told(watch(features.lake, "acme", artifacts=features.artifacts, clock=clock)) == []

    rows = [
        {**row, "contact_id": f"new-{number}", "known_at": row["known_at"] + timedelta(days=300), "outcome": False}
        for number, row in enumerate(features.lake.arrow(
            "select * from features.contact_training_rows order by known_at limit 300"
        ).to_pylist())
    ]  # fmt: skip
    features.insert("features.contact_training_rows", rows)
    found = watch(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    rate = next(one for one in found if one.subject == "base_rate")
    assert rate.level == "alarm"
    assert abs(rate.since - NOON) < timedelta(days=10)
    assert any(line.startswith("Base rate: ") and "; since about " in line for line in told(found))
    kept = features.lake.arrow(
        "select detail, since from ml.lead_scoring__drift where subject = 'base_rate' and level = 'alarm'"
    ).to_pylist()
    assert kept[0]["since"] == rate.since
    assert json.loads(kept[0]["detail"])[0][2] < 0.02
