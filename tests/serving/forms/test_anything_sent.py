"""Whatever is sent, the public routes answer: with a result or a problem, never with a failure of ours."""

from __future__ import annotations

import json
from collections import defaultdict
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from serving.capture.rates import RateLimiter
from tests.factories import make_secret_key, make_write_key
from tests.serving.forms.conftest import ANSWERS

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=6,
)
SUBMISSION = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(
        ("answers", "token", "honeypot", "consent_given", "anonymous_id", "consent", "page_url", "utm"), ANYTHING
    ),
)
SOME_ANSWERS = st.dictionaries(st.sampled_from(sorted(ANSWERS)), ANYTHING)
TRAITS = st.dictionaries(
    st.sampled_from(["email", "firstName", "name", "phone", "country", "external_id", "company"])
    | st.text(max_size=10),
    ANYTHING | st.just("ada@northwind.example"),
    max_size=6,
)
numbers = count(1)


def test_public_routes_never_fail(desk):
    write_key = {"X-LH-Key": make_write_key(desk.store, desk.organization_id)}
    secret_key = {"Authorization": f"Bearer {make_secret_key(desk.store, desk.organization_id)}"}
    form = f"/v1/forms/{desk.form_id}/submissions"

    def post(path, body, headers=None):
        answer = desk.client.post(
            path, content=json.dumps(body), headers={"Content-Type": "application/json", **(headers or {})}
        )
        assert answer.status_code < 500, (path, body, answer.text)

    @settings(max_examples=40, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(SUBMISSION, SOME_ANSWERS, TRAITS, st.text(max_size=40))
    def send(body, answers, traits, text):
        desk.client.app.state.limiters = defaultdict(RateLimiter)
        usual = {"submission_id": f"s-{next(numbers)}", "answers": ANSWERS, "token": desk.token()}
        post(form, body)
        post(form, {**usual, **body})
        post(form, {**usual, "answers": {**ANSWERS, **answers}, "page_url": text})
        for headers in (write_key, secret_key):
            post("/v1/identify", {"traits": traits}, headers)
            post("/v1/identify", {"traits": {**traits, "email": "eve@gmail.com"}, "anonymous_id": text}, headers)
        plain = desk.client.post(form, data={"email": text, "lh_token": text, "lh_level": text})
        assert plain.status_code < 500

    send()
