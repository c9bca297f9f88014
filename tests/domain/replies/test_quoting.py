"""What somebody wrote themselves, taken out of what they quote, sign with, and are made to add."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.replies.markup import text_of_html
from domain.replies.quoting import words_of

OWN = "Yes, Thursday suits me.\n\nCould you send the prices?"
BELOW = [
    "On Mon, 6 Jul 2026 at 09:00, Bob Smith <bob@agency.example>\nwrote:\n\n> Hello Ada",
    "Am 06.07.2026 um 09:00 schrieb Bob <bob@agency.example>:\n> Hallo",
    "Le lun. 6 juil. 2026 à 09:00, Bob <bob@agency.example> a écrit :\n> Bonjour",
    "tir. 7. jul. 2026 kl. 09:00 skrev Bob <bob@agency.example\n>:\n\n> Hei",
    '06.07.2026, 09:00, "Bob" <bob@agency.example>:\n\nHello',
    "-----Original Message-----\nFrom: Bob\nSent: Monday\nTo: Ada\nSubject: Hello\n\nHello Ada",
    "________________________________\nVon: Bob <bob@agency.example>\nGesendet: Montag\nAn: Ada\nBetreff: Hallo\n\nHallo",
    "-------- Oprindelig besked --------\nFra: Bob\nHej",
    "-- \nAda Lovelace\nNorthwind",
    "Sent from my iPhone",
    "Best regards,\nAda\n+44 20 7946 0000",
    "Mit freundlichen Grüßen\nAda",
    "CONFIDENTIAL: This e-mail is intended solely for its addressee.",
]  # fmt: skip


@pytest.mark.parametrize("below", BELOW)
def test_only_what_somebody_wrote_is_left(below):
    assert words_of(f"{OWN}\n\n{below}").written == OWN


def test_answers_between_quoted_lines_are_kept():
    text = "> When?\nThursday.\n> Where?\nAt ours.\n"
    assert words_of(text).written == "Thursday.\nAt ours."


def test_what_outlook_puts_behind_its_mark_is_the_earlier_message():
    html = '<div>Yes please</div><div id="appendonsend"></div><div><b>From:</b> Bob</div><div>Hello &amp; welcome</div>'
    assert words_of(text_of_html(html)).written == "Yes please"


@given(st.text(alphabet=st.sampled_from("ab >-_\n<:@.1Onwrote "), max_size=400))
def test_every_line_lands_in_one_place(text):
    words = words_of(text)
    parts = f"{words.written}\n{words.quoted}\n{words.signature}"
    assert sorted(parts.split()) == sorted(text.split())
