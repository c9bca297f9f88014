"""How a text becomes the words that it is found by."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.search import LONGEST_WORD, MOST_ASKED, MOST_WORDS, asked_words, indexed, number_word, room_of, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Zoë Müller-Lüdenscheidt", ["zoe", "muller", "ludenscheidt"]),
        ("Strauß & Ærø A/S, Łódź", ["strauss", "aero", "a", "s", "lodz"]),
        ("ada.lovelace+news@acme-corp.co.uk", ["ada", "lovelace", "news", "acme", "corp", "co", "uk"]),
        ("ＦＵＬＬ width", ["full", "width"]),
        ("Ολυμπία Йоссариан 東京", ["ολυμπια", "иоссариан", "東京"]),
        ("+49 030 0012", ["49", "30", "12"]),
        ("000 %_'\"*", ["0"]),
        ("ada ADA Ada", ["ada"]),
        ("", []),
    ],
)
def test_a_text_becomes_words_without_case_and_accents(text, words):
    assert words_of(text) == words


def test_a_telephone_number_is_also_one_word():
    assert number_word("+49 (0)30 123-456 7") == "490301234567"
    assert number_word("0049 30 1234567") == "49301234567"


def test_a_search_is_at_most_six_words():
    assert asked_words("a b c d e f g h") == ("a", "b", "c", "d", "e", "f")[:MOST_ASKED]


@given(st.text(max_size=300))
@example("℠ ㏄ Ǆ ℡")
def test_whatever_is_typed_is_made_of_letters_and_digits_and_means_the_same_again(text):
    words = words_of(text)
    assert all(word.isalnum() and 0 < len(word) <= LONGEST_WORD for word in words)
    assert len(words) <= MOST_WORDS
    assert words_of(" ".join(words)) == words


def test_words_are_kept_in_the_room_of_their_organization():
    assert indexed("one", ["ada", "lovelace"]) == f"{room_of('one')}ada {room_of('one')}lovelace"
    assert room_of("one") != room_of("another")
