"""The domain doctor against a DNS server on this machine: pass, fail and unknown are told apart."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.deliverability.doctor import Wanted, examine
from domain.deliverability.records import State
from serving.deliverability.resolver import DnsResolver
from tests.dns_server import dns_server

D = "agency.example"


def key(bits: int) -> str:
    public = rsa.generate_private_key(65537, bits).public_key()
    return base64.b64encode(public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


KEY = key(2048)
GOOD = {
    (D, "MX"): [f"10 mx.{D}."],
    (f"mx.{D}", "A"): ["192.0.2.1"],
    (D, "TXT"): ["v=spf1 ip4:192.0.2.0/24 include:_spf.host.example ~all", "other=thing"],
    ("_spf.host.example", "TXT"): ["v=spf1 ip6:2001:db8::/32 -all"],
    (f"s1._domainkey.{D}", "TXT"): [f"v=DKIM1; k=rsa; p={KEY}"],
    (f"_dmarc.{D}", "TXT"): ["v=DMARC1; p=quarantine; rua=mailto:d@agency.example"],
    ("1.2.0.192.in-addr.arpa", "PTR"): [f"mx.{D}."],
    (f"go.{D}", "CNAME"): ["links.leadhouse.example."],
}
WANTED = Wanted(D, ("s1",), "_spf.host.example", ("192.0.2.1",), f"go.{D}", "links.leadhouse.example")


@pytest.fixture
def look() -> Iterator[Callable[..., dict[str, tuple[State, str]]]]:
    with ExitStack() as servers:

        def looked(changes=None, wanted=WANTED, failing=frozenset()):
            zone = {name: values for name, values in {**GOOD, **(changes or {})}.items() if values is not None}
            port = servers.enter_context(dns_server(zone, failing))
            return {each.check: (each.state, each.summary) for each in examine(wanted, DnsResolver("127.0.0.1", port))}

        yield looked


def test_a_domain_that_is_set_up_passes_everything(look):
    found = look()
    assert {check: state for check, (state, _) in found.items()} == dict.fromkeys(
        ("mx", "spf", "dkim", "dmarc", "ptr", "tracking"), State.PASS
    )
    assert found["spf"][1] == "One record, 1 of ten lookups."
    assert found["dkim"][1].startswith("A key of 2048 bits")


SPF = (D, "TXT")


@pytest.mark.parametrize(
    ("changes", "check", "words"),
    [
        ({(D, "MX"): None}, "mx", "no MX record"),
        ({(D, "MX"): ["0 ."]}, "mx", "null MX"),
        ({SPF: ["nothing"]}, "spf", "no SPF record"),
        ({SPF: ["v=spf1 -all", "v=spf1 ~all"]}, "spf", "2 SPF records"),
        ({SPF: ["v=spf1 include:_spf.host.example +all"]}, "spf", "everybody"),
        ({SPF: ["v=spf1 include:_spf.host.example"]}, "spf", "does not say"),
        ({SPF: ["v=spf1 inclde:_spf.host.example -all"]}, "spf", "no word of SPF"),
        ({SPF: ["v=spf1 ip4:192.0.2.999 -all"]}, "spf", "no ip4 network"),
        ({SPF: ["v=spf1 ip4:192.0.2.1 -all"]}, "spf", "does not allow _spf.host.example"),
        ({SPF: [f"v=spf1 include:{D} -all"]}, "spf", "includes itself"),
        ({SPF: ["v=spf1 " + "a:mx.agency.example " * 11 + "-all"]}, "spf", "11 DNS lookups"),
        ({SPF: ["v=spf1 include:_spf.host.example a:x.example a:y.example a:z.example -all"]}, "spf", "lead nowhere"),
        ({(f"s1._domainkey.{D}", "TXT"): None}, "dkim", "no key"),
        ({(f"s1._domainkey.{D}", "TXT"): ["v=DKIM1; p="]}, "dkim", "revoked"),
        ({(f"s1._domainkey.{D}", "TXT"): ["v=DKIM1; p=MIGf"]}, "dkim", "cannot be read"),
        ({(f"s1._domainkey.{D}", "TXT"): [f"v=DKIM1; t=y; p={KEY}"]}, "dkim", "test"),
        ({(f"_dmarc.{D}", "TXT"): None}, "dmarc", "no DMARC record"),
        ({(f"_dmarc.{D}", "TXT"): ["v=DMARC1; p=maybe"]}, "dmarc", "no valid policy"),
        ({("1.2.0.192.in-addr.arpa", "PTR"): None}, "ptr", "no name"),
        ({("1.2.0.192.in-addr.arpa", "PTR"): ["other.example."]}, "ptr", "does not lead back"),
        ({(f"go.{D}", "CNAME"): ["elsewhere.example."]}, "tracking", "points to elsewhere"),
    ],
)
def test_what_is_wrong_fails_by_name(look, changes, check, words):
    state, summary = look(changes)[check]
    assert (state, words in summary) == (State.FAIL, True), summary


@pytest.mark.parametrize(
    ("name", "check"),
    [
        (D, "mx"), (D, "spf"), ("_spf.host.example", "spf"), (f"s1._domainkey.{D}", "dkim"), (f"_dmarc.{D}", "dmarc"),
        ("1.2.0.192.in-addr.arpa", "ptr"), (f"go.{D}", "tracking"),
    ],
)  # fmt: skip
def test_a_server_that_fails_is_unknown_and_no_fault_of_the_domain(look, name, check):
    assert look(failing=frozenset({name}))[check][0] is State.UNKNOWN


def test_a_subdomain_has_its_parents_policy(look):
    wanted = Wanted(f"mail.{D}", ("s1",))
    inherited = look({(f"_dmarc.{D}", "TXT"): ["v=DMARC1; p=reject; sp=none"]}, wanted)["dmarc"]
    assert inherited == (State.PASS, f"Policy none (of {D}).")


def test_no_known_selector_is_unknown_and_a_usual_one_is_found(look):
    assert look(wanted=Wanted(D))["dkim"][0] is State.PASS
    assert look({(f"s1._domainkey.{D}", "TXT"): None}, Wanted(D))["dkim"][0] is State.UNKNOWN


def test_a_short_key_is_told(look):
    short = base64.b64encode(b"\x30\x48\x02\x41\x00" + b"\xff" * 64 + b"\x02\x03\x01\x00\x01").decode()
    state, summary = look({(f"s1._domainkey.{D}", "TXT"): [f"v=DKIM1; p={short}"]})["dkim"]
    assert (state, "512 bits" in summary) == (State.FAIL, True)
