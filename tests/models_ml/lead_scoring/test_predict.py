"""Scores after a build: the same facts give the same score, the better lead the higher one, and each says why."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.scoring import log_odds, score_from_odds
from models_ml.lead_scoring.dataset import feature_batches
from models_ml.lead_scoring.features import BUILT_IN, Feature, table_of
from models_ml.lead_scoring.predict import reasons_of, score_contact, score_organization
from models_ml.lead_scoring.rules import GRADES, by_rules, default_rules, features_of, rule_points
from tests.conftest import NOON, FixedClock


@pytest.fixture(scope="module")
def scored(make_features, tmp_path_factory):
    """A lake with a trained organization, its model, and its scores; not to be changed."""
    with make_features(tmp_path_factory.mktemp("scored")) as made:
        model = made.learn("acme")
        count = score_organization(made.lake, "acme", artifacts=made.artifacts, clock=FixedClock())
        yield made, model, count


def test_every_contact_is_scored_once(scored):
    features, _, count = scored
    found = features.scores("acme")
    assert count == len(found) == 600
    assert {row["scored_at"] for row in found.values()} == {NOON}


def test_scoring_again_changes_nothing(scored):
    features, _, _ = scored
    before = features.scores("acme")
    score_organization(features.lake, "acme", artifacts=features.artifacts, clock=FixedClock())
    assert features.scores("acme") == before


def test_the_lead_with_the_better_plan_scores_higher(scored):
    _, model, _ = scored
    facts = {"pricing_views_30d": 1, "days_since_last_visit": 3}
    pro, basic = (
        score_contact({**facts, "attributes.plan": plan}, model, default_rules()) for plan in ("pro", "basic")
    )
    assert pro.score > basic.score + 10
    assert pro.probability > basic.probability


def test_the_score_is_the_odds_against_the_average_lead(scored):
    _, model, _ = scored
    found = score_contact({"attributes.plan": "pro", "pricing_views_30d": 3}, model, default_rules())
    assert model.knows_engagement
    expected = score_from_odds(log_odds(found.probability), model.base_log_odds)
    assert found.score == pytest.approx(expected, abs=0.06)


def test_a_score_says_why_in_words_with_the_value(scored):
    _, model, _ = scored
    found = score_contact({"attributes.plan": "pro", "pricing_views_30d": 4}, model, default_rules())
    texts = [reason.text for reason in found.reasons]
    assert "Plan: pro" in texts[:2]
    assert "Pricing pages seen in 30 days: 4" in texts[:2]
    assert {reason.source for reason in found.reasons} == {"model"}
    assert [abs(reason.effect) for reason in found.reasons] == sorted(
        (abs(reason.effect) for reason in found.reasons), reverse=True
    )


def test_a_value_never_seen_in_training_is_treated_as_unknown(scored):
    _, model, _ = scored
    facts = {"pricing_views_30d": 1}
    unseen, unknown = (
        score_contact({**facts, "attributes.plan": plan}, model, default_rules()) for plan in ("platinum", None)
    )
    assert unseen.score == unknown.score


def test_one_lead_alone_scores_as_it_does_among_the_others(scored):
    features, model, _ = scored
    rows = features.lake.arrow("select * from features.contact_features order by contact_id limit 40").to_pylist()
    batch = features.scores("acme")
    for row in rows:
        attributes = {f"attributes.{key}": value for key, value in json.loads(row["attributes"]).items()}
        alone = score_contact({**row, **attributes}, model, default_rules()).as_dict()
        assert alone.pop("reasons")
        assert alone == {name: batch[row["contact_id"]][name] for name in alone}


def test_many_leads_have_the_reasons_that_each_has_alone(scored):
    features, model, _ = scored
    together = next(feature_batches(features.lake, "acme", model.features, features_of(default_rules())))
    reasons = reasons_of(together, model, default_rules())
    for row, said in zip(together.slice(0, 30).to_pylist(), reasons, strict=False):
        assert score_contact(row, model, default_rules()).reasons == said


@given(
    facts=st.lists(
        st.fixed_dictionaries(
            {
                "email_domain_type": st.sampled_from(["corporate", "free", None]),
                "title": st.sampled_from(["Head of Growth", "CEO", "Student", "", None]),
                "source": st.sampled_from(["form", "import", None]),
                "has_phone": st.sampled_from([True, False, None]),
                "days_since_last_visit": st.one_of(st.none(), st.floats(0, 90)),
                "days_since_known": st.floats(0, 90),
                "sessions_30d": st.integers(0, 40),
                "pricing_views_30d": st.integers(0, 9),
                "form_submissions_30d": st.integers(0, 4),
                "replies_30d": st.integers(0, 3),
            }
        ),
        min_size=1,
        max_size=20,
    )
)
def test_rules_column_by_column_say_what_they_say_lead_by_lead(facts):
    rules = default_rules()
    table = table_of(facts, [Feature(name, name, kind) for name, kind in {"title": "category", **BUILT_IN}.items()])
    found, expected = rule_points(rules, table), by_rules(rules, table)
    for name in ("fit", "engagement", "score"):
        assert getattr(found, name) == pytest.approx([getattr(one, name) for one in expected], abs=1e-9)
    assert [GRADES[place] for place in found.grade] == [one.grade for one in expected]


def test_without_a_model_the_rules_are_the_score_and_it_has_no_probability(features, clock):
    features.made_up_leads("young", count=30)
    score_organization(features.lake, "young", artifacts=features.artifacts, clock=clock)
    found = features.scores("young").values()
    assert {row["model_version"] for row in found} == {"rules-default-1"}
    assert {row["probability"] for row in found} == {None}
    explained = reasons_of(
        next(feature_batches(features.lake, "young", (), features_of(default_rules()))), None, default_rules()
    )
    assert any(said and said[0].source == "rule" for said in explained)


def test_an_organizations_own_rules_replace_the_shipped_ones(features, clock):
    features.made_up_leads("own", count=5)
    rules = {"version": "own-2", "fit": [{"name": "all", "cap": 80, "rules": [{"name": "any", "points": 80}]}]}
    features.insert(
        "staging.stg_operational__organization_settings",
        [
            {
                "organization_id": "own",
                "setting_name": "scoring_rules",
                "version": 1,
                "value": "{}",
                "valid_from": NOON,
            },
            {
                "organization_id": "own",
                "setting_name": "scoring_rules",
                "version": 2,
                "value": json.dumps(rules),
                "valid_from": NOON,
            },
        ],
    )
    score_organization(features.lake, "own", artifacts=features.artifacts, clock=clock)
    assert {(row["model_version"], row["fit_score"]) for row in features.scores("own").values()} == {
        ("rules-own-2", 80.0)
    }


def test_engagement_lifts_the_score_of_a_model_that_never_saw_any(scored):
    _, model, _ = scored
    blind = replace(model, features=tuple(one for one in model.features if one.name.startswith("attributes.")))
    blind = replace(blind, learner=_Constant(len(blind.features)))
    quiet = score_contact({"attributes.plan": "pro"}, blind, default_rules())
    awake = score_contact(
        {"attributes.plan": "pro", "form_submissions_30d": 2, "days_since_last_visit": 0}, blind, default_rules()
    )
    assert not blind.knows_engagement
    assert awake.probability == quiet.probability
    assert awake.score > quiet.score + 5
    assert [(reason.text, reason.source) for reason in awake.reasons] == [("Forms sent in 30 days: 2", "rule")]
    assert sum(reason.effect for reason in awake.reasons) == pytest.approx(awake.score - quiet.score, abs=0.1)


class _Constant:
    """A learner for which all leads are alike."""

    name = "constant"

    def __init__(self, width: int) -> None:
        self.width = width

    def raw(self, matrix):
        return np.zeros(len(matrix))

    def contributions(self, matrix):
        return np.zeros((len(matrix), self.width))

    def dump(self):
        return ""
