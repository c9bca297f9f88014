"""Real bounces and replies of other projects, and what those projects say of them (see the README of that folder)."""

from __future__ import annotations

import json
import os
from datetime import date
from pathlib import Path

import pytest

from domain.replies.bounces import bounces_of
from domain.replies.messages import parse
from domain.replies.quoting import words_of
from domain.replies.verdicts import MessageKind, judge
from serving.replies.heuristics import scan

DATA = Path(os.environ.get("LEADHOUSE_TEST_DATA", "")) / "mail"
pytestmark = pytest.mark.skipif(
    "LEADHOUSE_TEST_DATA" not in os.environ, reason="LEADHOUSE_TEST_DATA is not set: no corpora of bounces and replies"
)


def test_every_bounce_names_the_addresses_that_flufl_names():
    expected = json.loads((DATA / "bounces" / "expected_flufl_6.0.0.json").read_text())
    assert len(expected) > 100
    differing = {}
    for each in expected:
        name = Path(each["file"]).name
        found = bounces_of(parse((DATA / "bounces" / "messages" / name).read_bytes()), scan)
        failed = {bounce.recipient for bounce in found if bounce.is_final}
        delayed = {bounce.recipient for bounce in found if not bounce.is_final}
        wanted = (
            {address.casefold() for address in each["permanent"]},
            {address.casefold() for address in each["temporary"]},
        )
        if (failed, delayed) != wanted:
            differing[name] = (failed, delayed, wanted)
    assert differing == {}


def test_every_reply_is_split_as_a_peer_splits_it():
    expected = json.loads((DATA / "replies" / "expected_email_reply_parser_0.5.12.json").read_text())
    differing = [
        each["file"]
        for each in expected
        if words_of((DATA / "replies" / each["file"]).read_text()).written.split() != each["reply"].split()
    ]
    assert (len(expected), differing) == (24, [])


def test_a_bounce_of_postfix_is_one_and_signed_letters_are_none():
    kinds = {
        path.name: judge(parse(path.read_bytes()), scan, date(2026, 7, 6)).kind
        for path in (DATA / "dkim").glob("*.msg")
    }
    assert kinds == {
        "postal_dkim_email1.msg": MessageKind.HUMAN,
        "postal_dkim_email2.msg": MessageKind.HUMAN,
        "postal_postfix-bounce.msg": MessageKind.BOUNCE,
    }


def test_a_message_that_breaks_a_detector_of_the_library_is_no_bounce():
    assert scan(parse(b"Subject: Undeliverable\n\nNothing").parsed) == (frozenset(), frozenset())
