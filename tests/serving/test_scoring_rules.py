"""Scoring rules over the API: read as YAML, tried by the worker, saved as a version that nobody overwrites unseen."""

from __future__ import annotations

import pytest

from domain.ids import new_id
from domain.scoring_rules import SETTING, default_text, parse_rules
from domain.tenancy import Role
from serving.jobs import answer_score_question
from serving.jobs.base import JobContext
from storage.lake import Lake
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.score_questions import ScoreQuestions
from tests.factories import TESTER, make_contact
from tests.models_ml.conftest import TABLES, FeatureLake

PATH = "/v1/scoring-rules"
MILDER = default_text().replace("bands: {hot: 75, warm: 50, cool: 25}", "bands: {hot: 40, warm: 20, cool: 10}")


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


@pytest.fixture
def answered(store, settings, clock, family):
    """`answered(question_id)` has the worker answer it."""

    def run(question_id):
        context = JobContext(store, settings, clock, family.agency.organization_id, new_id())
        answer_score_question.run(context, {"score_question_id": question_id})

    return run


def test_the_shipped_rules_are_read_with_their_comments_and_replaced_by_a_version(admin, store, family):
    shown = admin.get(PATH)
    assert shown.json()["version"] is None
    assert shown.json()["source"].startswith("# How a lead is scored")
    saved = admin.put(PATH, json={"source": MILDER}, headers={"If-Match": shown.headers["ETag"]})
    assert (saved.status_code, saved.json()["version"]) == (200, 1)
    assert saved.json()["source"] == MILDER
    assert admin.put(PATH, json={"source": MILDER}, headers={"If-Match": shown.headers["ETag"]}).status_code == 412
    assert admin.put(PATH, json={"source": saved.json()["source"]}).json()["version"] == 1
    with store.read(family.agency_scope) as work:
        assert parse_rules(OrganizationSettings(work).current(SETTING).value).bands == (40, 20, 10)
        (entry,) = Audit(work).about("setting", SETTING)
        assert Audit(work).values_of(entry).after["bands"] == {"hot": 40, "warm": 20, "cool": 10}


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("fit: [", "not YAML"),
        ("- a list", "are a mapping"),
        ("bands: {hot: 10, warm: 50}", "fall from the best"),
        ("fit: [{name: role, cap: 10, rules: [{name: x, points: 1, when: {title: {sounds_like: boss}}}]}]", "no test"),
    ],
)
def test_what_are_no_rules_is_refused_with_the_place(admin, source, said):
    for answer in (admin.put(PATH, json={"source": source}), admin.post(f"{PATH}/preview", json={"source": source})):
        assert answer.status_code == 422
        assert said in answer.text


def test_a_draft_is_tried_on_the_leads_of_the_last_build_and_nothing_is_written(
    admin, api, store, settings, family, answered, stranger, sign_in
):
    organization_id = family.agency.organization_id
    lake = Lake.open(settings)
    lake.migrate()
    with lake.writer() as cursor:
        for name, columns in TABLES.items():
            cursor.execute(f"create table {name} ({columns})")
    made = FeatureLake(lake, settings.data.dir)
    made.made_up_leads(organization_id, count=200, spread_days=80)
    contact = make_contact(store, organization_id, first_name="Ada", last_name="Hale")
    with lake.writer() as cursor:
        cursor.execute(
            "update features.contact_features set contact_id = ?, title = 'CEO', pricing_views_30d = 3, "
            "form_submissions_30d = 2, days_since_last_visit = 0 where contact_id = ?",
            [contact.contact_id, f"{organization_id}-00007"],
        )
    asked = api.post(f"{PATH}/preview", json={"source": MILDER})
    assert (asked.status_code, asked.json()["status"], asked.json()["answer"]) == (202, "waiting", None)
    question_id = asked.json()["score_question_id"]
    answered(question_id)
    found = api.get(f"{PATH}/previews/{question_id}").json()
    answer = found["answer"]
    assert (found["status"], found["problem"], answer["lead_count"]) == ("done", "", 200)
    assert answer["band_change_count"] == answer["risen_count"] > 0
    assert answer["won_count"] + answer["lost_count"] == 200
    named = {one["contact_id"]: one["name"] for one in answer["changes"]}
    assert named[contact.contact_id] == "Ada Hale"
    assert api.get(PATH).json()["version"] is None
    other = sign_in(stranger.organization_id)
    assert other.get(f"{PATH}/previews/{question_id}").status_code == 404
    lake.close()


def test_before_the_first_build_a_trial_says_so(api, answered):
    question_id = api.post(f"{PATH}/preview", json={"source": MILDER}).json()["score_question_id"]
    answered(question_id)
    found = api.get(f"{PATH}/previews/{question_id}").json()
    assert found["status"] == "failed"
    assert "first pipeline run" in found["problem"]


def test_who_only_looks_tries_and_does_not_save(sign_in, family):
    viewer = sign_in(family.agency.organization_id, Role.VIEWER)
    assert viewer.post(f"{PATH}/preview", json={"source": MILDER}).status_code == 202
    assert viewer.put(PATH, json={"source": MILDER}).status_code == 403


def test_a_question_that_is_gone_is_no_error(store, family):
    with store.write(family.agency_scope, TESTER) as work:
        ScoreQuestions(work).finish(new_id(), {"x": 1})
