"""Mailboxes over the API: what they hold, whether they send, a message through the real transport, and removing one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.tenancy import Role
from serving.mail.transports.file.transport import FOLDER
from serving.sending.engine import Engine
from tests.factories import make_contact
from tests.factories.outreach import FREE, enrol_all, enrolments_of, make_sequence
from tests.mail_servers import LOGIN, free_port, naming, running_sink

pytestmark = pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it is loopback


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


@pytest.fixture(scope="module")
def server():
    with running_sink(needs_login=True) as sink:
        yield sink


@pytest.fixture
def settings(settings, server):
    return naming(settings, server.port, timeout_seconds=10.0)


def account(server, **changes):
    """What the form sends."""
    own = {"host": "127.0.0.1", "port": server.port, "security": "none", "username": LOGIN[0]}
    sent = {"address": "Ada@agency.example", "display_name": "Ada Lovelace", "smtp": own, "smtp_password": LOGIN[1]}
    return {**sent, "signature": "Ada", "reply_to": "team@agency.example", "terms": FREE, **changes}


def only(admin):
    return admin.get("/v1/mailboxes").json()["items"][0]


def test_a_mailbox_says_whether_it_sends_with_its_limits_stacked_and_the_smallest_named(admin, server):
    made = admin.post("/v1/mailboxes", json=account(server, terms={**FREE, "per_day": 30, "per_hour": 7})).json()
    stands = made["standing"]
    assert (stands["reason"], stands["smallest"], stands["room"]) == ("allowed", "mailbox_per_hour", 7)
    assert {each["name"]: each["limit"] for each in stands["limits"]} == {
        "provider_per_day": 100_000, "mailbox_per_day": 30, "mailbox_per_hour": 7,
    }  # fmt: skip
    path = f"/v1/mailboxes/{made['mailbox_id']}"
    admin.post(f"{path}/switch", json={"status": "paused", "reason": "on holiday"})
    assert only(admin)["standing"]["reason"] == "mailbox_paused"
    admin.put("/v1/sending", json={"is_stopped": True})
    assert only(admin)["standing"]["reason"] == "organization_stopped"


def test_passwords_go_in_and_never_come_out(admin, server):
    made = admin.post("/v1/mailboxes", json=account(server, imap_password="another secret")).text
    shown = admin.get("/v1/mailboxes").text
    log = admin.get("/v1/audit").text
    for text in (made, shown, log):
        assert LOGIN[1] not in text
        assert "another secret" not in text
    assert only(admin)["has_smtp_password"]


def test_a_test_goes_through_the_real_transport_and_answers_what_the_server_said(admin, server):
    server.clear()
    made = admin.post("/v1/mailboxes", json=account(server)).json()
    path = f"/v1/mailboxes/{made['mailbox_id']}"
    found = admin.post(f"{path}/test", json={"to": "mara@agency.example"}).json()
    assert (found["is_accepted"], found["code"], found["phase"]) == (True, 250, "data")
    (message,) = server.to("mara@agency.example")
    assert (message["From"], message["Reply-To"]) == ("Ada Lovelace <ada@agency.example>", "team@agency.example")
    refused = admin.post(f"{path}/test", json={"to": "reject@agency.example"}).json()
    assert (refused["is_accepted"], refused["code"], refused["phase"]) == (False, 550, "recipient")
    admin.patch(path, json={"smtp_password": "wrong"})
    denied = admin.post(f"{path}/test", json={"to": "mara@agency.example"}).json()
    assert (denied["is_accepted"], denied["code"], denied["phase"]) == (False, 535, "login")


def test_an_inbox_that_cannot_be_reached_says_so(admin, server):
    made = admin.post("/v1/mailboxes", json=account(server)).json()
    path = f"/v1/mailboxes/{made['mailbox_id']}"
    assert admin.post(f"{path}/test-inbox").status_code == 422
    nobody = {"host": "127.0.0.1", "port": free_port(), "security": "none", "username": "ada"}
    admin.patch(path, json={"imap": nobody, "imap_password": "pw"})
    found = admin.post(f"{path}/test-inbox").json()
    assert not found["is_open"]
    assert "LEADHOUSE_OUTREACH__LOCAL_SERVERS" in found["text"] or "TLS" in found["text"]


def test_a_removed_mailbox_carries_nothing_and_comes_back_with_its_threads(admin, store, family, settings, clock):
    sent = {"address": "ada@agency.example", "transport": "file", "terms": FREE, "smtp_password": "secret"}
    made = admin.post("/v1/mailboxes", json=sent).json()
    sequence = make_sequence(store, family.agency.organization_id)
    ada = make_contact(store, family.agency.organization_id, email="ada@lovelace.example").contact_id
    enrol_all(store, sequence, [ada])
    assert Engine(store, settings, clock=clock).drain() == 1
    assert only(admin)["people_count"] == 1
    path = f"/v1/mailboxes/{made['mailbox_id']}"
    assert admin.delete(path).status_code == 204
    assert (admin.get("/v1/mailboxes").json()["items"], admin.delete(path).status_code) == ([], 404)
    clock.now += timedelta(days=4)
    assert Engine(store, settings, clock=clock).drain() == 0
    assert enrolments_of(store, sequence)[ada].reason == "mailbox_removed"
    again = admin.post("/v1/mailboxes", json={name: sent[name] for name in ("address", "transport", "terms")}).json()
    assert (again["mailbox_id"], again["has_smtp_password"]) == (made["mailbox_id"], False)
    clock.now += timedelta(hours=1)
    assert Engine(store, settings, clock=clock).drain() == 1
    assert len(list((settings.data.dir / FOLDER).glob("*.eml"))) == 2


def test_only_whoever_may_write_mailboxes_connects_one_and_nobody_reaches_another_tenants(
    sign_in, family, admin, server
):
    made = admin.post("/v1/mailboxes", json=account(server)).json()
    operator = sign_in(family.agency.organization_id, Role.OPERATOR)
    assert operator.post("/v1/mailboxes", json=account(server)).status_code == 403
    assert operator.delete(f"/v1/mailboxes/{made['mailbox_id']}").status_code == 403
    other = sign_in(family.client.organization_id, Role.ADMIN)
    assert other.get("/v1/mailboxes").json()["items"] == []
    assert other.post(f"/v1/mailboxes/{made['mailbox_id']}/test", json={"to": "a@b.example"}).status_code == 404
