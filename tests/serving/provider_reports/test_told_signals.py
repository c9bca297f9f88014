"""Signals that a program pushes to an address: signed ones are kept once, others are rejected and can be read again."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from domain.tenancy import Role
from domain.webhook_events import read_secret, signed_headers
from tests.factories import make_company

FUNDING = {"kind": "funding", "title": "Raised ten million", "domain": "lovelace.example"}
OTHER = bytes([7]) * 32


@pytest.fixture
def admin(store, sign_in, family):
    make_company(store, family.agency.organization_id, domain="lovelace.example", name="Lovelace")
    return sign_in(family.agency.organization_id, Role.ADMIN)


@pytest.fixture
def made(admin):
    return admin.post("/v1/provider-webhooks", json={"provider": "signals", "name": "Scout"}).json()


@pytest.fixture
def push(web, clock, made):
    """`push(body, event_id)` sends what a program would; answers the status code."""

    def sent(body, event_id="1", key=None):
        raw = json.dumps(body).encode()
        headers = signed_headers(event_id, clock.now, raw, [key or read_secret(made["secret"])])
        return web.post(f"/hooks/{made['provider_webhook_id']}", content=raw, headers=headers).status_code

    return sent


def kept(admin):
    return [(one["source"], one["title"]) for one in admin.get("/v1/signals").json()["items"]]


def listed(admin):
    (found,) = admin.get("/v1/provider-webhooks").json()["items"]
    return found


def test_signals_that_are_signed_are_kept_once_and_what_is_refused_of_them_waits_with_its_reason(admin, push):
    many = {"source": "scout", "items": [FUNDING, FUNDING | {"domain": "nobody.example"}]}
    assert [push(many), push(many), push(FUNDING | {"kind": "news", "title": "Moved"}, "2")] == [204] * 3
    assert sorted(kept(admin)) == [("scout", "Raised ten million"), ("webhook", "Moved")]
    assert admin.get("/v1/signals/rejected").json()["reasons"] == {"nobody_here": 1}
    assert (listed(admin)["tells_of"], listed(admin)["counts"]) == ("signals", {"taken": 2})


def test_what_is_not_signed_or_cannot_be_read_is_kept_with_its_reason_and_can_be_tried_again(admin, push, made, clock):
    assert [push(FUNDING, key=OTHER), push({"items": "x"}, "2"), push({"items": [{}] * 201}, "3")] == [401, 204, 204]
    assert kept(admin) == []
    reasons = {one["reason"]: one["provider_report_id"] for one in listed(admin)["rejected"]}
    assert set(reasons) == {"wrong_signature", "unreadable"}
    clock.now += timedelta(hours=2)
    path = f"/v1/provider-webhooks/{made['provider_webhook_id']}/reports/{reasons['wrong_signature']}/replay"
    assert admin.post(path).json()["status"] == "rejected"
