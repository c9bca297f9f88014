"""Feeds: RSS and Atom say the same, hostile ones are refused, and rules and names tell what an entry is about."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.feeds import MOST_ENTRIES, USUAL_RULES, Entry, kind_of, names_in, parse_feed, parse_rules
from domain.signals import SignalKind

RSS = """<?xml version="1.0"?><rss version="2.0" xmlns:c="http://purl.org/rss/1.0/modules/content/"><channel>
<title>News</title><link>https://news.example</link>
<item><title>Rocket Works &amp; Co raises $12m</title><link>https://news.example/1</link><guid isPermaLink="false">n-1</guid>
<description>&lt;p&gt;A &lt;b&gt;round&lt;/b&gt;&lt;/p&gt;</description><pubDate>Mon, 02 Mar 2026 10:00:00 +0100</pubDate></item>
<item><title>Rocket Works &amp; Co raises $12m</title><guid>n-1</guid></item><item><description>no words</description></item>
</channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>News</title><link href="https://news.example"/>
<entry><id>n-1</id><title type="html">Rocket Works &amp;amp; Co raises $12m</title><link rel="self" href="https://x.example"/>
<link href="https://news.example/1"/><summary>A round</summary><author><name>Ada</name></author>
<published>2026-03-02T09:00:00Z</published><updated>2026-03-05T09:00:00Z</updated></entry></feed>"""
BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><rss><channel>
<item><title>&b;</title></item></channel></rss>"""


def test_rss_and_atom_say_the_same():
    (atom,) = parse_feed(ATOM.encode())
    (rss,) = parse_feed(RSS.encode("utf-8"))[:1]
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert atom == Entry("n-1", "Rocket Works & Co raises $12m", "A round", "https://news.example/1", at)
    assert (atom.title, rss.text.split()) == (rss.title, ["A", "round"])
    assert parse_feed(RSS.replace('version="1.0"?', 'version="1.0" encoding="iso-8859-1"?').encode("latin-1"))


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (BOMB, "declares entities"),
        (BOMB.replace('"aaaaaaaaaa"', 'SYSTEM "file:///etc/passwd"'), "declares entities"),
        ("<html><body/></html>", "neither RSS nor Atom"),
        ("<rss><channel><item>", "not a feed"),
        ("<rss>" + "<a>" * 60, "nested too deeply"),
        ("", "not a feed"),
    ],
)
def test_what_is_no_feed_or_means_harm_is_refused_with_its_reason(content, says):
    with pytest.raises(InvalidInput, match=says):
        parse_feed(content.encode())


@settings(max_examples=50)
@given(st.binary(max_size=300))
def test_no_bytes_break_the_reading(content):
    with suppress(InvalidInput):
        parse_feed(b"<rss><channel><item><title>" + content)


def test_no_more_entries_are_read_than_one_reading_takes():
    many = "".join(f"<item><title>Entry {n}</title></item>" for n in range(MOST_ENTRIES + 5))
    assert len(parse_feed(f"<rss><channel>{many}</channel></rss>".encode())) == MOST_ENTRIES


@pytest.mark.parametrize(
    ("title", "kind"),
    [("Rocket RAISES ten", "funding"), ("Rocket fundraised", "news"), ("Rocket opens a Series A round", "funding")],
)
def test_the_first_rule_whose_whole_words_are_there_names_the_kind(title, kind):
    assert kind_of(Entry("1", title, "", "", None), parse_rules(USUAL_RULES), SignalKind.NEWS) == kind


def test_rules_are_checked():
    for wrong in ({"kind": "gossip", "words": ["x"]}, {"kind": "news", "words": "x"}, {"kind": "news", "words": ["–"]}):
        with pytest.raises(InvalidInput):
            parse_rules([wrong])


def test_names_are_some_words_in_a_row_that_begin_with_a_capital():
    found = set(names_in("Why Rocket Works’s rival 3M bought Blue Kitchens"))
    assert {"rocket works", "blue kitchens"} <= found
    assert not {"3m", "works", "bought blue kitchens", "bought"} & found - {"works"}
