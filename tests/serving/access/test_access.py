"""Login, the cookie, secret keys, forged requests, and the gate before the operator UI."""

from __future__ import annotations

import time
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from domain.permissions import Permission
from domain.tenancy import Role
from serving.access import cookies
from serving.access.login import PER_ACCOUNT, WITHIN
from serving.access.middleware import AccessGate
from serving.access.pages import safe_next
from serving.deps import PrincipalDep
from serving.main import create_app
from storage.ops.housekeeping import tidy_store
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.repositories.users import Memberships, Users
from tests.factories import SYSTEM, TESTER, make_agency_with_client, make_organization, make_secret_key, make_user

PASSWORD = "correct horse battery"
HOST = "http://testserver"


@pytest.fixture
def family(store):
    return make_agency_with_client(store, "Northwind")


@pytest.fixture
def ada(store, family):
    return make_user(
        store, family.agency.organization_id, email="ada@agency.example", role=Role.ADMIN, name="Ada", password=PASSWORD
    )


@pytest.fixture
def client(store, settings, clock):
    app = create_app(settings.model_copy(update={"web": settings.web.model_copy(update={"role": "api"})}), store=store)

    @app.post("/v1/notes")
    def create_note(principal: PrincipalDep) -> dict[str, str]:
        principal.require(Permission.CONTACTS_WRITE)
        return {"organization_id": principal.scope.organization_id}

    with TestClient(app, base_url=HOST, follow_redirects=False) as opened:
        yield opened


def sign_in(client, email="ada@agency.example", password=PASSWORD):
    return client.post("/v1/session", json={"email": email, "password": password})


def test_a_person_signs_in_and_is_known_with_every_organization(client, ada, family):
    answer = sign_in(client)
    assert answer.status_code == 201
    cookie = answer.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    me = client.get("/v1/me").json()
    assert (me["email"], me["role"], me["organization_id"]) == (
        "ada@agency.example",
        "admin",
        family.agency.organization_id,
    )
    assert [(seat["name"], seat["is_inherited"]) for seat in me["organizations"]] == [
        ("Northwind", False),
        ("Client of Northwind", True),
    ]
    chosen = client.get("/v1/me", headers={"X-LH-Organization": family.client.organization_id}).json()
    assert (chosen["organization_id"], chosen["role"]) == (family.client.organization_id, "admin")


def test_another_organization_looks_like_none(client, ada, store):
    other = make_organization(store)
    sign_in(client)
    assert client.get("/v1/me", params={"organization_id": other.organization_id}).status_code == 404


@pytest.mark.parametrize("email", ["ada@agency.example", "nobody@agency.example", "not an address", ""])
def test_every_failed_login_looks_the_same(client, ada, email):
    answer = sign_in(client, email, "wrong horse battery")
    assert (answer.status_code, answer.json()["code"]) == (401, "wrong_password")
    assert "set-cookie" not in answer.headers


def test_an_unknown_person_costs_as_much_time_as_a_known_one(sqlite_store, settings):
    from storage.ops.passwords import hash_password, verify_password

    known = hash_password(PASSWORD)
    verify_password("warm up", None)

    def cost(password_hash):
        begun = time.process_time()
        for _ in range(3):
            assert not verify_password("wrong horse battery", password_hash)
        return time.process_time() - begun

    assert 0.5 < cost(None) / cost(known) < 2


def test_too_many_attempts_must_wait(client, ada):
    for _ in range(PER_ACCOUNT):
        assert sign_in(client, password="wrong").status_code == 401
    answer = sign_in(client)
    assert answer.status_code == 429
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) > 0
    assert client.post("/login", data={"email": "ada@agency.example", "password": PASSWORD}).status_code == 429


def test_attempts_are_counted_for_all_web_processes_and_forgotten_after_a_quarter_of_an_hour(
    client, ada, store, settings, clock
):
    api_only = settings.model_copy(update={"web": settings.web.model_copy(update={"role": "api"})})
    with TestClient(create_app(api_only, store=store), base_url=HOST) as another:
        for number in range(PER_ACCOUNT):
            assert sign_in((client, another)[number % 2], password="wrong").status_code == 401
        assert sign_in(another).status_code == sign_in(client).status_code == 429
    clock.now += WITHIN + timedelta(seconds=1)
    assert sign_in(client).status_code == 201
    tidied = tidy_store(store, lambda: clock.now + timedelta(hours=2))
    assert tidied["login_attempts"] > 0


def test_signing_out_ends_the_session_on_the_server(client, ada):
    sign_in(client)
    token = client.cookies[cookies.NAME]
    bearer = {"Authorization": f"Bearer {token}"}
    assert client.delete("/v1/session", headers=bearer).status_code == 204
    assert client.get("/v1/me", headers=bearer).status_code == 401


def test_a_session_ends_by_itself(client, ada, clock):
    sign_in(client)
    clock.now += timedelta(days=15)
    assert client.get("/v1/me").status_code == 401


def test_a_disabled_person_and_a_removed_member_are_out_at_once(client, ada, store, family, clock):
    sign_in(client)
    with store.write(SYSTEM, TESTER) as work:
        Memberships(work).remove(ada.user_id, family.agency.organization_id)
    assert client.get("/v1/me").status_code == 403
    with store.write(SYSTEM, TESTER) as work:
        Users(work).disable(ada.user_id, clock())
    assert client.get("/v1/me").status_code == 401
    assert sign_in(client).status_code == 401


def test_a_cookie_alone_changes_nothing(client, ada):
    sign_in(client)
    csrf = client.get("/v1/me").json()["csrf_token"]
    refused = [
        {},
        {"X-CSRF-Token": csrf},
        {"Origin": HOST},
        {"X-CSRF-Token": csrf, "Origin": "https://evil.example"},
        {"X-CSRF-Token": "0" * 64, "Origin": HOST},
    ]
    for headers in refused:
        answer = client.post("/v1/notes", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed"), headers
    assert client.post("/v1/notes", headers={"X-CSRF-Token": csrf, "Origin": HOST}).status_code == 200
    token = client.cookies[cookies.NAME]
    client.cookies.clear()
    assert client.post("/v1/notes", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_a_viewer_may_not_write(client, store, family):
    make_user(store, family.client.organization_id, email="eve@client.example", role=Role.VIEWER, password=PASSWORD)
    sign_in(client, "eve@client.example")
    answer = client.post("/v1/notes", headers={"Authorization": f"Bearer {client.cookies[cookies.NAME]}"})
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")


def test_a_secret_key_works_in_its_organization_until_it_is_revoked(client, store, family):
    key = make_secret_key(store, family.agency.organization_id, name="crm sync")
    bearer = {"Authorization": f"Bearer {key}"}
    me = client.get("/v1/me", headers=bearer).json()
    assert (me["kind"], me["name"], me["role"], me["csrf_token"]) == ("api_key", "crm sync", "operator", None)
    at_client = {**bearer, "X-LH-Organization": family.client.organization_id}
    assert client.post("/v1/notes", headers=at_client).json() == {"organization_id": family.client.organization_id}
    with store.write(family.agency_scope, TESTER) as work:
        ApiKeys(work).revoke(ApiKeys(work).find_live(key).api_key_id)
    assert client.get("/v1/me", headers=bearer).status_code == 401


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Bearer lh_sec_x"}])
def test_nobody_gets_a_problem_document(client, headers):
    answer = client.get("/v1/me", headers=headers)
    assert answer.status_code == 401
    assert answer.headers["content-type"] == "application/problem+json"


def test_the_login_page_works_without_javascript(client, ada):
    page = client.get("/login", params={"next": "/app/leads"})
    assert 'name="next" value="/app/leads"' in page.text
    assert "<script" not in page.text
    assert "default-src 'none'" in page.headers["content-security-policy"]
    wrong = client.post("/login", data={"email": "ada@agency.example", "password": "wrong", "next": "/app/leads"})
    assert wrong.status_code == 401
    assert 'role="alert"' in wrong.text
    right = client.post("/login", data={"email": "ada@agency.example", "password": PASSWORD, "next": "/app/leads"})
    assert (right.status_code, right.headers["location"]) == (303, "/app/leads")
    assert client.get("/v1/me").status_code == 200
    elsewhere = {"Origin": "https://evil.example"}
    form = {"email": "ada@agency.example", "password": PASSWORD}
    assert client.post("/login", data=form, headers=elsewhere).status_code == 403
    out = client.post("/logout", headers={"Origin": HOST})
    assert (out.status_code, out.headers["location"]) == (303, "/login")
    assert client.get("/v1/me").status_code == 401


def test_what_was_typed_is_shown_as_text(client):
    page = client.post("/login", data={"email": '"><script>alert(1)</script>', "password": "x", "next": '"><b>'})
    assert "<script>" not in page.text
    assert "<b>" not in page.text


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "app", "", None])
def test_after_login_nobody_is_sent_to_another_site(wanted):
    assert safe_next(wanted) == "/app/"


@pytest.fixture
def gate(store, client):
    """The gate before an app that tells which headers reached it."""

    async def inner(scope, receive, send):
        seen = {name.decode(): value.decode() for name, value in scope["headers"] if name.startswith(b"x-lh-")}
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.accept"})
            await send({"type": "websocket.send", "text": str(sorted(seen))})
            await send({"type": "websocket.close", "code": 1000})
            return
        from starlette.responses import JSONResponse

        await JSONResponse(seen)(scope, receive, send)

    return TestClient(AccessGate(inner, store=store), base_url=HOST, follow_redirects=False)


def test_the_gate_sends_strangers_to_the_login_page(gate):
    page = gate.get("/app/leads?score=hot", headers={"Accept": "text/html"})
    assert (page.status_code, page.headers["location"]) == (303, "/login?next=/app/leads%3Fscore%3Dhot")
    assert gate.get("/app/_stcore/host-config").status_code == 401
    assert gate.post("/app/_stcore/upload_file", headers={"Accept": "text/html"}).status_code == 401
    assert gate.get("/app/static/js/index.js").status_code == 200
    assert gate.get("/apples").status_code == 200


def test_the_gate_says_who_is_there_and_believes_no_header_from_outside(gate, client, ada, family):
    sign_in(client)
    cookie = {"Cookie": f"{cookies.NAME}={client.cookies[cookies.NAME]}"}
    seen = gate.get("/app/", headers={**cookie, "X-LH-User": "somebody else", "X-LH-Plan": "x"}).json()
    assert seen == {
        "x-lh-user": ada.user_id,
        "x-lh-email": "ada@agency.example",
        "x-lh-organization": family.agency.organization_id,
        "x-lh-role": "admin",
        "x-lh-csrf": cookies.csrf_token(client.cookies[cookies.NAME]),
    }
    assert gate.get("/app/static/x.js", headers={"X-LH-User": "somebody else"}).json() == {}


def test_a_socket_without_a_session_is_closed_with_4401(gate, client, ada):
    with gate.websocket_connect("/app/_stcore/stream") as socket:
        with pytest.raises(WebSocketDisconnect) as closed:
            socket.receive_text()
        assert closed.value.code == 4401
    sign_in(client)
    cookie = {"Cookie": f"{cookies.NAME}={client.cookies[cookies.NAME]}"}
    with gate.websocket_connect("/app/_stcore/stream", headers=cookie) as socket:
        assert "x-lh-user" in socket.receive_text()
    foreign = {**cookie, "Origin": "https://evil.example"}
    with gate.websocket_connect("/app/_stcore/stream", headers=foreign) as socket, pytest.raises(WebSocketDisconnect):
        socket.receive_text()
