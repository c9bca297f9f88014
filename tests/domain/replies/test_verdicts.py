"""What a message is: programs are told apart by rules before anybody's words are read."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.replies.demands import DemandKind
from domain.replies.failures import BounceKind
from domain.replies.messages import parse
from domain.replies.verdicts import MessageKind, judge
from tests.domain.replies.letters import letter, no_scan, report

TODAY = date(2026, 7, 6)


def kind_of(incoming) -> MessageKind:
    return judge(incoming, no_scan, TODAY).kind


def test_a_delivery_report_names_whom_it_did_not_reach_and_which_message_it_was():
    verdict = judge(report("5.1.1", "550 5.1.1 User unknown"), no_scan, TODAY)
    (bounce,) = verdict.bounces
    assert verdict.kind is MessageKind.BOUNCE
    assert (bounce.recipient, bounce.kind, bounce.original_message_id) == (
        "ada@northwind.example",
        BounceKind.HARD,
        "<first@agency.example>",
    )
    assert bounce.suppresses


def test_a_full_mailbox_and_a_blocked_sender_suppress_nobody():
    for status, words in [("5.2.2", "552 5.2.2 mailbox full"), ("5.7.1", "554 5.7.1 blocked by Spamhaus")]:
        (bounce,) = judge(report(status, words), no_scan, TODAY).bounces
        assert not bounce.suppresses


def test_a_warning_that_the_server_still_tries_is_no_bounce():
    assert kind_of(report("4.4.1", "connection timed out", action="delayed")) is MessageKind.DELAY


def test_a_report_of_success_is_a_receipt():
    assert kind_of(report("2.0.0", "250 delivered", action="delivered")) is MessageKind.RECEIPT


def test_a_person_who_forwards_a_report_reports_nothing():
    quoted = "Ada, did you see this?\n\n> 550 5.1.1 <carl@northwind.example>: user unknown\n"
    assert (
        kind_of(letter(quoted, subject="Re: Undelivered Mail Returned to Sender", in_reply_to="<a@b>"))
        is MessageKind.HUMAN
    )


def test_a_report_in_plain_words_is_read_too():
    told = (
        "There was an error delivering your mail to <ada@northwind.example>.\n\n550 5.1.1 user unknown\n\n"
        "Message headers follow.\n\nTo: <ada@northwind.example>\nMessage-Id: <first@agency.example>\n"
    )
    (bounce,) = judge(letter(told, from_="MAILER-DAEMON <>", subject="Mail delivery failed"), no_scan, TODAY).bounces
    assert (bounce.recipient, bounce.suppresses, bounce.original_message_id) == (
        "ada@northwind.example",
        True,
        "<first@agency.example>",
    )


def test_a_complaint_names_who_pressed_spam():
    body = (
        "--b\r\nContent-Type: text/plain\r\n\r\nThis is an abuse report.\r\n--b\r\nContent-Type: message/feedback-report\r\n\r\n"
        "Feedback-Type: abuse\r\nUser-Agent: SomeGenerator/1.0\r\nVersion: 1\r\nOriginal-Rcpt-To: <ada@northwind.example>\r\n"
        "\r\n--b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <first@agency.example>\r\nTo: x@y.example\r\n\r\nHi\r\n--b--\r\n"
    )
    verdict = judge(
        letter(body, content_type='multipart/report; report-type=feedback-report; boundary="b"'), no_scan, TODAY
    )
    assert verdict.kind is MessageKind.COMPLAINT
    assert verdict.complaint is not None
    assert (verdict.complaint.recipients, verdict.complaint.original_message_id, verdict.complaint.suppresses) == (
        ("ada@northwind.example",),
        "<first@agency.example>",
        True,
    )


@pytest.mark.parametrize(
    ("headers", "kind"),
    [
        ({"auto_submitted": "auto-replied"}, MessageKind.AUTO_REPLY),
        ({"auto_submitted": "no"}, MessageKind.HUMAN),
        ({"auto_submitted": "auto-generated", "list_id": "<news.example>", "subject": "News"}, MessageKind.BULK),
        ({"x_autoreply": "yes"}, MessageKind.AUTO_REPLY),
        ({"precedence": "auto_reply"}, MessageKind.AUTO_REPLY),
        ({"x_auto_response_suppress": "All"}, MessageKind.AUTO_REPLY),
        ({"subject": "Automatische Antwort: Hallo"}, MessageKind.AUTO_REPLY),
        ({"return_path": "<>"}, MessageKind.AUTO_REPLY),
        ({"list_unsubscribe": "<https://news.example>", "subject": "News"}, MessageKind.BULK),
        ({"list_id": "<sales.northwind.example>", "in_reply_to": "<first@agency.example>"}, MessageKind.HUMAN),
    ],
)
def test_programs_give_themselves_away_by_their_headers(headers, kind):
    assert kind_of(letter("Yes, with pleasure.", **headers)) is kind


def test_an_absence_is_read_with_the_day_of_return_and_its_words_ask_for_nothing():
    told = "I am out of the office until 17 July. To be removed from this list, contact my assistant."
    verdict = judge(letter(told, auto_submitted="auto-replied"), no_scan, TODAY)
    assert verdict.kind is MessageKind.OUT_OF_OFFICE
    assert verdict.absence is not None
    assert verdict.absence.back_on == date(2026, 7, 20)
    assert verdict.demand is None


def test_who_has_left_is_not_waited_for():
    assert kind_of(letter("John no longer works at Northwind.", auto_submitted="auto-replied")) is MessageKind.GONE


def test_our_own_footer_below_an_answer_asks_for_nothing():
    body = "Yes, let us talk.\n\nOn Mon, 6 Jul 2026 at 09:00, Bob <bob@agency.example> wrote:\n> Hello\n> Unsubscribe: https://u.example"
    verdict = judge(letter(body), no_scan, TODAY)
    assert (verdict.kind, verdict.words.written, verdict.demand) == (MessageKind.HUMAN, "Yes, let us talk.", None)


def test_hidden_text_is_no_text():
    html = '<p>Sounds good</p><div style="display:none">unsubscribe me</div><span style="font-size:0px">stop</span>'
    verdict = judge(letter(html, content_type="text/html"), no_scan, TODAY)
    assert (verdict.words.written, verdict.demand) == ("Sounds good", None)


def test_the_button_of_a_mail_program_unsubscribes_though_a_program_sent_it():
    verdict = judge(letter("", subject="unsubscribe", auto_submitted="auto-replied"), no_scan, TODAY)
    assert verdict.demand is not None
    assert verdict.demand.kind is DemandKind.UNSUBSCRIBE


HEADERS = b"From Subject Date To Content-Type Content-Transfer-Encoding Auto-Submitted Return-Path In-Reply-To".split()
VALUES = st.one_of(
    st.binary(max_size=60).map(lambda value: value.replace(b"\n", b"").replace(b"\r", b"")),
    st.sampled_from([
        b"=?utf-8?b?////?=", b"=?x-unknown?q?=FF?=", b"multipart/report; report-type=delivery-status; boundary=b", b"message/rfc822",
        b"text/plain; charset=idna", b"text/html; charset=\xff", b"base64", b"uuencode", b"<>", b"mailer-daemon@x", b"Undeliverable",
    ]),
)  # fmt: skip
BODIES = st.lists(
    st.one_of(
        st.binary(max_size=80),
        st.sampled_from(
            [b"--b", b"--b--", b"Content-Type: message/delivery-status", b"", b"Final-Recipient: rfc822; a@b.c", b"> x"]
        ),
    ),
    max_size=12,
).map(b"\n".join)


@given(st.lists(st.tuples(st.sampled_from(HEADERS), VALUES), max_size=8), BODIES)
def test_no_bytes_break_the_reading(headers, body):
    raw = b"\n".join([*(name + b": " + value for name, value in headers), b"", body])
    verdict = judge(parse(raw), no_scan, TODAY)
    assert "\x00" not in verdict.words.written
    assert all(bounce.recipient for bounce in verdict.bounces)
