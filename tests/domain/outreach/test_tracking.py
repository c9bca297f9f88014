"""Tracked addresses that nobody can make, and links replaced with every other byte as it was."""

from __future__ import annotations

import html
import string
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import new_id
from domain.outreach.links import html_with, links_of, may_be_followed, text_with
from domain.outreach.tracking import Mark, Tracked, Tracking, TrackingSetting, When, is_signed, make_token, parse_token
from domain.outreach.unsubscribing import make_token as way_out

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
uuids = st.uuids().map(str)
marks = st.builds(Mark, uuids, uuids, st.integers(0, 0xFFFF))
targets = st.text(string.ascii_letters + string.digits + "/?&=%#-_~+;é'\"<>", min_size=1, max_size=30).map(
    lambda path: f"https://northwind.example/{path}"
)
words = st.text(string.printable + "äöü€", max_size=30).filter(lambda text: "<" not in text and "&" not in text)


@given(marks, st.data())
def test_a_token_says_what_it_was_made_of_and_no_other_letter_passes(mark, data):
    token = make_token(mark, KEY)
    assert parse_token(token) == mark
    assert is_signed(token, mark, KEY)
    assert not is_signed(token, mark, OTHER_KEY)
    place = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from(string.ascii_letters + string.digits + "-_").filter(lambda c: c != token[place]))
    altered = token[:place] + letter + token[place + 1 :]
    said = parse_token(altered)
    assert said is None or not is_signed(altered, said, KEY)


@given(st.text(max_size=100))
def test_anything_may_be_asked_for(text):
    said = parse_token(text)
    assert said is None or not is_signed(text, said, KEY)


class Hrefs(HTMLParser):
    def __init__(self, source):
        super().__init__()
        self.found = []
        self.feed(source)

    def handle_starttag(self, tag, attrs):
        self.found += [value for name, value in attrs if tag == "a" and name == "href"]


@given(st.lists(st.tuples(words, targets, st.sampled_from("\"'")), max_size=6), words)
def test_every_link_of_the_markup_is_replaced_and_nothing_else(parts, tail):
    def source(written):
        return (
            "".join(
                f"<p>{said}\n</p><a class=x href={mark}{written(target)}{mark}>go</a>" for said, target, mark in parts
            )
            + tail
        )

    before = source(lambda target: html.escape(target, quote=True))
    found = links_of("", before)
    assert set(found) == {target.strip() for _, target, _ in parts if may_be_followed(target)}
    over = {target: f"https://go.example/c/{number}" for number, target in enumerate(found)}
    after = html_with(before, over.get)
    assert Hrefs(after).found == [over[target] for _, target, _ in parts]
    assert html_with(before, lambda _: None) == before
    back = {link: target for target, link in over.items()}
    assert [back[link] for link in Hrefs(after).found] == [target for _, target, _ in parts]


@pytest.mark.parametrize(
    "left_alone",
    [
        '<a href="#top">', '<a href="mailto:ada@lovelace.example">', "<a href='tel:+4930123'>", "<a name=here>", "<a href>",
        '<a href="javascript:alert(1)">', '<a href="ftp://northwind.example/x">', '<a href="https://">', '<a href="//x.example">',
        '<!-- <a href="https://northwind.example"> -->', '<style>a[href="https://northwind.example"]{}</style>',
        '<img src="https://northwind.example/x.png">', '<link href="https://northwind.example/x.css">', '<a href="https://[">',
        f'<a href="https://mail.example/u/{way_out(new_id(), new_id(), KEY)}">out</a>', '<a title=\'href="https://x.example"\'>',
    ],
)  # fmt: skip
def test_what_is_no_link_to_a_page_stays(left_alone):
    assert links_of("", left_alone) == ()


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ('<A HREF="https://x.example/?a=1&amp;b=2">', "https://x.example/?a=1&b=2"),
        ('<a href="https://x.example/?a=1&copy=2">', "https://x.example/?a=1&copy=2"),
        ("<a title='x' href=https://x.example/b>", "https://x.example/b"),
        ('<a\n  data-x="href=\'no\'"\n  href = "https://x.example/c" >', "https://x.example/c"),
        ('<a href="https://x.example/1" href="https://x.example/2">', "https://x.example/1"),
        ("Zürich\n\n€ <area href='https://x.example/d'/>", "https://x.example/d"),
    ],
)
def test_a_link_is_read_as_a_browser_reads_it(source, target):
    assert links_of("", source) == (target,)
    replaced = html_with(source, lambda _: "https://go.example/c/1")
    assert links_of("", replaced) == ("https://go.example/c/1",)


@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("See https://x.example/a.", "https://x.example/a"),
        ("(https://x.example/a_(b))", "https://x.example/a_(b)"),
        ("<https://x.example/a?b=c&d=e>\n", "https://x.example/a?b=c&d=e"),
        ("HTTPS://x.example!", "HTTPS://x.example"),
    ],
)
def test_a_link_in_the_text_ends_where_a_reader_sees_it_end(text, target):
    assert links_of(text, "") == (target,)
    assert text_with(text, {target: "NEW"}.get) == text.replace(target, "NEW")


def test_one_place_is_one_link_in_both_parts():
    assert links_of("https://x.example/a https://x.example/b", '<a href="https://x.example/b">') == (
        "https://x.example/b", "https://x.example/a",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("organization", "sequence", "is_first", "tracked"),
    [
        ({}, {}, False, Tracked()),
        ({"opens": When.FOLLOW_UPS, "clicks": When.FOLLOW_UPS}, {}, True, Tracked()),
        ({"opens": When.FOLLOW_UPS, "clicks": When.FOLLOW_UPS}, {}, False, Tracked(opens=True, clicks=True)),
        ({"clicks": When.ALWAYS, "trap": True}, {}, True, Tracked(clicks=True, trap=True)),
        ({"clicks": When.ALWAYS, "trap": True}, {"clicks": When.NEVER}, True, Tracked()),
        ({}, {"opens": When.ALWAYS}, True, Tracked(opens=True)),
    ],
)
def test_nothing_is_noted_unless_somebody_says_so_and_the_sequence_has_the_last_word(
    organization, sequence, is_first, tracked
):
    assert TrackingSetting(**organization).of(Tracking(**sequence), is_first=is_first) == tracked
