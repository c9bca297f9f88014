"""Other rules, tried: who would move, how won and lost leads would have been judged, and nothing is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import yaml

from domain.scoring import score_by_rules
from domain.scoring_rules import default_text, parse_rules
from models_ml.lead_scoring.previewing import preview
from models_ml.lead_scoring.rules import default_rules
from tests.models_ml.conftest import NOON


@pytest.fixture(scope="module")
def world(make_features, tmp_path_factory):
    """Six hundred leads over 300 days: pricing pages make them win. Rules alone score."""
    with make_features(tmp_path_factory.mktemp("preview")) as made:
        made.define("acme", plan=("text", "feature"), call_seconds=("integer", "post_outcome"))
        rows = made.made_up_leads("acme")
        yield made, rows


def tried(world, draft):
    made, _ = world
    return preview(made.lake, "acme", draft, artifacts=made.artifacts, now=NOON)


def test_the_rules_in_force_move_nobody(world):
    found = tried(world, default_rules())
    assert (found.band_change_count, found.grade_change_count, found.changes) == (0, 0, [])
    assert found.lead_count == sum(NOON - row["known_at"] <= timedelta(days=90) for row in world[1])
    assert sum(before for _, before, _ in found.bands) == found.lead_count
    assert all(one.won_before == one.won_after for one in found.thresholds)


def test_a_draft_says_who_moves_and_agrees_with_the_rules_one_by_one(world):
    document = yaml.safe_load(default_text())
    document["fit_weight"] = 0.2
    document["bands"] = {"hot": 40, "warm": 20, "cool": 10}
    draft = parse_rules(document)
    found = tried(world, draft)
    assert found.band_change_count
    assert found.risen_count == found.band_change_count
    rows = {row["contact_id"]: row for row in world[1]}
    for change in found.changes[:10]:
        row = rows[change.contact_id]
        before, after = score_by_rules(default_rules(), row), score_by_rules(draft, row)
        assert (change.band_before, change.grade_before) == (before.band.value, before.grade)
        assert (change.band_after, change.grade_after) == (after.band.value, after.grade)


def test_won_and_lost_leads_are_judged_as_they_were(world):
    draft = replace(default_rules(), bands=(8.0, 4.0, 2.0))
    found = tried(world, draft)
    assert found.decided_days == 90
    recent = [row for row in world[1] if NOON - row["known_at"] <= timedelta(days=90)]
    assert (found.won_count, found.lost_count) == (
        sum(row["outcome"] for row in recent), sum(not row["outcome"] for row in recent),
    )  # fmt: skip
    hot = next(one for one in found.thresholds if one.band == "hot")
    assert hot.won_after == sum(row["outcome"] and score_by_rules(draft, row).band == "hot" for row in recent)
    assert hot.won_after / found.won_count > hot.lost_after / found.lost_count
    assert [one.band for one in found.thresholds] == ["hot", "warm", "cool"]


def test_where_too_few_were_decided_all_of_them_are_looked_at(make_features, tmp_path):
    with make_features(tmp_path) as made:
        made.made_up_leads("few", count=60, spread_days=2000)
        found = preview(made.lake, "few", default_rules(), artifacts=made.artifacts, now=NOON)
    assert found.decided_days is None
    assert found.won_count + found.lost_count == 60


def test_nobody_there_is_no_fault(world):
    made, _ = world
    found = preview(made.lake, "empty", default_rules(), artifacts=made.artifacts, now=NOON)
    assert (found.lead_count, found.thresholds, found.changes) == (0, [], [])
