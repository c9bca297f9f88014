"""Signals: told once, about somebody here; weighed by age; what is refused waits and is tried again. On both databases."""

from __future__ import annotations

import json
from datetime import timedelta
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import delete, select

from domain.tenancy import Role
from storage.ops.tables import ChangeLog
from tests.factories import SYSTEM, TESTER, make_company, make_contact

LOVELACE = {"kind": "funding", "title": "Raised ten million", "domain": "lovelace.example"}


@pytest.fixture
def lovelace(store, family):
    return make_company(store, family.agency.organization_id, domain="lovelace.example", name="Lovelace").company_id


def tell(api, *items, **body):
    answer = api.post("/v1/signals", json={"items": list(items), **body})
    assert answer.status_code == 202, answer.text
    return answer.json()


def listed(api, *filters):
    answer = api.get("/v1/signals", params={"filter": filters})
    assert answer.status_code == 200, answer.text
    return answer.json()["items"]


def test_a_signal_that_is_told_twice_is_kept_once(api, lovelace):
    first, again = tell(api, LOVELACE, LOVELACE), tell(api, LOVELACE)
    assert [one["outcome"] for one in first["results"]] == ["kept", "known"]
    assert (again["kept"], again["known"]) == (0, 1)
    (found,) = listed(api)
    assert (found["company_id"], found["company_name"], found["source"]) == (lovelace, "Lovelace", "api")


def test_a_signal_about_a_person_is_their_companys_too_and_weighs_less_as_it_ages(
    api, store, family, clock, lovelace, sign_in
):
    person = make_contact(
        store, family.agency.organization_id, email="ada@lovelace.example", company_id=lovelace
    ).contact_id
    tell(api, {"kind": "job_change", "title": "New head of sales", "email": "ADA@lovelace.example", "strength": 40})
    clock.now += timedelta(days=60)
    api = sign_in(family.agency.organization_id)
    (found,) = listed(api, f"contact_id:eq:{person}")
    assert (found["company_id"], found["strength"], found["weight"]) == (lovelace, 40, 20)
    (warm,) = api.get("/v1/signals/companies").json()["items"]
    assert (warm["company_id"], warm["heat"], warm["by_kind"]) == (lovelace, 20, {"job_change": 20})


def logged(store):
    with store.read(SYSTEM) as work:
        lines = work.session.scalars(select(ChangeLog).where(ChangeLog.entity == "buying_signal"))
        return [(line.entity_id, line.op, json.loads(line.row)["company_id"]) for line in lines]


def test_a_signal_lands_once_also_one_that_was_kept_before_signals_landed(api, store, lovelace):
    tell(api, LOVELACE, LOVELACE)
    (found,) = listed(api)
    told = [(found["buying_signal_id"], "insert", lovelace)]
    assert logged(store) == told
    with store.write(SYSTEM, TESTER) as work:
        work.session.execute(delete(ChangeLog))
        with Operations.context(MigrationContext.configure(work.session.connection())):
            import_module("storage.ops.migrations.versions.0036_signals_land").upgrade()
    assert logged(store) == told


def test_what_is_refused_is_kept_as_it_came_and_gets_through_once_the_company_is_known(api, store, family):
    told = tell(api, LOVELACE, {"kind": "gossip", "domain": "lovelace.example", "title": "x"}, source="feed")
    assert [one["reason"] for one in told["results"]] == ["nobody_here", "not_understood"]
    assert api.get("/v1/signals/rejected").json()["reasons"] == {"nobody_here": 1, "not_understood": 1}
    company = make_company(store, family.agency.organization_id, domain="lovelace.example")
    assert api.post("/v1/signals/rejected/replay").json() == {"tried": 2, "got_through": 1}
    (found,) = listed(api)
    assert (found["company_id"], found["source"]) == (company.company_id, "feed")
    (left,) = api.get("/v1/signals/rejected").json()["items"]
    assert (left["attempts"], left["reason"]) == (1, "not_understood")
    assert "gossip" in left["body"]


def test_a_burst_is_told_once_there_is_enough_past_to_compare_it_with(clock, lovelace, sign_in, family):
    def now_api():
        return sign_in(family.agency.organization_id)

    def burst(*, named):
        return tell(now_api(), *({**LOVELACE, "kind": "site_visit", "dedupe_key": f"{named}{n}"} for n in range(6)))

    burst(named="early")
    answer = now_api().get("/v1/signals/companies").json()
    assert answer["items"][0]["spike"] is None
    assert answer["spikes_from"] is not None
    clock.now += timedelta(days=80)
    burst(named="quiet")
    clock.now += timedelta(days=20)
    assert now_api().get("/v1/signals/companies").json()["items"][0]["spike"] is None
    for named in ("a", "b", "c"):
        burst(named=named)
    (found,) = now_api().get("/v1/signals/companies").json()["items"]
    assert found["spike"]["recent"] == 18
    assert found["spike"]["expected"] < 1


def test_another_organizations_companies_are_nobody_here(api, store, stranger, sign_in):
    make_company(store, stranger.organization_id, domain="lovelace.example")
    assert tell(api, LOVELACE)["results"][0]["reason"] == "nobody_here"
    elsewhere = sign_in(stranger.organization_id)
    assert tell(elsewhere, LOVELACE)["kept"] == 1
    assert listed(api) == []
    assert api.get("/v1/signals/companies").json()["items"] == []
    assert elsewhere.post("/v1/signals/rejected/replay").json()["tried"] == 0


def test_those_who_only_look_tell_nothing(sign_in, family):
    viewer = sign_in(family.agency.organization_id, Role.VIEWER)
    assert viewer.post("/v1/signals", json={"items": [LOVELACE]}).status_code == 403
    assert listed(viewer) == []
