"""Every answer says what is left; above the limit nothing is done, and others are not touched."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from fastapi.testclient import TestClient

from domain.errors import TooManyRequests
from serving.main import create_app
from serving.rate_limits.limiter import RequestLimiter
from tests.factories import make_agency_with_client, make_session, make_user


@pytest.fixture
def clients(sqlite_store, settings):
    web = settings.web.model_copy(update={"role": "api", "requests_per_minute": 5})
    app = create_app(settings.model_copy(update={"web": web}), store=sqlite_store)
    family = make_agency_with_client(sqlite_store)
    users = [make_user(sqlite_store, family.agency.organization_id) for _ in range(2)]
    with TestClient(app):
        yield [
            TestClient(app, headers={"Authorization": f"Bearer {make_session(sqlite_store, user.user_id)}"})
            for user in users
        ]


def test_an_answer_says_what_is_left_of_the_limit(clients):
    first, second = (clients[0].get("/v1/me").headers for _ in range(2))
    assert (first["RateLimit-Limit"], first["RateLimit-Remaining"]) == ("5", "4")
    assert second["RateLimit-Remaining"] == "3"
    assert 1 <= int(first["RateLimit-Reset"]) <= 60


def test_above_the_limit_one_is_told_when_to_come_again_and_others_are_not_touched(clients):
    answers = [clients[0].get("/v1/me") for _ in range(7)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429] * 2
    assert int(answers[-1].headers["Retry-After"]) >= 1
    assert answers[-1].json()["code"] == "too_many_requests"
    assert clients[1].get("/v1/me").status_code == 200


def test_callers_at_once_are_never_let_in_above_the_limit():
    limiter = RequestLimiter(1000)

    def take(_: int) -> bool:
        try:
            limiter.take("ada")
        except TooManyRequests:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(take, range(1500))) <= 1000
