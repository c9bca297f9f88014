"""Pipelines: what is written is read back, faults are named, and a stage asks for what it needs."""

from __future__ import annotations

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest

from domain.deals import DealStage
from domain.errors import InvalidInput
from domain.pipelines import (
    DEFAULT_PIPELINES,
    StageRefused,
    as_setting,
    check_entry,
    is_rotting,
    parse_pipelines,
    weighted,
)

SALES = DEFAULT_PIPELINES[0]
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def changed(path, value):
    raw = deepcopy(as_setting(DEFAULT_PIPELINES))
    place = raw["pipelines"][0]
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return raw


def test_what_is_written_is_read_back():
    assert parse_pipelines(as_setting(DEFAULT_PIPELINES)) == DEFAULT_PIPELINES


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        (["key"], "Sales!", "key"),
        (["name"], " ", "name"),
        (["stages"], [], "exactly one stage counts as won"),
        (["stages", 0, "counts_as"], "won", "exactly one"),
        (["stages", 0, "counts_as"], "dream", "counts_as"),
        (["stages", 1, "key"], "lead", "used twice"),
        (["stages", 2, "probability"], 1.5, "probability"),
        (["stages", 2, "probability"], True, "probability"),
        (["stages", 2, "rots_after_days"], 0, "rots_after_days"),
        (["stages", 2, "requires"], ["moon"], "requires"),
        (["lost_reasons"], [""], "lost_reasons"),
    ],
)
def test_a_fault_is_named_with_its_place(path, value, said):
    with pytest.raises(InvalidInput, match=said):
        parse_pipelines(changed(path, value))


def test_a_closed_stage_before_an_open_one_is_refused():
    raw = as_setting(DEFAULT_PIPELINES)
    stages = raw["pipelines"][0]["stages"]
    stages.insert(0, stages.pop())
    with pytest.raises(InvalidInput, match="open stages come first"):
        parse_pipelines(raw)


def test_a_stage_says_what_a_deal_lacks():
    raw = changed(["stages", 4, "requires"], ["amount_minor", "attributes.budget", "expected_close_on"])
    (pipeline,) = parse_pipelines(raw)
    proposal = pipeline.stage("proposal")
    with pytest.raises(StageRefused) as refused:
        check_entry(pipeline, proposal, {"amount_minor": 0, "attributes": {}, "expected_close_on": None})
    assert refused.value.missing == ("amount_minor", "attributes.budget", "expected_close_on")
    check_entry(
        pipeline, proposal, {"amount_minor": 1, "attributes": {"budget": "10k"}, "expected_close_on": NOON.date()}
    )


def test_a_loss_needs_one_of_the_pipelines_reasons():
    lost = SALES.stage("lost")
    with pytest.raises(StageRefused, match="lost_reason"):
        check_entry(SALES, lost, {"lost_reason": None})
    with pytest.raises(InvalidInput, match="no reason of this pipeline"):
        check_entry(SALES, lost, {"lost_reason": "Bad weather"})
    check_entry(SALES, lost, {"lost_reason": "Price"})


def test_a_deal_rots_in_an_open_stage_only():
    proposal = SALES.stage("proposal")
    assert not is_rotting(proposal, NOON, NOON + timedelta(days=14))
    assert is_rotting(proposal, NOON, NOON + timedelta(days=14, seconds=1))
    assert not is_rotting(SALES.stage("won"), NOON, NOON + timedelta(days=4000))


def test_a_deals_own_probability_outweighs_its_stages():
    assert weighted(101, SALES.stage("proposal")) == 51
    assert weighted(100, SALES.stage("proposal"), 0.9) == 90
    assert weighted(100, SALES.stage("proposal"), 0.0) == 0


def test_a_pipeline_that_skips_a_stage_shows_its_deals_in_the_nearest_one_before():
    raw = as_setting(DEFAULT_PIPELINES)
    del raw["pipelines"][0]["stages"][4]
    (pipeline,) = parse_pipelines(raw)
    assert pipeline.stage_counting_as(DealStage.PROPOSAL).key == "opportunity"
    assert pipeline.stage_counting_as(DealStage.WON).key == "won"
