"""Training: what is learned, what is never looked at, and what is said about it."""

from __future__ import annotations

import json

import pytest

from models_ml import artifacts
from models_ml.lead_scoring.model import MODEL, load_model
from models_ml.lead_scoring.registry import active_model
from models_ml.lead_scoring.train import train_organization
from tests.conftest import FixedClock

ROLES = {
    "plan": ("text", "feature"),
    "colour": ("text", "feature"),
    "reference": ("text", "feature"),
    "call_seconds": ("integer", "post_outcome"),
}


@pytest.fixture(scope="module")
def acme(make_features, tmp_path_factory):
    """A lake in which one organization has leads, and the report of training on them; not to be changed."""
    with make_features(tmp_path_factory.mktemp("acme")) as made:
        made.define("acme", **ROLES)
        made.made_up_leads("acme", count=900)
        yield made, train_organization(made.lake, "acme", artifacts=made.artifacts, clock=FixedClock())


@pytest.fixture
def trained(acme):
    return acme[1]


def test_what_drives_the_outcome_is_found(trained):
    assert trained.algorithm in {"lightgbm", "logistic"}
    assert trained.champion.newest.auc > 0.72
    assert set(list(trained.importance)[:2]) == {"Plan", "Pricing pages seen in 30 days"}


def test_the_newest_leads_judge_when_dates_are_known(trained):
    assert trained.order == "time"
    assert set(trained.window_rates) == {"fit", "calibrate", "test"}


def test_every_model_is_shown_beside_its_baselines(trained):
    assert [one.name for one in trained.candidates] == ["base_rate", "rules", "lightgbm", "logistic"]
    assert trained.candidate("base_rate").newest.auc == pytest.approx(0.5)


def test_an_attribute_known_only_after_the_outcome_is_never_learned_from(acme):
    features, trained = acme
    model = load_model(features.artifacts, trained.artifact_hash)
    assert "attributes.call_seconds" not in {one.name for one in model.features}
    assert trained.left_out["attributes.call_seconds"] == "known only after the outcome"
    assert trained.leak.columns == ("Call seconds",)
    assert trained.leak.newest.auc > 0.98 > trained.champion.newest.auc
    assert any("Call seconds" in note for note in trained.notes)


def test_a_column_in_which_every_lead_has_its_own_value_is_left_out_with_the_reason(trained):
    assert trained.left_out["attributes.reference"] == "nearly every lead has its own value: a name or an id"


def test_the_same_leads_give_the_same_model(acme, clock):
    features, trained = acme
    again = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    assert (again.artifact_hash, again.version) == (trained.artifact_hash, trained.version)
    assert again.candidates == trained.candidates


def test_the_model_is_registered_with_its_figures_and_kept_with_its_card(acme):
    features, trained = acme
    assert active_model(features.lake, "acme").version == trained.version
    rows = features.lake.arrow("select * from ml.model_versions where organization_id = 'acme'").to_pylist()
    assert [row["status"] for row in rows] == ["active"]
    assert json.loads(rows[0]["metrics"])["summary_lines"] == trained.summary_lines()
    card = artifacts.about(features.artifacts, MODEL, trained.artifact_hash, "MODEL_CARD.md")
    assert f"{trained.champion.newest.auc:.3f}" in card
    assert "Call seconds" in card


def test_a_newer_model_retires_the_one_before_it(features, clock):
    features.define("acme", **ROLES)
    features.made_up_leads("acme", count=400)
    trained = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    features.made_up_leads("acme", count=300, seed=8)
    newer = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    rows = features.lake.arrow("select version, status from ml.model_versions order by status").to_pylist()
    assert rows == [
        {"version": newer.version, "status": "active"},
        {"version": trained.version, "status": "retired"},
    ]


def test_with_too_few_outcomes_rules_alone_score_and_the_report_says_so(features, clock):
    features.define("small", **ROLES)
    features.made_up_leads("small", count=80)
    report = train_organization(features.lake, "small", artifacts=features.artifacts, clock=clock)
    assert report.algorithm == "rules"
    assert "a model needs 50" in report.reason
    assert active_model(features.lake, "small").artifact_hash == ""


def test_an_organization_without_leads_trains_nothing(features, clock):
    report = train_organization(features.lake, "nobody", artifacts=features.artifacts, clock=clock)
    assert (report.algorithm, report.lead_count) == ("rules", 0)


def test_when_nothing_learned_beats_the_rules_the_rules_stay(features, clock):
    features.define("noise", plan=("text", "ignored"), colour=("text", "feature"))
    rows = features.made_up_leads("noise", count=400)
    with features.lake.writer() as cursor:
        cursor.execute(
            "update features.contact_training_rows set pricing_views_30d = 0, days_since_last_visit = 1, outcome = hash(contact_id) % 2 = 0"
        )
    report = train_organization(features.lake, "noise", artifacts=features.artifacts, clock=clock)
    assert len(rows) == report.lead_count
    assert report.algorithm == "rules"
    assert report.reason


def test_attributes_without_a_definition_are_read_by_the_look_of_their_values(features, clock):
    features.made_up_leads("plain", count=700)
    report = train_organization(features.lake, "plain", artifacts=features.artifacts, clock=clock)
    model = load_model(features.artifacts, report.artifact_hash)
    kinds = {one.name: one.kind for one in model.features}
    assert kinds["attributes.plan"] == "category"
    assert kinds["attributes.call_seconds"] == "number"


def test_one_organization_never_learns_from_another(features, clock):
    features.define("acme", **ROLES)
    features.made_up_leads("acme", count=500)
    alone = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    features.define("other", **ROLES)
    features.made_up_leads("other", count=500, seed=99)
    beside = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    assert alone.artifact_hash == beside.artifact_hash
