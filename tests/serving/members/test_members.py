"""Seats: who may give and take them, and what happens to those who lose theirs."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient

from domain.tenancy import Role, Scope
from storage.ops.passwords import verify_password
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.users import Users
from tests.factories import SYSTEM, make_organization, make_session, make_user

PASSWORD = "correct horse battery"


def member(api: TestClient, user_id: str, **parameters):
    found = api.get("/v1/members", params={"with_disabled": True, **parameters}).json()["items"]
    return next((each for each in found if each["user_id"] == user_id), None)


def acting(web, store, user_id: str) -> TestClient:
    return TestClient(web.app, headers={"Authorization": f"Bearer {make_session(store, user_id)}"})


@pytest.fixture
def owner(sign_in, family):
    return sign_in(family.agency.organization_id, Role.OWNER)


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


@pytest.fixture
def colleague(store, family):
    return make_user(store, family.agency.organization_id, email="bo@agency.example", name="Bo")


def invited(api: TestClient, email: str = "new@agency.example", role: str = "operator") -> str:
    """The path of a fresh invitation's link."""
    answer = api.post("/v1/invitations", json={"email": email, "role": role})
    assert answer.status_code == 201, answer.json()
    return "/invite/" + answer.json()["link"].rpartition("/")[2]


def test_a_role_is_changed_and_the_change_is_audited(admin, colleague, store, family):
    assert admin.patch(f"/v1/members/{colleague.user_id}", json={"role": "viewer"}).status_code == 204
    assert member(admin, colleague.user_id)["role"] == "viewer"
    with store.read(Scope.of(family.agency.organization_id)) as work:
        entry = Audit(work).about("membership", colleague.user_id)[0]
        values = Audit(work).values_of(entry)
        assert (entry.action, values.before, values.after) == ("change", {"role": "operator"}, {"role": "viewer"})
        assert entry.actor_kind == "user"


def test_an_admin_gives_and_takes_nothing_above_themselves(admin, owner, colleague):
    owner_id = owner.get("/v1/me").json()["user_id"]
    assert admin.patch(f"/v1/members/{colleague.user_id}", json={"role": "owner"}).status_code == 403
    assert admin.patch(f"/v1/members/{owner_id}", json={"role": "viewer"}).status_code == 403
    assert admin.patch(f"/v1/members/{owner_id}", json={"is_disabled": True}).status_code == 403
    assert admin.delete(f"/v1/members/{owner_id}").status_code == 403
    assert admin.post("/v1/invitations", json={"email": "x@agency.example", "role": "owner"}).status_code == 403
    assert member(owner, owner_id)["role"] == "owner"


@pytest.mark.parametrize("change", [{"role": "admin"}, {"is_disabled": True}, None])
def test_the_last_owner_stays_until_there_is_another(owner, sign_in, family, change):
    owner_id = owner.get("/v1/me").json()["user_id"]

    def go():
        path = f"/v1/members/{owner_id}"
        return (owner.patch(path, json=change) if change else owner.delete(path)).status_code

    assert go() == 409
    sign_in(family.agency.organization_id, Role.OWNER)
    assert go() == 204


def test_a_disabled_owner_is_no_owner_to_rely_on(owner, sign_in, family):
    other = sign_in(family.agency.organization_id, Role.OWNER).get("/v1/me").json()["user_id"]
    assert owner.patch(f"/v1/members/{other}", json={"is_disabled": True}).status_code == 204
    assert owner.delete(f"/v1/members/{owner.get('/v1/me').json()['user_id']}").status_code == 409


def test_a_disabled_member_is_out_at_once_in_the_agency_and_its_clients_and_comes_back(admin, colleague, store, web):
    theirs = acting(web, store, colleague.user_id)
    assert len(theirs.get("/v1/me").json()["organizations"]) == 2
    admin.patch(f"/v1/members/{colleague.user_id}", json={"is_disabled": True})
    assert theirs.get("/v1/me").status_code == 403
    assert [each["user_id"] for each in admin.get("/v1/members").json()["items"]].count(colleague.user_id) == 0
    assert member(admin, colleague.user_id)["is_disabled"]
    admin.patch(f"/v1/members/{colleague.user_id}", json={"is_disabled": False})
    assert theirs.get("/v1/me").status_code == 200


def test_a_seat_at_rest_in_a_client_hides_that_client_from_a_member_of_the_agency(owner, colleague, store, web, family):
    at_client = {"X-LH-Organization": family.client.organization_id}
    link = owner.post("/v1/invitations", json={"email": colleague.email, "role": "viewer"}, headers=at_client).json()[
        "link"
    ]
    theirs = acting(web, store, colleague.user_id)
    browser = TestClient(web.app, cookies={"lh_session": make_session(store, colleague.user_id)})
    assert browser.post("/invite/" + link.rpartition("/")[2], follow_redirects=False).status_code == 303
    assert theirs.get("/v1/me", headers=at_client).json()["role"] == "viewer"
    owner.patch(f"/v1/members/{colleague.user_id}", json={"is_disabled": True}, headers=at_client)
    assert theirs.get("/v1/me", headers=at_client).status_code == 404
    assert theirs.get("/v1/me").json()["role"] == "operator"


def test_what_a_person_does_elsewhere_is_not_touched(admin, store, stranger, web, family):
    both = make_user(store, family.agency.organization_id, email="both@agency.example")
    from storage.ops.repositories.users import Memberships
    from tests.factories import TESTER

    with store.write(SYSTEM, TESTER) as work:
        Memberships(work).add(both.user_id, Role.VIEWER, stranger.organization_id)
    admin.delete(f"/v1/members/{both.user_id}")
    seats = acting(web, store, both.user_id).get("/v1/me").json()["organizations"]
    assert [seat["organization_id"] for seat in seats] == [stranger.organization_id]


def test_a_member_of_the_agency_is_not_changed_from_a_client(sign_in, family, colleague):
    at_client = sign_in(family.client.organization_id, Role.OWNER)
    assert member(at_client, colleague.user_id)["is_inherited"]
    assert at_client.delete(f"/v1/members/{colleague.user_id}").status_code == 404
    assert at_client.patch(f"/v1/members/{colleague.user_id}", json={"role": "viewer"}).status_code == 404


def test_an_invitation_makes_an_account_with_the_seat_and_signs_it_in(admin, web, store, family):
    link = invited(admin)
    page = web.get(link)
    assert page.status_code == 200
    assert "Northwind" in page.text
    assert len(admin.get("/v1/invitations").json()["items"]) == 1, "a GET changes nothing"
    answer = web.post(link, data={"name": " Noor ", "password": PASSWORD}, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/app/")
    me = web.get("/v1/me").json()
    assert (me["name"], me["email"], me["role"]) == ("Noor", "new@agency.example", "operator")
    with store.read(SYSTEM) as work:
        assert verify_password(PASSWORD, Users(work).get(me["user_id"]).password_hash)
    assert admin.get("/v1/invitations").json()["items"] == []
    assert web.post(link, data={"name": "Again", "password": PASSWORD}).status_code == 404


def test_the_token_is_kept_as_a_hash_and_listed_nowhere(admin, store):
    link = invited(admin)
    token = link.rpartition("/")[2]
    from storage.ops.tables import Invitation

    with store.read(SYSTEM) as work:
        row = work.session.query(Invitation).one()
        assert token not in str({column.key: getattr(row, column.key) for column in Invitation.__table__.columns})
    assert token not in admin.get("/v1/invitations").text


def test_a_revoked_a_replaced_and_an_old_link_open_nothing(admin, web, clock):
    first, second = invited(admin), invited(admin)
    assert (web.get(first).status_code, web.get(second).status_code) == (404, 200)
    made = admin.get("/v1/invitations").json()["items"]
    assert len(made) == 1
    third = invited(admin, "third@agency.example")
    admin.delete(f"/v1/invitations/{made[0]['invitation_id']}")
    assert (web.get(second).status_code, web.get(third).status_code) == (404, 200)
    clock.now += timedelta(days=7)
    assert web.get(third).status_code == 404
    assert web.post(third, data={"name": "Late", "password": PASSWORD}).status_code == 404


def test_who_loses_their_seat_gives_none_any_more(owner, web, store, family):
    eve = make_user(store, family.agency.organization_id, email="eve@agency.example", role=Role.ADMIN)
    link = invited(acting(web, store, eve.user_id))
    owner.delete(f"/v1/members/{eve.user_id}")
    assert web.get(link).status_code == 404


def test_a_link_never_sets_the_password_of_an_account_that_exists(admin, web, store, stranger):
    make_user(store, stranger.organization_id, email="ada@elsewhere.example", password=PASSWORD)
    link = invited(admin, "ada@elsewhere.example")
    answer = web.post(link, data={"name": "Mallory", "password": "mallory's own words"}, follow_redirects=False)
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, False)
    assert f"/login?next={link}" in answer.text
    web.post("/login", data={"email": "ada@elsewhere.example", "password": PASSWORD}, follow_redirects=False)
    assert web.post(link, follow_redirects=False).status_code == 303
    assert len(web.get("/v1/me").json()["organizations"]) == 3


def test_somebody_else_who_is_signed_in_does_not_take_the_seat(admin, web, store, stranger, colleague):
    make_user(store, stranger.organization_id, email="ada@elsewhere.example")
    link = invited(admin, "ada@elsewhere.example")
    browser = TestClient(web.app, cookies={"lh_session": make_session(store, colleague.user_id)})
    assert browser.post(link, follow_redirects=False).status_code == 200
    assert web.get(link).status_code == 200, "still open"


@pytest.mark.parametrize(("sent", "says"), [
    ({"name": "Noor", "password": "short"}, "10 to 256"),
    ({"name": "  ", "password": PASSWORD}, "say your name"),
])  # fmt: skip
def test_a_bad_answer_is_told_and_the_link_stays_good(admin, web, sent, says):
    link = invited(admin)
    answer = web.post(link, data=sent)
    assert answer.status_code == 422
    assert re.search(says, answer.text)
    assert web.get(link).status_code == 200


def test_a_page_of_another_site_accepts_nothing(admin, web):
    link = invited(admin)
    answer = web.post(
        link, data={"name": "Noor", "password": PASSWORD}, headers={"Origin": "https://evil.example"},
        follow_redirects=False,
    )  # fmt: skip
    assert answer.status_code == 403
    assert web.get(link).status_code == 200


def test_invitations_of_others_are_not_there(admin, sign_in, store):
    invited(admin)
    made = admin.get("/v1/invitations").json()["items"][0]
    other = sign_in(make_organization(store).organization_id, Role.OWNER)
    assert other.get("/v1/invitations").json()["items"] == []
    assert other.delete(f"/v1/invitations/{made['invitation_id']}").status_code == 404


def test_a_member_is_not_invited_twice(admin, colleague):
    assert admin.post("/v1/invitations", json={"email": colleague.email, "role": "viewer"}).status_code == 409


def test_one_change_is_sent_at_a_time(admin, colleague):
    for body in ({}, {"role": "viewer", "is_disabled": True}, {"role": "king"}):
        assert admin.patch(f"/v1/members/{colleague.user_id}", json=body).status_code == 422


def walked(api: TestClient, path: str, **asked) -> list[dict]:
    """All of a list, two at a time."""
    found, cursor = [], None
    while True:
        answer = api.get(path, params={**asked, "limit": 2} | ({"cursor": cursor} if cursor else {}))
        assert answer.status_code == 200, answer.text
        found += answer.json()["items"]
        cursor = answer.json()["next_cursor"]
        if cursor is None:
            return found


def test_members_invitations_and_keys_come_page_by_page(owner, store, family):
    for number in range(5):
        make_user(store, family.agency.organization_id, name="Same Name", email=f"same{number}@agency.example")
        invited(owner, f"guest{number}@agency.example")
        owner.post("/v1/api-keys", json={"name": f"key {number}", "scopes": ["deals:read"]})
    for path, key in (("/v1/members", "user_id"), ("/v1/invitations", "invitation_id"), ("/v1/api-keys", "api_key_id")):
        whole = owner.get(path, params={"limit": 200}).json()
        assert whole["next_cursor"] is None
        assert [each[key] for each in walked(owner, path)] == [each[key] for each in whole["items"]]
        assert len(whole["items"]) >= 5
        assert owner.get(path, params={"cursor": "made up"}).status_code == 422
