"""Addresses are verified against a DNS and a mail server of this machine."""

from __future__ import annotations

import pytest

from serving.deliverability.addresses import SmtpProbe, Verifier
from serving.deliverability.resolver import DnsResolver
from serving.enrichment.base import Asking, all_providers
from serving.enrichment.providers.verification.provider import VERIFY
from tests.dns_server import dns_server
from tests.mail_servers import running_sink

ZONE = {("x.example", "MX"): ["10 localhost."], ("null.example", "MX"): ["0 ."], ("null.example", "A"): ["192.0.2.1"]}


@pytest.fixture(scope="module")
def names():
    with dns_server(ZONE, failing=frozenset({"silent.example"})) as port:
        resolver = DnsResolver("127.0.0.1", port)
        yield lambda: resolver


def test_dns_decides_where_no_server_is_asked(names):
    verifier = Verifier(names)
    said = {text: verifier.verify(text).reason for text in ("a@x.example", "a@null.example", "a@none.example", "a@silent.example", "a")}  # fmt: skip
    assert list(said.values()) == ["not_asked", "takes_no_mail", "no_mail_server", "dns_silent", "syntax"]
    fetch = all_providers()["verification"].fetch
    told = fetch(Asking(VERIFY, {"email": "A@null.example"}, {}, {}, None, verify=verifier.verify))
    assert {name: one.value for name, one in told.told.items()} == {
        "email_status": "undeliverable", "email_reason": "takes_no_mail", "email_verified": "a@null.example"
    }  # fmt: skip
    unknown = fetch(Asking(VERIFY, {"email": "a@silent.example"}, {}, {}, None, verify=verifier.verify))
    assert (unknown.outcome.value, unknown.told) == ("away", {})


def test_a_mail_server_is_asked_and_not_believed_where_it_takes_everything(names, settings):
    with running_sink() as sink:
        outreach = settings.outreach.model_copy(update={"local_servers": frozenset({f"localhost:{sink.port}"})})
        chosen = settings.model_copy(update={"outreach": outreach})
        verifier = Verifier(names, SmtpProbe(chosen, port=sink.port))
        said = {name: verifier.verify(f"{name}@x.example") for name in ("ada", "reject", "grey", "info")}
    assert {name: (each.status.value, each.reason) for name, each in said.items()} == {
        "ada": ("risky", "catch_all"),
        "reject": ("undeliverable", "no_such_mailbox"),
        "grey": ("unknown", "server_silent"),
        "info": ("risky", "role"),
    }
    assert sink.messages == [], "nothing is sent"


def test_a_mail_server_that_leads_inside_is_not_asked(names, settings):
    probe = SmtpProbe(settings, resolve=lambda _host, _port: ["10.0.0.7"])
    assert Verifier(names, probe).verify("ada@x.example").reason == "server_silent"
