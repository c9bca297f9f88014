"""Arms that stick, ways through a sequence, threads, answers of servers, and ways out."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outreach.chance import draw_arm
from domain.outreach.retries import GIVE_UP_AFTER, Phase, Reply, classify, retry_after
from domain.outreach.sequences import parse_sequence
from domain.outreach.signals import pause
from domain.outreach.threads import base_subject, follow, message_ids
from domain.outreach.unsubscribing import is_signed, make_token, parse_token
from domain.outreach.walking import enter, go_on, walk

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
UNITS = {"contact": "s:ada", "company": "s:lovelace"}


def sequence(*steps):
    return parse_sequence({"name": "Spring", "steps": list(steps)})


HELLO = {"id": "hello", "type": "email", "subject": "Hi", "text": "Hello"}
SPLIT = {
    "id": "split",
    "type": "split",
    "by": "contact",
    "arms": [{"id": "a", "next": "hello"}, {"id": "b", "next": "other", "weight": 3}],
}
OTHER = {**HELLO, "id": "other"}


@given(st.text(max_size=20))
def test_an_arm_is_dealt_once_and_stays(unit):
    (split, *_) = sequence(SPLIT, {**HELLO, "next": "end"}, OTHER).steps
    assert draw_arm(split, unit) == draw_arm(split, unit)


def test_arms_are_dealt_by_their_weights_and_one_switched_off_keeps_who_is_on_it():
    (split, *_) = sequence(SPLIT, {**HELLO, "next": "end"}, OTHER).steps
    dealt = Counter(draw_arm(split, str(number)).id for number in range(4_000))
    assert 0.22 < dealt["a"] / 4_000 < 0.28
    off = {**SPLIT, "arms": [{"id": "a", "next": "hello", "is_enabled": False}, SPLIT["arms"][1]]}
    changed = sequence(off, {**HELLO, "next": "end"}, OTHER)
    fresh = walk(changed, enter(changed, NOON), {}, NOON, UNITS)
    assert fresh.step_id == "other"
    on_it = enter(changed, NOON)
    held = walk(changed, type(on_it)("split", NOON, NOON, {"split": "a"}), {}, NOON, UNITS)
    assert held.step_id == "hello"


def test_one_goes_over_what_is_not_a_message_up_to_one_that_is():
    found = sequence(
        HELLO,
        {"id": "pause", "type": "wait", "days": 2},
        {"id": "ask", "type": "condition", "when": ["country:in:de,at"], "next": "german", "otherwise": "english"},
        {**HELLO, "id": "german", "subject": "", "next": "end"},
        {**HELLO, "id": "english", "subject": ""},
    )
    at_hello = enter(found, NOON)
    waiting = go_on(found, at_hello, NOON)
    assert (waiting.step_id, waiting.due_at) == ("pause", NOON + timedelta(days=2))
    assert walk(found, waiting, {}, NOON + timedelta(days=1), UNITS) == waiting
    later = NOON + timedelta(days=2, minutes=5)
    assert walk(found, waiting, {"country": "DE"}, later, UNITS).step_id == "german"
    assert walk(found, waiting, {"country": "FR"}, later, UNITS).step_id == "english"
    assert walk(
        found, go_on(found, walk(found, waiting, {"country": "DE"}, later, UNITS), later), {}, later, UNITS
    ).is_at_end


def test_a_pause_freezes_what_is_left_of_a_wait():
    found = pause(NOON + timedelta(hours=30), NOON, returns_at=NOON + timedelta(days=9), resume_after=timedelta(days=7))
    assert (found.until, found.next_at) == (NOON + timedelta(days=9), NOON + timedelta(days=9, hours=30))
    unknown = pause(NOON - timedelta(hours=1), NOON, returns_at=None, resume_after=timedelta(days=7))
    assert unknown.next_at == NOON + timedelta(days=7)


def test_a_follow_up_stands_in_the_thread_and_a_new_subject_begins_one():
    before = [("<1@a.example>", "AW: Re[2]: Plans"), ("<2@a.example>", "Plans"), ("<3@a.example>", "Else")]
    reply = follow("", before[:2])
    assert (reply.subject, reply.in_reply_to, reply.references) == (
        "Re: Plans",
        "<2@a.example>",
        ("<1@a.example>", "<2@a.example>"),
    )
    assert follow("", before).references == ("<3@a.example>",)
    assert follow("New", before) == follow("New", [])
    assert base_subject("SV: re: Fwd: x") == "Fwd: x"
    assert message_ids("<a@b.example>\r\n <c@d.example> nonsense") == ("<a@b.example>", "<c@d.example>")


def test_a_long_thread_keeps_its_first_and_its_newest_messages():
    before = [(f"<{number}@a.example>", "Plans") for number in range(40)]
    references = follow("", before).references
    assert (len(references), references[0], references[-1]) == (20, "<0@a.example>", "<39@a.example>")


@pytest.mark.parametrize(
    ("code", "text", "phase", "found"),
    [
        (250, "2.0.0 Ok: queued as 4XYZ", Phase.DATA, "accepted"),
        (421, "4.7.0 Try again later, closing connection", Phase.CONNECT, "later"),
        (421, "4.7.28 Our system has detected an unusual rate of unsolicited mail", Phase.DATA, "later"),
        (450, "4.2.0 <x@y.example>: Recipient address rejected: Greylisted", Phase.RECIPIENT, "later"),
        (451, "4.7.1 Greylisting in action, please come back later", Phase.RECIPIENT, "later"),
        (452, "4.2.2 The recipient's inbox is out of storage", Phase.RECIPIENT, "later"),
        (454, "4.7.0 Temporary authentication failure", Phase.LOGIN, "later"),
        (535, "5.7.8 Username and Password not accepted", Phase.LOGIN, "mailbox_broken"),
        (530, "5.7.0 Authentication required", Phase.SENDER, "mailbox_broken"),
        (550, "5.7.60 SMTP; Client does not have permissions to send as this sender", Phase.DATA, "mailbox_broken"),
        (550, "5.1.1 The email account that you tried to reach does not exist.", Phase.RECIPIENT, "no_such_address"),
        (
            550,
            "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
            Phase.RECIPIENT,
            "no_such_address",
        ),
        (550, "5.4.1 Recipient address rejected: Access denied", Phase.RECIPIENT, "no_such_address"),
        (550, "5.2.1 The email account that you tried to reach is disabled", Phase.RECIPIENT, "no_such_address"),
        (553, "sorry, no mailbox here by that name", Phase.RECIPIENT, "no_such_address"),
        (554, "delivery error: This user doesn't have a yahoo.com account", Phase.DATA, "blocked"),
        (550, "Requested action not taken: mailbox unavailable", Phase.RECIPIENT, "no_such_address"),
        (550, "5.7.1 Service unavailable; Client host blocked using Spamhaus", Phase.RECIPIENT, "blocked"),
        (
            550,
            "5.7.515 Access denied, sending domain does not meet the required authentication level",
            Phase.DATA,
            "blocked",
        ),
        (550, "5.7.26 This mail has been blocked because the sender is unauthenticated", Phase.DATA, "blocked"),
        (554, "5.7.1 rejected as spam", Phase.DATA, "blocked"),
        (550, "5.1.1 blocked by our DMARC policy", Phase.DATA, "blocked"),
        (552, "5.2.2 Mailbox full", Phase.RECIPIENT, "mailbox_full"),
        (552, "Quota exceeded", Phase.DATA, "mailbox_full"),
        (552, "5.3.4 Message size exceeds fixed limit", Phase.SENDER, "refused"),
        (501, "5.5.4 Syntax error in parameters", Phase.SENDER, "refused"),
        (550, "4.2.1 contradicts itself", Phase.RECIPIENT, "no_such_address"),
        (999, "a proxy's page", Phase.CONNECT, "later"),
    ],
)
def test_an_answer_means_what_its_code_and_words_say(code, text, phase, found):
    assert classify(Reply(code, text, phase)).value == found


def test_a_try_comes_again_as_the_rfc_asks_and_ends_after_days():
    assert retry_after(1, timedelta(), chance=0.5) == timedelta(minutes=30)
    assert retry_after(2, timedelta(minutes=30), chance=0.0) == timedelta(hours=2)
    assert retry_after(9, timedelta(days=1), chance=0.999) < timedelta(hours=3)
    assert retry_after(1, timedelta(), chance=0, text="4.7.1 Greylisted, try again in 45 minutes") == timedelta(
        minutes=45
    )
    assert retry_after(40, GIVE_UP_AFTER, chance=0) is None


def test_a_link_of_leaving_cannot_be_made_by_others():
    organization, enrolment = "0192f0c0-0000-7000-8000-000000000001", "0192f0c0-0000-7000-8000-000000000002"
    token = make_token(organization, enrolment, b"key")
    assert parse_token(f"unsubscribe {token} please") == (organization, enrolment, token.rpartition(".")[2])
    assert is_signed(*parse_token(token), b"key")
    assert not is_signed(*parse_token(token), b"other")
    other = make_token(organization, organization, b"key")
    assert not is_signed(organization, enrolment, other.rpartition(".")[2], b"key")
    assert parse_token("nothing") is None
