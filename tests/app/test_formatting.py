"""Numbers, moments and names in words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app import formatting

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "words"),
    [
        (timedelta(seconds=3), "just now"),
        (timedelta(minutes=4), "4 min ago"),
        (timedelta(hours=3), "3 h ago"),
        (timedelta(days=1, hours=2), "yesterday"),
        (timedelta(days=12), "12 days ago"),
        (timedelta(days=90), "2 Dec 2025"),
    ],
)
def test_a_moment_is_told_as_people_would(before, words):
    assert formatting.ago(NOW - before, NOW) == words
    assert formatting.ago((NOW - before).isoformat(), NOW) == words


def test_no_moment_is_never():
    assert formatting.ago(None, NOW) == "never"
    assert formatting.since(None, NOW) == "–"


@pytest.mark.parametrize(
    ("minor", "currency", "words"),
    [
        (0, "USD", "$0"),
        (1250, "EUR", "€12.50"),
        (125000, "USD", "$1,250"),
        (1_234_500_00, "GBP", "£1.23M"),
        (1_500_000, "JPY", "¥1.50M"),
        (99_900, "SEK", "999 SEK"),
        (-250_000, "USD", "-$2,500"),
        (None, "USD", "–"),
    ],
)
def test_money_is_told_with_its_own_currency_and_minor_units(minor, currency, words):
    assert formatting.money(minor, currency) == words


@pytest.mark.parametrize(
    ("now", "before", "told"),
    [(110, 100, ("+10%", "normal")), (95, 100, ("-5.0%", "normal")), (100, 100, (0, "off")), (5, 0, (None, "off")),
     (5, None, (None, "off"))],
)  # fmt: skip
def test_a_change_is_told_only_where_there_is_something_to_compare(now, before, told):
    assert formatting.change(now, before) == told


def test_text_from_outside_stays_text_in_markdown():
    assert formatting.escaped("[x](http://evil) ![i](y) :red[z] $a$ <b>") == (
        r"\[x\]\(http\://evil\) \!\[i\]\(y\) \:red\[z\] \$a\$ \<b\>"
    )


def test_a_long_name_is_cut_with_a_sign():
    assert formatting.shortened("Rocket Works International", 12) == "Rocket Work…"
    assert formatting.shortened("Acme", 12) == "Acme"
