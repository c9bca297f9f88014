"""The API as it describes itself: the description is true of every route, whatever is sent.

schemathesis writes requests from the description (good ones and bad ones), an owner sends them, in this process, and each
answer is held against it: no 5xx, no status, content type, header or body that is not described. Half of the requests name
rows that are really there, in the address and in the body.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from schemathesis.checks import CHECKS
from schemathesis.core.failures import Failure, FailureGroup

from domain.tenancy import Role
from serving.main import create_app
from storage.ops.repositories.members import require_member
from tests.factories import make_company, make_contact, make_session, make_user
from tests.factories.experiments import HERO

CHECKED = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
SLOW = 60
QUICK = 5
"""Requests to each route."""


@pytest.fixture
def app(store, settings, clock):
    changes = {"role": "api", "requests_per_minute": 10_000_000}
    web = settings.web.model_copy(update=changes)
    return create_app(settings.model_copy(update={"web": web}), store=store, clock=clock)


@pytest.fixture
def schema(app):
    return schemathesis.openapi.from_asgi("/v1/openapi.json", app)


@pytest.fixture
def world(app, store, family) -> dict[str, str]:
    """One of everything that an address or a body may name, by the name it goes under there."""
    agency = family.agency.organization_id
    owner = make_user(store, agency, role=Role.OWNER)
    contact, company = make_contact(store, agency), make_company(store, agency)
    client = TestClient(app, headers={"Authorization": f"Bearer {make_session(store, owner.user_id)}"})

    def made(path: str, key: str, **body: Any) -> str:
        answer = client.post(path, **body)
        assert answer.is_success, answer.text
        return str(answer.json()[key])

    pipeline = client.get("/v1/pipelines").json()["pipelines"][0]
    form_fields = [{"key": "email", "label": "E-mail", "type": "email", "maps_to": "email", "required": True}]
    return {
        "owner": owner.user_id,
        "organization_id": agency,
        "contact_id": contact.contact_id,
        "company_id": company.company_id,
        "user_id": make_user(store, agency).user_id,
        "owner_user_id": require_member(store, agency, owner.user_id),
        "assignee_user_id": owner.user_id,
        "deal_id": made("/v1/deals", "deal_id", json={"name": "Relaunch", "pipeline": pipeline["key"]}),
        "task_id": made("/v1/tasks", "task_id", json={"title": "Call", "contact_id": contact.contact_id}),
        "form_id": made("/v1/forms", "form_id", json={"name": "Contact", "fields": form_fields}),
        "api_key_id": made("/v1/api-keys", "api_key_id", json={"name": "k", "scopes": ["contacts:read"]}),
        "invitation_id": made(
            "/v1/invitations", "invitation_id", json={"email": "new@agency.example", "role": "viewer"}
        ),
        "saved_view_id": made(
            "/v1/saved-views", "saved_view_id", json={"entity": "contact", "name": "Hot", "question": {}}
        ),
        "import_id": made("/v1/imports", "import_id", files={"file": ("a.csv", b"email\nada@lovelace.example\n")}),
        "experiment_id": made("/v1/experiments", "experiment_id", json=HERO),
        "identity_decision_id": made(
            "/v1/identity/decisions", "identity_decision_id",
            json={"left_node": f"contact:{contact.contact_id}", "right_node": "anonymous:ab12", "verdict": "same"},
        ),
    }  # fmt: skip


def named(found: Any, world: dict[str, str]) -> Any:
    """What was made up, with rows that are there where it names one."""
    if isinstance(found, dict):
        return {key: world[key] if key in world else named(value, world) for key, value in found.items()}
    if isinstance(found, list):
        return [named(each, world) for each in found]
    return found


def problems_of(schema: Any, store: Any, world: dict[str, str], examples: int) -> Iterator[str]:
    """What is wrong with the routes, one line each, with the request that shows it."""
    for operation in (found.ok() for found in schema.get_all_operations()):
        token = make_session(store, world["owner"])  # one that an earlier route ended is no use
        for problem in problems_of_one(operation, token, world, examples):
            yield f"{operation.method.upper()} {operation.path}: {problem}"


def problems_of_one(operation: Any, token: str, world: dict[str, str], examples: int) -> list[str]:
    left_out = [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in CHECKED]
    found: dict[str, str] = {}

    @hypothesis_settings(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(), is_real=st.booleans())
    def ask(case: Any, is_real: bool) -> None:
        if is_real:
            case.path_parameters = named(case.path_parameters, world)
            case.body = named(case.body, world)
        if isinstance(case.query, dict):
            case.query.pop("wait_seconds", None)  # no worker runs here, and a client gives up before twenty seconds
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        try:
            case.validate_response(answer, excluded_checks=left_out)
        except (Failure, FailureGroup) as wrong:
            for each in getattr(wrong, "exceptions", [wrong]):
                found.setdefault(type(each).__name__, f"{each}\n{case.as_curl_command()}")

    ask()
    return list(found.values())


def test_no_route_answers_what_it_does_not_describe(schema, store, world):
    assert list(problems_of(schema, store, world, QUICK)) == []


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_no_route_answers_what_it_does_not_describe_however_long_one_asks(schema, store, world):
    assert list(problems_of(schema, store, world, SLOW)) == []


def test_every_route_describes_its_problems_and_who_may_ask(app):
    described = app.openapi()
    assert "HTTPValidationError" not in str(described)
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"], f"{method} {path} {status}"
    me = described["paths"]["/v1/me"]["get"]
    assert me["security"] == [{"key": []}, {"cookie": []}]
    assert "security" not in described["paths"]["/v1/session"]["post"]
    assert "412" in described["paths"]["/v1/deals/{deal_id}"]["patch"]["responses"]


@pytest.mark.parametrize(
    "path",
    ["/v1/contacts?import_id=a%00b", "/v1/deals/%00", "/v1/tasks?filter=title:contains:%00"],
)
def test_text_that_a_database_cannot_hold_is_refused_or_found_nowhere(app, world, store, path):
    token = make_session(store, world["owner"])
    client = TestClient(app, headers={"Authorization": f"Bearer {token}"}, raise_server_exceptions=False)
    answer = client.get(path)
    assert answer.status_code in {200, 404, 422}, answer.text
    assert answer.status_code != 200 or answer.json()["items"] == []
