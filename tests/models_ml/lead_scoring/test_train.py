"""Training: what is learned, what is never looked at, and what is said about it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from domain.scoring_models import OVERRULES_SETTING, PIN_SETTING
from models_ml import artifacts
from models_ml.lead_scoring.drift import Drift
from models_ml.lead_scoring.model import MODEL, load_model
from models_ml.lead_scoring.registry import active_model, serving_model
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
    assert [one.name for one in trained.candidates] == ["base_rate", "rules", "lightgbm", "logistic", "blend"]
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
    assert "attributes.call_seconds" not in kinds
    assert {one.label: one.rule for one in report.leak_flags} == {"call_seconds": "separates"}


def test_one_organization_never_learns_from_another(features, clock):
    features.define("acme", **ROLES)
    features.made_up_leads("acme", count=500)
    alone = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    features.define("other", **ROLES)
    features.made_up_leads("other", count=500, seed=99)
    beside = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    assert alone.artifact_hash == beside.artifact_hash


def test_a_suspect_is_used_where_somebody_answers_for_it(features, clock):
    features.made_up_leads("plain", count=700)
    features.decide(
        "plain", OVERRULES_SETTING, {"columns": {"attributes.call_seconds": {"by": "mara", "reason": "ours"}}}
    )
    report = train_organization(features.lake, "plain", artifacts=features.artifacts, clock=clock)
    model = load_model(features.artifacts, report.artifact_hash)
    assert "attributes.call_seconds" in {one.name for one in model.features}
    assert [(one.is_overruled, one.overruled_by, one.overrule_reason) for one in report.leak_flags] == [
        (True, "mara", "ours")
    ]
    assert any("mara says: ours" in note for note in report.notes)


def test_a_model_that_learned_from_a_leak_may_not_defend_itself(features, clock):
    features.made_up_leads("plain", count=700)
    features.decide(
        "plain", OVERRULES_SETTING, {"columns": {"attributes.call_seconds": {"by": "mara", "reason": "ours"}}}
    )
    leaking = train_organization(features.lake, "plain", artifacts=features.artifacts, clock=clock)
    features.decide("plain", OVERRULES_SETTING, {"columns": {}}, version=2)
    honest = train_organization(features.lake, "plain", artifacts=features.artifacts, clock=clock)
    assert leaking.champion.newest.auc > honest.champion.newest.auc + 0.1
    assert honest.promotion.is_promoted
    assert f"{leaking.version} had to go" in honest.promotion.reason
    assert active_model(features.lake, "plain").version == honest.version


def test_a_model_that_ranks_the_newest_leads_worse_stays_a_challenger(features, clock):
    features.define("acme", **ROLES)
    features.made_up_leads("acme", count=1500)
    good = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    with features.lake.writer() as cursor:  # what drives the outcome is lost from all but the newest leads
        cursor.execute(
            "update features.contact_training_rows set attributes = null, pricing_views_30d = days_since_last_visit "
            "where contact_id < 'acme-01200'"
        )
    worse = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    assert not worse.promotion.is_promoted
    assert active_model(features.lake, "acme").version == good.version
    rows = features.lake.arrow("select version, status, reason from ml.model_versions order by status").to_pylist()
    assert [(row["version"], row["status"]) for row in rows] == [
        (good.version, "active"),
        (worse.version, "challenger"),
    ]


def test_a_pinned_version_scores_until_it_is_let_go(features, clock):
    features.define("acme", **ROLES)
    features.made_up_leads("acme", count=700)
    first = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    features.decide("acme", PIN_SETTING, {"version": first.version, "by": "mara", "reason": "we know it"})
    features.made_up_leads("acme", count=700, seed=8)
    second = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    assert not second.promotion.is_promoted
    assert "mara keeps" in second.promotion.reason
    assert serving_model(features.lake, "acme").version == first.version
    features.decide("acme", PIN_SETTING, {}, version=2)
    third = train_organization(features.lake, "acme", artifacts=features.artifacts, clock=clock)
    assert third.promotion.is_promoted
    assert serving_model(features.lake, "acme").version == third.version


def test_the_card_tells_the_window_the_leaks_the_intervals_and_the_drift(acme):
    features, trained = acme
    card = artifacts.about(features.artifacts, MODEL, trained.artifact_hash, "MODEL_CARD.md")
    for title in (
        "## Data",
        "## Figures",
        "## Calibration",
        "## Suspect columns",
        "## Drift",
        "## Promotion",
        "## Limits",
    ):
        assert title in card
    assert f"{trained.calibration_check.error:.3f}" in card
    assert trained.windows["test"].known_to in card


def test_a_report_keeps_the_day_since_when_leads_come_otherwise(acme, clock):
    _, trained = acme
    changed = Drift("base_rate", "Base rate", -0.1, 0.0, "alarm", 900, 300, (("good", 0.2, 0.1),), clock())
    kept = json.loads(artifacts.dumps(replace(trained, drift=(changed,)).as_dict()))
    assert kept["drift"][0]["since"] == clock().isoformat()
