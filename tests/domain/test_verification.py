"""Addresses are called undeliverable only by who must know, and nothing that is unknown is called invalid."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contacts import EmailAddress
from domain.deliverability.records import Answer
from domain.verification import (
    EmailStatus,
    Mailbox,
    Probe,
    Route,
    Verdict,
    is_known_undeliverable,
    mailbox_said,
    read_address,
    route_of,
    verdict,
)

ADA = EmailAddress.parse("ada@analytical.example")


@pytest.mark.parametrize(
    "text",
    ["", "ada", "ada@", "@x.example", "a..b@x.example", ".a@x.example", "a.@x.example", "a b@x.example", "a@b@x.example",
     "a@x", "a@-x.example", "a@x..example", "a@x.123", "a\x00b@x.example", "a@x.example, b@x.example", f"{'a' * 65}@x.example",
     f"a@{'x' * 64}.example", f"a@{'x.' * 125}example"],
)  # fmt: skip
def test_what_the_syntax_forbids_is_undeliverable(text):
    found = read_address(text)
    assert isinstance(found, Verdict)
    assert (found.status, found.reason) == (EmailStatus.UNDELIVERABLE, "syntax")


@pytest.mark.parametrize(
    "text", ["o'neil+news@x.example", "a/b=c@x.example", "1@x.example", "jürgen@müller.example", "  Ada@X.example "]
)
def test_what_the_syntax_allows_is_an_address(text):
    assert isinstance(read_address(text), EmailAddress)


@pytest.mark.parametrize("text", ['"a b"@x.example', "ada@[192.0.2.1]", '"a@b"@x.example'])
def test_what_is_allowed_and_not_written_to_is_unknown(text):
    found = read_address(text)
    assert isinstance(found, Verdict)
    assert found.status is EmailStatus.UNKNOWN


class Zone:
    def __init__(self, **records: tuple[str, ...] | None) -> None:
        self._records = records

    def ask(self, name, kind):
        told = self._records.get(kind, ())
        return Answer(is_known=False) if told is None else Answer(tuple(told))


@pytest.mark.parametrize(
    ("records", "route"),
    [
        ({"MX": ("20 b.example", "10 a.example")}, (Route.SERVERS, ("a.example", "b.example"))),
        ({"MX": ("0 .",)}, (Route.REFUSES, ())),
        ({"A": ("192.0.2.1",)}, (Route.SERVERS, ("x.example",))),
        ({}, (Route.NONE, ())),
        ({"MX": None}, (Route.SILENT, ())),
        ({"AAAA": None}, (Route.SILENT, ())),
    ],
)
def test_where_mail_goes_is_said_by_dns(records, route):
    assert route_of("x.example", Zone(**records)) == route


@pytest.mark.parametrize(
    ("code", "text", "said"),
    [
        (250, "OK", Mailbox.TAKEN),
        (550, "5.1.1 User unknown", Mailbox.NO_SUCH),
        (550, "5.7.1 Your IP is on a block list", Mailbox.SILENT),
        (554, "5.7.1 Relay access denied", Mailbox.SILENT),
        (450, "4.2.0 Greylisted", Mailbox.SILENT),
        (452, "4.2.2 Mailbox full", Mailbox.SILENT),
    ],
)
def test_a_refusal_of_us_says_nothing_about_the_mailbox(code, text, said):
    assert mailbox_said(code, text) is said


@pytest.mark.parametrize(
    ("address", "route", "probe", "expected"),
    [
        ("ada@x.example", Route.REFUSES, None, ("undeliverable", "takes_no_mail")),
        ("ada@x.example", Route.SERVERS, None, ("unknown", "not_asked")),
        ("ada@x.example", Route.SERVERS, Probe(Mailbox.TAKEN, Mailbox.TAKEN), ("risky", "catch_all")),
        ("ada@x.example", Route.SERVERS, Probe(Mailbox.TAKEN, Mailbox.NO_SUCH), ("deliverable", "mailbox_there")),
        ("ada@x.example", Route.SERVERS, Probe(Mailbox.NO_SUCH, Mailbox.SILENT), ("undeliverable", "no_such_mailbox")),
        ("info@x.example", Route.SERVERS, None, ("risky", "role")),
        ("ada@mailinator.com", Route.SERVERS, None, ("risky", "disposable")),
        ("ada@gmial.com", Route.SERVERS, None, ("risky", "mistyped")),
        ("ada@mail.com", Route.SERVERS, None, ("unknown", "not_asked")),
    ],
)
def test_the_surest_word_comes_first(address, route, probe, expected):
    found = verdict(EmailAddress.parse(address), route, probe)
    assert (found.status.value, found.reason) == expected
    assert found.suggestion == ("ada@gmail.com" if expected[1] == "mistyped" else "")


@given(st.sampled_from(Mailbox), st.sampled_from(Mailbox))
def test_silence_is_never_called_invalid(mailbox, nonsense):
    assert verdict(ADA, Route.SILENT).status is EmailStatus.UNKNOWN
    found = verdict(ADA, Route.SERVERS, Probe(mailbox, nonsense))
    assert (found.status is EmailStatus.UNDELIVERABLE) == (mailbox is Mailbox.NO_SUCH)


@pytest.mark.parametrize(
    ("attributes", "is_one"),
    [
        ({"email_status": "undeliverable", "email_verified": "ada@lovelace.example"}, True),
        ({"email_status": "undeliverable", "email_verified": "old@lovelace.example"}, False),
        ({"email_status": "undeliverable"}, False),
        ({"email_status": "risky", "email_verified": "ada@lovelace.example"}, False),
        ({"email_status": "unknown", "email_verified": "ada@lovelace.example"}, False),
        ({}, False),
    ],
)
def test_only_what_was_verified_of_this_very_address_keeps_mail_from_it(attributes, is_one):
    assert is_known_undeliverable("ada@lovelace.example", attributes) is is_one
