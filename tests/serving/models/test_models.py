"""People's decisions about models, over HTTP on both databases: with a reason, audited, and taken back again."""

from __future__ import annotations

import pytest

from domain.scoring_models import MODEL_SETTING
from domain.tenancy import Role, Scope
from storage.lake import Lake
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.organization_settings import OrganizationSettings

BASE = "/v1/models/lead-scoring"
COLUMN = "attributes.Deal Amount"


@pytest.fixture
def scope(family):
    return Scope.of(family.agency.organization_id)


@pytest.fixture
def api(sign_in, family):
    """An admin: an operator may look and not decide."""
    return sign_in(family.agency.organization_id, Role.ADMIN)


def test_an_operator_may_look_and_not_decide(sign_in, family):
    operator = sign_in(family.agency.organization_id)
    assert operator.get(f"{BASE}/choices").is_success
    assert operator.post(f"{BASE}/columns", json={"column": COLUMN, "reason": "I think so"}).status_code == 403


@pytest.fixture
def versions(settings, family):
    """A version of ours and one of somebody else's."""
    lake = Lake.open(settings)
    lake.migrate()
    with lake.writer() as cursor:
        for organization_id, version in ((family.agency.organization_id, "lightgbm-1"), ("other", "lightgbm-2")):
            cursor.execute(
                "insert into ml.model_versions (organization_id, model, version, algorithm, trained_at, status, "
                "artifact_hash) values (?, 'lead_scoring', ?, 'lightgbm', now(), 'retired', 'abc')",
                [organization_id, version],
            )
    lake.close()


def test_a_suspect_column_is_used_by_somebody_with_a_reason_and_left_out_again(api, store, scope):
    answer = api.post(f"{BASE}/columns", json={"column": COLUMN, "reason": "It is the amount of the offer"})
    assert [(one["column"], one["reason"]) for one in answer.json()["overrules"]] == [
        (COLUMN, "It is the amount of the offer")
    ]
    assert answer.json()["overrules"][0]["by"]
    assert api.delete(f"{BASE}/columns/{COLUMN}").json()["overrules"] == []
    with store.read(scope) as work:
        actions = [entry.action for entry in Audit(work).about("lead_scoring_model", COLUMN)]
    assert actions == ["model.column_left_out", "model.column_used"]


def test_without_a_reason_nothing_is_decided(api):
    assert api.post(f"{BASE}/columns", json={"column": COLUMN, "reason": ""}).status_code == 422
    assert api.get(f"{BASE}/choices").json() == {"overrules": [], "pinned": None}


def test_a_former_version_scores_new_leads_at_once_and_until_it_is_let_go(api, store, scope, versions):
    answer = api.post(f"{BASE}/version", json={"version": "lightgbm-1", "reason": "The new one calls the wrong people"})
    assert answer.json()["pinned"]["version"] == "lightgbm-1"
    with store.read(scope) as work:
        assert OrganizationSettings(work).current(MODEL_SETTING).value["artifact_hash"] == "abc"
    assert api.delete(f"{BASE}/version").json()["pinned"] is None


def test_somebody_elses_version_is_not_found(api, versions):
    answer = api.post(f"{BASE}/version", json={"version": "lightgbm-2", "reason": "It is theirs"})
    assert answer.status_code == 404
