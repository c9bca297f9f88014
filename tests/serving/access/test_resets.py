"""A forgotten password: the link sets a new one once, tells nobody who has an account, and gives no administrator more."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.contacts import EmailAddress
from domain.errors import NotFound
from domain.tenancy import Role
from orchestration.people import reset_link
from serving.access.resets import ASKED
from storage.ops.passwords import verify_password
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.users import Memberships, Users
from storage.ops.reset_tokens import LASTS
from tests.factories import SYSTEM, TESTER, make_organization, make_session, make_user

OLD, NEW = "correct horse battery", "a quiet river in spring"
ADA = "ada@agency.example"


@pytest.fixture
def ada(store, family):
    return make_user(store, family.agency.organization_id, email=ADA, password=OLD)


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


def made(admin, user) -> str:
    answer = admin.post(f"/v1/members/{user.user_id}/reset-link")
    assert answer.status_code == 201, answer.text
    return "/reset/" + answer.json()["link"].rpartition("/")[2]


def test_the_link_of_an_administrator_sets_a_new_password_once_and_ends_every_session(admin, web, store, ada):
    token = make_session(store, ada.user_id)
    link = made(admin, ada)
    assert ADA in web.get(link).text
    assert web.get(link).status_code == 200, "reading it uses nothing up"
    assert web.post(link, data={"password": "short"}).status_code == 422
    done = web.post(link, data={"password": NEW}, follow_redirects=False)
    assert (done.status_code, done.headers["location"]) == (303, "/login")
    assert web.get("/v1/me", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    assert web.post("/v1/session", json={"email": ADA, "password": OLD}).status_code == 401
    assert web.post("/v1/session", json={"email": ADA, "password": NEW}).status_code == 201
    again = web.post(link, data={"password": "another quiet river"})
    assert again.status_code == 404
    assert "This link has ended" in again.text


def test_a_link_ends_after_an_hour_and_when_the_password_changes(admin, web, store, ada, clock):
    link = made(admin, ada)
    clock.now += LASTS + timedelta(seconds=1)
    assert web.get(link).status_code == 404
    link = made(admin, ada)
    with store.write(SYSTEM, TESTER) as work:
        Users(work).set_password(ada.user_id, "another hash")
    assert web.post(link, data={"password": NEW}).status_code == 404
    for forged in ("nonsense", link[7:-4] + "AAAA", "%00", "x" * 5000):
        assert web.get(f"/reset/{forged}").status_code == 404


def test_nobody_learns_who_has_an_account_and_the_act_is_on_record(web, store, family, ada, caplog):
    answers = [web.post("/forgot", data={"email": email}) for email in (ADA, "nobody@agency.example", "no address")]
    assert len({(answer.status_code, answer.text) for answer in answers}) == 1
    assert [record.message.count(ada.user_id) for record in caplog.records if "forgot" in record.message] == [1]
    assert "/reset/" not in caplog.text, "a link in a log is a way in"
    with store.read(family.agency_scope) as work:
        assert [row.action for row in Audit(work).about("user", ada.user_id)] == ["ask_password_reset"]
    for _ in range(ASKED):
        last = web.post("/forgot", data={"email": ADA})
    assert last.status_code == 429


def test_no_link_for_those_above_or_with_a_seat_elsewhere(admin, store, family, ada, stranger):
    owner = make_user(store, family.agency.organization_id, role=Role.OWNER)
    assert admin.post(f"/v1/members/{owner.user_id}/reset-link").status_code == 403
    with store.write(SYSTEM, TESTER) as work:
        Memberships(work).add(ada.user_id, Role.VIEWER, stranger.organization_id)
    assert admin.post(f"/v1/members/{ada.user_id}/reset-link").status_code == 403
    outsider = make_user(store, make_organization(store).organization_id)
    assert admin.post(f"/v1/members/{outsider.user_id}/reset-link").status_code == 404


def test_whoever_runs_the_installation_makes_one_for_anybody(web, store, ada):
    link = reset_link(store, EmailAddress(ADA), "https://leads.example")
    assert link.startswith("https://leads.example/reset/")
    web.post(link.removeprefix("https://leads.example"), data={"password": NEW})
    with store.read(SYSTEM) as work:
        assert verify_password(NEW, Users(work).get(ada.user_id).password_hash)
    with pytest.raises(NotFound):
        reset_link(store, EmailAddress("nobody@agency.example"), "")
