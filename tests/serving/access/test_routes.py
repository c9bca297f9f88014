"""Every route there is: a new one is closed to strangers and to those who only look, or it is named here."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from fastapi import APIRouter
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient

from domain.permissions import GRANTS, Permission
from domain.settings import WebSettings
from domain.tenancy import Role
from serving.access.permissions import Allowed
from serving.main import create_app, found_modules
from storage.ops.repositories.api_keys import ApiKeys
from tests.factories import TESTER, make_agency_with_client, make_contact, make_secret_key, make_session, make_user

OPEN_TO_ALL = {
    "POST /v1/session": "the way in",
    "GET /login": "the way in",
    "POST /login": "the way in",
    "GET /logout": "the way out",
    "POST /logout": "the way out",
    "GET /forgot": "the way in",
    "POST /forgot": "the way in",
    "GET /reset/{token}": "whoever has the link",
    "POST /reset/{token}": "whoever has the link",
    "GET /login/sso": "the way in",
    "GET /login/sso/{slug}": "the way in",
    "GET /login/sso/{slug}/callback": "the way in",
    "GET /login/sso-out/{slug}": "the way out",
    "GET /brand/{slug}/{logo_hash}.png": "the logo on the login page",
    "GET /invite/{token}": "whoever has the link",
    "POST /invite/{token}": "whoever has the link",
    "GET /u/{token}": "whoever has the link of a message",
    "POST /u/{token}": "the same: one click of a mail program",
    "GET /r/{token}": "whoever has the link of a report",
    "POST /r/{token}": "the same, with its passcode",
    "GET /o/{token}": "the picture of a message",
    "GET /c/{token}": "whoever has a link of a message",
    "POST /hooks/{provider_webhook_id}": "providers: what is signed is believed",
    "GET /health": "monitoring",
    "GET /ready": "monitoring",
    "GET /lh.js": "the pixel",
    "GET /lh-form.js": "forms on other sites",
    "GET /demo-site": "a page that anybody may see",
    "GET /demo-site/files/{name}": "the same",
    "GET /demo-site/{path:path}": "the same",
    "GET /v1/forms/{form_id}": "visitors see a form",
    "GET /v1/forms/{form_id}/token": "visitors see a form",
    "GET /v1/forms/{form_id}/page": "visitors see a form",
    "GET /v1/forms/{form_id}/thanks": "visitors see a form",
    "POST /v1/forms/{form_id}/submissions": "visitors send a form: limits, honeypot, signed token",
    "POST /v1/identify": "pages send it with a write key",
    "POST /v1/experiments/{key}/assignments": "the same",
}
SENDS_NOTHING = {"DELETE /v1/session", "DELETE /v1/sessions"}
"""Unsafe by its method, but everybody may do it to themselves."""
ABOUT_ONESELF = SENDS_NOTHING | {
    "GET /v1/me",
    "GET /v1/look",
    "GET /v1/sessions",
    "DELETE /v1/sessions/{session_id}",
    "PUT /v1/me/password",
    "GET /v1/me/second-factor",
    "POST /v1/me/second-factor",
    "POST /v1/me/second-factor/confirm",
    "POST /v1/me/second-factor/recovery-codes",
    "POST /v1/me/second-factor/remove",
}
"""Needs a session or a key, and no permission."""
ASKS_WITH_A_BODY = {
    "POST /v1/imports/{import_id}/preview": Permission.IMPORTS_READ,
    "POST /v1/companies/lookalikes": Permission.COMPANIES_READ,
    "POST /v1/routing/simulate": Permission.SETTINGS_READ,
    "POST /v1/alerts/try": Permission.SETTINGS_READ,
    "POST /v1/plays/try": Permission.SETTINGS_READ,
    "POST /v1/scoring-rules/preview": Permission.SETTINGS_READ,
    "POST /v1/contacts/{contact_id}/what-if": Permission.CONTACTS_READ,
    "POST /v1/audit/verification": Permission.AUDIT_READ,
    "POST /v1/sequences/check": Permission.SEQUENCES_READ,
    "POST /v1/sequences/{sequence_id}/dry-run": Permission.SEQUENCES_READ,
    "POST /v1/sequences/{sequence_id}/enrolment-preview": Permission.SEQUENCES_READ,
    "POST /v1/sequences/letters": Permission.SEQUENCES_READ,
    "POST /v1/enrichment/workflows/check": Permission.ENRICHMENT_READ,
    "POST /v1/deliverability/lint": Permission.SETTINGS_READ,
}
"""A question too long for an address, or one that takes its time."""
ONES_OWN = {"POST /v1/notifications/read": Permission.CONTACTS_READ}
"""Changes nothing but what the one who asks was told."""


def walk(router: APIRouter) -> Iterator[tuple[str, APIRoute]]:
    """`METHOD /path` and the route, of a router and of what it includes."""
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from walk(inner)
            continue
        for method in route.methods - {"HEAD", "OPTIONS"}:
            yield f"{method} {route.path}", route


def routes_by_name() -> dict[str, APIRoute]:
    return {name: route for module in found_modules("router") for name, route in walk(module.router)}


def all_routes() -> list[str]:
    return sorted(routes_by_name())


def permission_of(route: APIRoute) -> Permission | None:
    """What the route says it needs, read off its dependencies."""
    found = {each.call.permission for each in route.dependant.dependencies if isinstance(each.call, Allowed)}
    assert len(found) <= 1, route.path
    return found.pop() if found else None


def closed_routes() -> list[str]:
    return [route for route in all_routes() if route not in OPEN_TO_ALL]


def asked(client: TestClient, route: str, **more):
    """The route with something in every place of its path, and no body."""
    method, path = route.split(" ")
    return client.request(method, re.sub(r"\{[^}]+\}", "unknown", path), follow_redirects=False, **more)


@pytest.fixture
def client(sqlite_store, settings):
    role = settings.model_copy(update={"web": WebSettings(role="api")})
    with TestClient(create_app(role, store=sqlite_store), raise_server_exceptions=False) as opened:
        yield opened


@pytest.fixture
def family(sqlite_store):
    made = make_agency_with_client(sqlite_store)
    make_contact(sqlite_store, made.agency.organization_id)
    return made


def test_what_is_open_is_there():
    assert set(OPEN_TO_ALL) <= set(all_routes())


def test_a_stranger_gets_nothing_from_a_closed_route(client):
    for headers in ({}, {"Authorization": "Bearer lh_sec_guess"}, {"Cookie": "lh_session=lh_ses_guess"}):
        answers = {route: asked(client, route, headers=headers).status_code for route in closed_routes()}
        assert {route: code for route, code in answers.items() if code != 401} == {}


def test_a_revoked_key_gets_nothing(client, sqlite_store, family):
    key = make_secret_key(sqlite_store, family.agency.organization_id)
    with sqlite_store.write(family.agency_scope, TESTER) as work:
        ApiKeys(work).revoke(ApiKeys(work).find_live(key).api_key_id)
    bearer = {"Authorization": f"Bearer {key}"}
    answers = {route: asked(client, route, headers=bearer).status_code for route in closed_routes()}
    assert {route: code for route, code in answers.items() if code != 401} == {}


def test_every_closed_route_names_the_permission_that_it_needs():
    needed = {name: permission_of(route) for name, route in routes_by_name().items() if name not in OPEN_TO_ALL}
    assert {name for name, permission in needed.items() if permission is None} == ABOUT_ONESELF


def test_what_only_reads_needs_no_right_to_write():
    needed = {name: permission_of(route) for name, route in routes_by_name().items() if name not in OPEN_TO_ALL}
    changing = {name: permission for name, permission in needed.items() if permission and not name.startswith("GET ")}
    assert {name: one for name, one in changing.items() if one.endswith(":read")} == ASKS_WITH_A_BODY | ONES_OWN


@pytest.mark.parametrize("role", list(Role))
def test_a_role_is_refused_exactly_what_its_row_of_the_table_leaves_out(client, sqlite_store, family, role):
    user = make_user(sqlite_store, family.client.organization_id, role=role)
    bearer = {"Authorization": f"Bearer {make_session(sqlite_store, user.user_id)}"}
    for name, route in routes_by_name().items():
        permission = permission_of(route) if name not in OPEN_TO_ALL else None
        if permission is not None:
            refused = asked(client, name, headers=bearer, json={}).status_code == 403
            assert refused == (permission not in GRANTS[role]), f"{role} at {name}"


def test_who_only_looks_changes_nothing(client, sqlite_store, family):
    user = make_user(sqlite_store, family.agency.organization_id, role=Role.VIEWER)
    bearer = {"Authorization": f"Bearer {make_session(sqlite_store, user.user_id)}"}
    unsafe = [
        route for route in closed_routes() if not route.startswith("GET ") and route not in {*SENDS_NOTHING, *ONES_OWN}
    ]
    answers = {route: asked(client, route, headers=bearer, json={}).status_code for route in unsafe}
    assert {route: code for route, code in answers.items() if code not in {403, 404, 422}} == {}


def test_a_cookie_without_its_proof_changes_nothing(client, sqlite_store, family):
    user = make_user(sqlite_store, family.agency.organization_id, role=Role.OWNER)
    cookie = {"Cookie": f"lh_session={make_session(sqlite_store, user.user_id)}"}
    unsafe = [route for route in closed_routes() if not route.startswith("GET ")]
    answers = {route: asked(client, route, headers=cookie, json={}).json().get("code") for route in unsafe}
    assert {route: code for route, code in answers.items() if code != "csrf_failed"} == {}


def test_an_organization_of_others_looks_like_none_on_every_route(client, sqlite_store, family):
    stranger = make_agency_with_client(sqlite_store)
    user = make_user(sqlite_store, family.agency.organization_id, role=Role.OWNER)
    headers = {
        "Authorization": f"Bearer {make_session(sqlite_store, user.user_id)}",
        "X-LH-Organization": stranger.agency.organization_id,
    }
    answers = {route: asked(client, route, headers=headers).status_code for route in closed_routes()}
    assert {route: code for route, code in answers.items() if code != 404} == {}
