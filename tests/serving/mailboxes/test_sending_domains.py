"""Domains over the API: a key is made, its record is published, a check sees it, and only then does it sign."""

from __future__ import annotations

import dkim
import pytest

from domain.deliverability.records import Answer
from domain.tenancy import Role
from serving.deliverability.router import system_resolver
from tests.mail_servers import naming, running_sink

DOMAIN = "agency.example"


class Zone:
    """A DNS that answers from a table."""

    def __init__(self):
        self.records = {(DOMAIN, "TXT"): ("v=spf1 ip4:192.0.2.1 -all",)}

    def ask(self, name, kind):
        return Answer(tuple(self.records.get((name, kind), ())))


@pytest.fixture(scope="module")
def sink():
    with running_sink() as running:
        yield running


@pytest.fixture
def settings(settings, sink):
    return naming(settings, sink.port)


@pytest.fixture
def zone(api):
    found = Zone()
    api.app.dependency_overrides[system_resolver] = lambda: found
    yield found
    api.app.dependency_overrides.clear()


@pytest.fixture
def admin(sign_in, family):
    return sign_in(family.agency.organization_id, Role.ADMIN)


def checked(admin):
    return admin.post(f"/v1/sending-domains/{DOMAIN}/check").json()


def state_of(report, check="dkim_own"):
    return next(each["state"] for each in report["findings"] if each["check"] == check)


def test_a_key_signs_once_its_record_was_seen_and_the_former_one_until_then(admin, zone, sink):
    server = {"host": "127.0.0.1", "port": sink.port, "security": "none"}
    mailbox = admin.post("/v1/mailboxes", json={"address": f"ada@{DOMAIN}", "smtp": server}).json()
    waiting = admin.post(f"/v1/sending-domains/{DOMAIN}/dkim-key", json={}).json()["next_key"]
    assert waiting["dns_name"] == f"{waiting['selector']}._domainkey.{DOMAIN}"
    test = f"/v1/mailboxes/{mailbox['mailbox_id']}/test"
    assert not admin.post(test, json={"to": "a@b.example"}).json()["is_signed"]
    assert (state_of(checked(admin)), checked(admin)["dkim_selector"]) == ("fail", "")
    zone.records[waiting["dns_name"], "TXT"] = ("v=DKIM1; k=rsa; p=" + "A" * 300,)
    assert state_of(checked(admin)) == "fail"
    zone.records[waiting["dns_name"], "TXT"] = (waiting["dns_record"],)
    report = checked(admin)
    assert (state_of(report), report["next_key"], report["dkim_selector"]) == ("pass", None, waiting["selector"])
    assert admin.post(test, json={"to": "c@b.example"}).json()["is_signed"]
    record = waiting["dns_record"].encode()
    assert dkim.verify(sink.envelopes[-1][2], dnsfunc=lambda *_, **__: record)
    again = admin.post(f"/v1/sending-domains/{DOMAIN}/dkim-key", json={}).json()
    assert (again["dkim_selector"], again["next_key"]["selector"]) == (
        waiting["selector"],
        f"{waiting['selector']}b",
    )


def test_what_the_doctor_found_is_kept_with_what_it_was_asked(admin, zone):
    asked = {"addresses": ["192.0.2.1"], "tracking_host": f"go.{DOMAIN}", "spf_include": "_spf.provider.example"}
    admin.put(f"/v1/sending-domains/{DOMAIN}/asked", json=asked)
    report = checked(admin)
    states = {each["check"]: each["state"] for each in report["findings"]}
    assert states == {
        "mx": "fail",
        "spf": "fail",
        "dkim": "unknown",
        "dmarc": "fail",
        "ptr": "fail",
        "tracking": "unknown",
    }
    (kept,) = admin.get("/v1/sending-domains").json()["items"]
    assert (kept["findings"], kept["state"], kept["asked"]["addresses"]) == (report["findings"], "fail", ["192.0.2.1"])
    assert all(each["advice"] for each in kept["findings"] if each["state"] == "fail")


def test_domains_of_mailboxes_are_listed_before_anybody_looked(admin, zone):
    admin.post("/v1/mailboxes", json={"address": f"ada@{DOMAIN}", "transport": "file"})
    (found,) = admin.get("/v1/sending-domains").json()["items"]
    assert (found["domain"], found["mailbox_count"], found["state"], found["checked_at"]) == (
        DOMAIN,
        1,
        "unknown",
        None,
    )
    assert admin.put(f"/v1/sending-domains/{DOMAIN}/cap", json={"per_day": 100}).json()["per_day"] == 100
    assert admin.post("/v1/sending-domains/stranger.example/check").status_code == 404
