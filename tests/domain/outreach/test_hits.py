"""Which requests for a message are programs', told by each alone and by all of them together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.outreach.hits import Hit, HitKind, judge

SENT = datetime(2026, 3, 2, 9, tzinfo=UTC)
BROWSER = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36"
GMAIL = "Mozilla/5.0 (Windows NT 5.1; rv:11.0) Gecko Firefox/11.0 (via ggpht.com GoogleImageProxy)"


def hit(kind, seconds, number=1, **more):
    return Hit(
        HitKind(kind), number, SENT + timedelta(seconds=seconds), **{"method": "GET", "user_agent": BROWSER, **more}
    )


@pytest.mark.parametrize(
    ("one", "reasons"),
    [
        (hit("opened", 3_600, 0), ()),
        (hit("opened", 3_600, 0, user_agent="Mozilla/5.0"), ("privacy_proxy",)),
        (hit("opened", 3_600, 0, user_agent=GMAIL, bot_reasons=("known_bot",)), ()),
        (hit("opened", 4, 0, user_agent=GMAIL), ("image_proxy_prefetch",)),
        (hit("opened", 1, 0), ("within_seconds_of_sending",)),
        (hit("opened", 90, 0, bot_reasons=("security_scanner",)), ("security_scanner",)),
        (hit("clicked", 600), ()),
        (hit("clicked", 2), ("within_seconds_of_sending",)),
        (hit("clicked", 600, method="HEAD", bot_reasons=("datacentre_network",)), ("head_request", "datacentre_network")),
        (hit("trapped", 600, 0xFFFF), ("trap_followed",)),
    ],
)  # fmt: skip
def test_a_request_is_judged_by_what_it_says_and_when_it_comes(one, reasons):
    assert judge([one], SENT) == [reasons]


def test_whoever_follows_several_links_at_once_is_found_out_by_the_second_one():
    first, second, later = hit("clicked", 600), hit("clicked", 603, 2), hit("clicked", 700, 2)
    assert judge([first], SENT) == [()]
    assert judge([first, second, later], SENT) == [("several_links_at_once",)] * 2 + [()]


def test_clicking_one_link_twice_is_what_people_do():
    assert judge([hit("clicked", 600), hit("clicked", 601)], SENT) == [(), ()]


def test_what_comes_with_the_trap_is_the_traps():
    found = judge([hit("clicked", 600), hit("trapped", 605, 0xFFFF), hit("clicked", 900)], SENT)
    assert ["with_the_trap" in reasons for reasons in found] == [True, False, False]


@given(st.lists(st.tuples(st.sampled_from(["opened", "clicked", "trapped"]), st.integers(0, 200), st.integers(1, 3))))
def test_more_requests_never_acquit_an_earlier_one(facts):
    hits = [hit(kind, seconds, number) for kind, seconds, number in facts]
    for count in range(1, len(hits)):
        before, after = judge(hits[:count], SENT), judge(hits, SENT)
        assert all(set(early) <= set(late) for early, late in zip(before, after[:count], strict=True))
