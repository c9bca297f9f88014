"""What if: asked over the API, answered by the worker from the model that serves, and nothing of it is written."""

from __future__ import annotations

import json

import pytest

from domain.ids import new_id
from domain.scoring_models import MODEL_SETTING
from serving.jobs import answer_what_if
from serving.jobs.base import JobContext
from storage.lake import Lake
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.scores import Scores
from tests.factories import TESTER, make_contact
from tests.models_ml.conftest import TABLES, FeatureLake


@pytest.fixture
def lead(store, family):
    contact = make_contact(store, family.agency.organization_id, title="Student", source="form", email="a@firm.example")
    return contact.contact_id


@pytest.fixture
def answered(api, store, settings, clock, family):
    def ask(contact_id, changes):
        made = api.post(f"/v1/contacts/{contact_id}/what-if", json={"changes": changes})
        assert (made.status_code, made.json()["status"]) == (202, "waiting"), made.text
        question_id = made.json()["score_question_id"]
        context = JobContext(store, settings, clock, family.agency.organization_id, new_id())
        answer_what_if.run(context, {"score_question_id": question_id})
        found = api.get(f"/v1/contacts/{contact_id}/what-if/{question_id}").json()
        assert (found["status"], found["problem"]) == ("done", "")
        return found["answer"]

    return ask


def test_another_title_and_visits_raise_the_grade_by_rules_and_nothing_is_written(answered, lead, store, family):
    known = answered(lead, {})
    assert (known["facts"]["title"], known["before"]) == ("Student", known["after"])
    found = answered(lead, {"title": "CEO", "pricing_views_30d": 3, "replies_30d": 2, "country": "DE"})
    assert found["before"]["score"] == known["before"]["score"] < found["after"]["score"]
    assert found["after"]["grade"] < found["before"]["grade"]
    assert any("CEO" in reason["text"] for reason in found["after"]["reasons"])
    assert (found["after"]["probability"], found["after"]["promise"]) == (None, None)
    assert found["unheard"] == ["country"]
    with store.read(family.agency_scope) as work:
        assert Scores(work).find(lead) is None


def test_a_model_answers_with_a_chance_and_what_came_of_the_like(answered, lead, store, settings, family):
    organization_id = family.agency.organization_id
    lake = Lake.open(settings)
    lake.migrate()
    with lake.writer() as cursor:
        for name, columns in TABLES.items():
            cursor.execute(f"create table {name} ({columns})")
    FeatureLake(lake, settings.data.dir.absolute() / "models").learn(organization_id, count=400)
    (active,) = lake.arrow(
        "select version, algorithm, artifact_hash, metrics from ml.model_versions where status = 'active'"
    ).to_pylist()
    tenths = json.loads(active.pop("metrics"))["calibration"]
    lake.close()
    with store.write(family.agency_scope, TESTER) as work:
        OrganizationSettings(work).put(MODEL_SETTING, active)
    found = answered(lead, {"pricing_views_30d": 4})
    assert found["model_version"] == active["version"]
    assert found["after"]["probability"] > found["before"]["probability"]
    promise = found["after"]["promise"]
    assert promise["low"] <= promise["came"] <= promise["high"]
    assert promise["promised"] in [one["predicted_rate"] for one in tenths]


def test_what_cannot_be_changed_is_refused_and_strangers_see_nothing(api, lead, sign_in, stranger):
    path = f"/v1/contacts/{lead}/what-if"
    assert api.post(path, json={"changes": {"email": "x"}}).status_code == 422
    other = sign_in(stranger.organization_id)
    assert other.post(path, json={"changes": {}}).status_code == 404
    question_id = api.post(path, json={"changes": {}}).json()["score_question_id"]
    assert other.get(f"{path}/{question_id}").status_code == 404
