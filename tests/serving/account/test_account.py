"""One's own account: sessions that can be ended, the password, and a second factor at sign-in."""

from __future__ import annotations

import base64
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from fastapi.testclient import TestClient

from domain.one_time_codes import STEP_SECONDS, code_at, step_at
from domain.tenancy import Role
from serving.access import cookies
from serving.access.login import PER_SECOND_FACTOR, STEP_LASTS, WITHIN
from storage.ops.tables import RecoveryCode, SecondFactor
from tests.factories import SYSTEM, make_secret_key, make_session, make_user

PASSWORD = "correct horse battery"
ANOTHER = "staple in the haystack"
EMAIL = "ada@agency.example"


@pytest.fixture
def ada(store, family):
    return make_user(store, family.agency.organization_id, email=EMAIL, role=Role.ADMIN, password=PASSWORD)


@pytest.fixture
def mine(web, store, ada) -> TestClient:
    """The API as Ada, signed in without a password's time."""
    token = make_session(store, ada.user_id)
    return TestClient(web.app, headers={"Authorization": f"Bearer {token}"}, follow_redirects=False)


@pytest.fixture
def authenticator(mine, clock):
    """Ada's second factor, turned on; `authenticator()` is the code it shows now."""
    answer = mine.post("/v1/me/second-factor", json={"password": PASSWORD})
    assert answer.status_code == 200, answer.text
    secret = base64.b32decode(answer.json()["secret"])

    def show() -> str:
        return code_at(secret, step_at(clock()))

    show.recovery_codes = mine.post("/v1/me/second-factor/confirm", json={"code": show()}).json()["recovery_codes"]
    clock.now += timedelta(seconds=STEP_SECONDS)
    return show


def sign_in(web, password=PASSWORD, **more):
    answer = TestClient(web.app, headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"}).post(
        "/v1/session", json={"email": EMAIL, "password": password, **more}
    )
    return answer.status_code, answer.json().get("code")


def test_sessions_say_which_browser_and_where(mine, web, ada):
    assert sign_in(web)[0] == 201
    found = mine.get("/v1/sessions").json()
    assert len(found) == 2
    other = next(each for each in found if not each["is_current"])
    assert other["browser"] == "Firefox on Linux"
    assert sum(each["is_current"] for each in found) == 1


def test_the_address_of_a_session_is_kept_without_its_last_part(mine, web, ada):
    behind = TestClient(web.app, client=("127.0.0.1", 1))
    behind.post("/v1/session", json={"email": EMAIL, "password": PASSWORD}, headers={"X-Forwarded-For": "203.0.113.77"})
    assert "203.0.113.0/24" in {each["network"] for each in mine.get("/v1/sessions").json()}
    assert "203.0.113.77" not in mine.get("/v1/sessions").text


def test_a_session_that_is_ended_opens_nothing(mine, web, store, ada):
    other = TestClient(web.app, headers={"Authorization": f"Bearer {make_session(store, ada.user_id)}"})
    session_id = next(each["session_id"] for each in mine.get("/v1/sessions").json() if not each["is_current"])
    assert mine.delete(f"/v1/sessions/{session_id}").status_code == 204
    assert (other.get("/v1/me").status_code, mine.get("/v1/me").status_code) == (401, 200)
    assert mine.delete(f"/v1/sessions/{session_id}").status_code == 404


def test_all_others_end_at_once(mine, store, ada):
    for _ in range(2):
        make_session(store, ada.user_id)
    assert mine.delete("/v1/sessions").json() == {"ended": 2}
    assert [each["is_current"] for each in mine.get("/v1/sessions").json()] == [True]


def test_nobody_sees_or_ends_the_sessions_of_another(mine, sign_in_as_other):
    session_id = mine.get("/v1/sessions").json()[0]["session_id"]
    assert sign_in_as_other.delete(f"/v1/sessions/{session_id}").status_code == 404
    assert session_id not in sign_in_as_other.get("/v1/sessions").text
    assert mine.get("/v1/me").status_code == 200


@pytest.fixture
def sign_in_as_other(sign_in, family):
    return sign_in(family.agency.organization_id, Role.OWNER)


def test_a_key_has_no_sessions_no_password_and_no_second_factor(web, store, family):
    program = TestClient(
        web.app, headers={"Authorization": f"Bearer {make_secret_key(store, family.agency.organization_id)}"}
    )
    assert program.get("/v1/sessions").status_code == 403
    assert program.delete("/v1/sessions").status_code == 403
    assert program.post("/v1/me/second-factor", json={"password": PASSWORD}).status_code == 403


def test_a_new_password_ends_the_other_sessions(mine, web, store, ada):
    other = TestClient(web.app, headers={"Authorization": f"Bearer {make_session(store, ada.user_id)}"})
    sent = {"current_password": PASSWORD, "new_password": ANOTHER}
    assert mine.put("/v1/me/password", json=sent).status_code == 204
    assert (other.get("/v1/me").status_code, mine.get("/v1/me").status_code) == (401, 200)
    assert (sign_in(web)[0], sign_in(web, ANOTHER)[0]) == (401, 201)


def test_a_password_is_not_changed_without_the_old_one_nor_to_a_weak_one(mine, web, ada):
    wrong = mine.put("/v1/me/password", json={"current_password": "wrong", "new_password": ANOTHER})
    assert (wrong.status_code, wrong.json()["code"]) == (403, "password_not_confirmed")
    weak = mine.put("/v1/me/password", json={"current_password": PASSWORD, "new_password": "short"})
    assert weak.status_code == 422
    assert sign_in(web)[0] == 201


def test_nothing_is_asked_before_a_first_code_came_back(mine, web, ada):
    begun = mine.post("/v1/me/second-factor", json={"password": PASSWORD}).json()
    assert parse_qs(urlsplit(begun["address"]).query)["secret"] == [begun["secret"]]
    wrong = mine.post("/v1/me/second-factor/confirm", json={"code": "000000"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "code_not_confirmed")
    assert not mine.get("/v1/me/second-factor").json()["is_on"]
    assert sign_in(web)[0] == 201


def test_with_a_second_factor_the_password_alone_does_not_sign_in(web, authenticator):
    assert sign_in(web) == (401, "second_factor_needed")
    assert sign_in(web, code="000000") == (401, "wrong_code")
    assert sign_in(web, "wrong", code=authenticator()) == (401, "wrong_password")
    assert sign_in(web, code=authenticator())[0] == 201


def test_a_code_signs_in_once(web, authenticator, clock):
    code = authenticator()
    assert sign_in(web, code=code)[0] == 201
    assert sign_in(web, code=code) == (401, "wrong_code")
    clock.now += timedelta(seconds=STEP_SECONDS)
    assert sign_in(web, code=authenticator())[0] == 201


def test_the_code_that_turned_it_on_does_not_sign_in(web, mine, ada, clock):
    secret = mine.post("/v1/me/second-factor", json={"password": PASSWORD}).json()["secret"]
    code = code_at(base64.b32decode(secret), step_at(clock()))
    assert mine.post("/v1/me/second-factor/confirm", json={"code": code}).status_code == 200
    assert sign_in(web, code=code) == (401, "wrong_code")


def test_a_recovery_code_stands_in_once_however_it_is_typed(web, mine, authenticator):
    code = authenticator.recovery_codes[0]
    assert sign_in(web, code=f" {code.upper().replace('-', ' ')} ")[0] == 201
    assert sign_in(web, code=code) == (401, "wrong_code")
    assert mine.get("/v1/me/second-factor").json()["recovery_codes_left"] == 9
    renewed = mine.post("/v1/me/second-factor/recovery-codes", json={"password": PASSWORD}).json()["recovery_codes"]
    assert sign_in(web, code=authenticator.recovery_codes[1]) == (401, "wrong_code")
    assert sign_in(web, code=renewed[0])[0] == 201


def test_codes_are_tried_ten_times_from_wherever_and_then_must_wait(web, authenticator, clock):
    for number in range(PER_SECOND_FACTOR):
        client = TestClient(web.app, client=(f"198.51.100.{number}", 1))
        answer = client.post("/v1/session", json={"email": EMAIL, "password": PASSWORD, "code": "000000"})
        assert answer.status_code == 401
    assert sign_in(web, code=authenticator())[0] == 429
    clock.now += WITHIN + timedelta(seconds=1)
    assert sign_in(web, code=authenticator())[0] == 201


def test_the_login_page_asks_for_the_code_and_signs_in(web, authenticator):
    browser = TestClient(web.app, follow_redirects=False)
    asked = browser.post("/login", data={"email": EMAIL, "password": PASSWORD, "next": "/v1/me"})
    assert cookies.NAME not in browser.cookies
    step = re.search(r'name="step" value="([^"]+)"', asked.text)[1]
    wrong = browser.post("/login", data={"step": step, "code": "000000", "next": "/v1/me"})
    assert wrong.status_code == 401
    assert "wrong" in wrong.text
    done = browser.post("/login", data={"step": step, "code": authenticator(), "next": "/v1/me"})
    assert (done.status_code, done.headers["location"]) == (303, "/v1/me")
    assert browser.get("/v1/me").json()["email"] == EMAIL


@pytest.mark.parametrize("step", ["x", "AAAA", "!" * 40, "é"])
def test_a_step_that_we_did_not_write_is_no_password(web, authenticator, step):
    answer = TestClient(web.app).post("/login", data={"step": step, "code": authenticator()})
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers


def test_the_second_page_waits_five_minutes(web, authenticator, clock):
    browser = TestClient(web.app, follow_redirects=False)
    asked = browser.post("/login", data={"email": EMAIL, "password": PASSWORD})
    step = re.search(r'name="step" value="([^"]+)"', asked.text)[1]
    clock.now += STEP_LASTS + timedelta(seconds=1)
    answer = browser.post("/login", data={"step": step, "code": authenticator()})
    assert answer.status_code == 401
    assert "too long" in answer.text


def test_secrets_are_sealed_and_recovery_codes_hashed(store, authenticator, mine):
    with store.read(SYSTEM) as work:
        factor = work.session.query(SecondFactor).one()
        hashes = [each.code_hash for each in work.session.query(RecoveryCode)]
    assert len(factor.sealed_secret) > 40
    assert not set(hashes) & set(authenticator.recovery_codes)
    assert len(hashes) == 10


def test_turned_off_by_the_password_the_password_alone_signs_in_again(web, mine, authenticator):
    assert mine.post("/v1/me/second-factor/remove", json={"password": "wrong"}).status_code == 403
    assert mine.post("/v1/me/second-factor", json={"password": PASSWORD}).status_code == 409
    assert mine.post("/v1/me/second-factor/remove", json={"password": PASSWORD}).status_code == 204
    assert sign_in(web)[0] == 201
    assert not mine.get("/v1/me/second-factor").json()["is_on"]


def test_members_show_who_has_a_second_factor(mine, ada, authenticator):
    found = {each["user_id"]: each["has_second_factor"] for each in mine.get("/v1/members").json()["items"]}
    assert found[ada.user_id]
