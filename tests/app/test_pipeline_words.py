"""Pipelines as rows: what was not touched comes back as it was, and what was typed becomes what the API takes."""

from __future__ import annotations

import pytest

from app.pipeline_words import fresh_key, new_pipeline, rows_of, stages_of
from domain.pipelines import DEFAULT_PIPELINES, as_setting, parse_pipelines

PIPELINE = as_setting(DEFAULT_PIPELINES)["pipelines"][0]


def test_rows_that_nobody_touched_are_the_same_stages():
    assert stages_of(rows_of(PIPELINE)) == PIPELINE["stages"]


def test_a_new_row_gets_a_key_and_stands_where_its_order_says_before_won_and_lost():
    rows = rows_of(PIPELINE)
    rows.append({"key": None, "Order": 2.5, "Stage": "Demo held!", "Counts as": "SQL", "Chance %": 20,
                 "Rots after days": float("nan"), "Asks for": None})  # fmt: skip
    rows.append({"key": float("nan"), "Order": None, "Stage": "Demo held", "Counts as": "Proposal", "Chance %": None,
                 "Rots after days": 3.0, "Asks for": ["amount_minor"]})  # fmt: skip
    rows.append({"key": None, "Stage": None, "Counts as": None})
    stages = stages_of(rows)
    assert [stage["key"] for stage in stages][:4] == ["lead", "mql", "demo_held", "sql"]
    assert [stage["key"] for stage in stages][-3:] == ["demo_held_2", "won", "lost"]
    assert stages[2]["rots_after_days"] is None
    assert (stages[-3]["rots_after_days"], stages[-3]["requires"], stages[-3]["probability"]) == (
        3,
        ["amount_minor"],
        0,
    )
    parse_pipelines({"pipelines": [PIPELINE | {"stages": stages}]})


@pytest.mark.parametrize(
    ("name", "key"),
    [("Proposal sent", "proposal_sent"), ("1. Anruf", "stage_1_anruf"), ("Übergabe", "bergabe"), ("§", "stage")],
)
def test_a_key_is_made_of_a_name(name, key):
    assert fresh_key(name, []) == key
    assert fresh_key(name, [key]) == f"{key}_2"


def test_a_new_pipeline_is_one_that_the_rules_take():
    (made,) = parse_pipelines({"pipelines": [new_pipeline("Retainers", ["default"])]})
    assert (made.key, [stage.key for stage in made.stages]) == ("retainers", ["opportunity", "won", "lost"])
