"""The login page in a real browser, and in every process that serves the operator UI."""

from __future__ import annotations

import pytest
from fastapi.testclient import TestClient

from domain.settings import WebSettings
from serving.main import create_app
from tests.browsers import serve
from tests.factories import make_organization, make_user

PASSWORD = "correct horse battery"


@pytest.fixture
def app(sqlite_store, settings):
    agency = make_organization(sqlite_store)
    make_user(sqlite_store, agency.organization_id, email="ada@agency.example", password=PASSWORD)
    return create_app(settings.model_copy(update={"web": WebSettings(role="api")}), store=sqlite_store)


@pytest.mark.parametrize("role", ["api", "capture"])
def test_the_gate_stands_in_every_process_whether_the_ui_is_there_or_not(sqlite_store, settings, role):
    """Streamlit can be made once in a process, so the roles with the UI are left to the tests of the UI."""
    app = create_app(settings.model_copy(update={"web": WebSettings(role=role)}), store=sqlite_store)
    client = TestClient(app, follow_redirects=False)
    answer = client.get("/app/", headers={"Accept": "text/html"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/app/")
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_somebody_signs_in_and_out_without_javascript(app, chromium, scheme):
    context = chromium.new_context(java_script_enabled=False, color_scheme=scheme)
    opened, complaints = context.new_page(), []
    opened.on("console", lambda message: complaints.append(message.text))
    with serve(app) as address:
        opened.goto(f"{address}/login?next=/v1/me")
        opened.get_by_label("E-mail address").fill("ada@agency.example")
        opened.get_by_label("Password").fill("wrong")
        assert complaints == [], "the content policy or a missing file"
        opened.get_by_role("button", name="Sign in").click()
        assert "wrong" in opened.get_by_role("alert").inner_text()
        assert opened.get_by_label("E-mail address").input_value() == "ada@agency.example"
        opened.get_by_label("Password").fill(PASSWORD)
        opened.get_by_role("button", name="Sign in").click()
        assert opened.url == f"{address}/v1/me"
        assert "ada@agency.example" in opened.content()
        (cookie,) = context.cookies()
        assert (cookie["name"], cookie["httpOnly"], cookie["sameSite"]) == ("lh_session", True, "Lax")
        opened.goto(f"{address}/logout")
        opened.get_by_role("button", name="Sign out").click()
        assert opened.url == f"{address}/login"
        assert context.cookies() == []
    context.close()
