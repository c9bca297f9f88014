"""The web skeleton: what every answer of every role has in common."""

from __future__ import annotations

from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from domain.errors import Conflict, TooManyRequests
from domain.settings import Settings
from serving.client_address import client_address
from serving.main import Web, create_app
from storage.ops import migrate
from storage.ops.store import Store

LOOPBACK = frozenset({"127.0.0.1", "::1"})


def make_app(tmp_path: Path, role: str = "api") -> Web:
    settings = Settings.load({"LEADHOUSE_DATA__DIR": str(tmp_path), "LEADHOUSE_WEB__ROLE": role})
    migrate.upgrade(settings)
    return create_app(settings, store=Store.open(settings))


@pytest.mark.parametrize("role", ["capture", "api"])
def test_every_role_says_whether_it_lives_and_whether_it_can_work(tmp_path, role):
    with TestClient(make_app(tmp_path, role)) as client:
        assert client.get("/health").json() == {"status": "ok"}
        assert client.get("/ready").json()["status"] == "ready"


def test_a_store_of_another_version_is_not_ready(tmp_path):
    app = make_app(tmp_path)
    migrate.downgrade(app.state.settings, "-1")
    with TestClient(app) as client:
        answer = client.get("/ready")
    assert answer.status_code == 503
    assert "leadhouse migrate" in answer.json()["detail"]


def test_an_error_of_ours_becomes_a_problem_with_code_and_hint(tmp_path):
    app = make_app(tmp_path)

    @app.get("/v1/taken")
    def read_taken() -> None:
        raise Conflict("This slug is taken.", hint="Choose another.")

    with TestClient(app) as client:
        answer = client.get("/v1/taken")
    assert answer.status_code == 409
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json() == {
        "type": "/docs/reference/errors#conflict",
        "title": "Conflict",
        "status": 409,
        "code": "conflict",
        "detail": "This slug is taken.",
        "hint": "Choose another.",
    }


def test_a_rate_limit_says_when_to_come_back(tmp_path):
    app = make_app(tmp_path)

    @app.get("/v1/limited")
    def read_limited() -> None:
        raise TooManyRequests(retry_after=2.2)

    with TestClient(app) as client:
        answer = client.get("/v1/limited")
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "3")


def test_an_unforeseen_error_tells_nothing_of_the_inside(tmp_path):
    app = make_app(tmp_path)

    @app.get("/v1/broken")
    def read_broken() -> None:
        raise RuntimeError("password=hunter2")

    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get("/v1/broken")
    assert answer.status_code == 500
    assert "hunter2" not in answer.text
    assert answer.json()["code"] == "internal"


def test_a_body_that_does_not_fit_names_its_fields(tmp_path):
    app = make_app(tmp_path)

    @app.get("/v1/numbers/{number}")
    def read_number(number: int) -> int:
        return number

    with TestClient(app) as client:
        answer = client.get("/v1/numbers/three")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "path.number"


def test_a_missing_page_is_a_problem_too(tmp_path):
    with TestClient(make_app(tmp_path)) as client:
        answer = client.get("/v1/nothing")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")


def test_every_answer_carries_the_security_headers(tmp_path):
    with TestClient(make_app(tmp_path)) as client:
        headers = client.get("/health").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "frame-ancestors 'none'" in headers["content-security-policy"]


def test_the_api_describes_itself(tmp_path):
    with TestClient(make_app(tmp_path)) as client:
        assert "/health" in client.get("/v1/openapi.json").json()["paths"]


def test_a_stranger_cannot_forge_his_address():
    headers = [(b"x-forwarded-for", b"1.2.3.4")]
    assert client_address(("203.0.113.9", 5000), headers, LOOPBACK) == "203.0.113.9"


def test_behind_a_proxy_the_last_untrusted_hop_counts():
    headers = [(b"x-forwarded-for", b"6.6.6.6, 203.0.113.9, 127.0.0.1")]
    assert client_address(("127.0.0.1", 5000), headers, LOOPBACK) == "203.0.113.9"


def test_without_a_forwarded_header_the_peer_counts():
    assert client_address(("127.0.0.1", 5000), [], LOOPBACK) == "127.0.0.1"
