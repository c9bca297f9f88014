"""What behaviour is a sign of: prices, returns, files, answers; and a company whose people come oftener than they used to."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from domain.behaviour import AWAY, OTHERS, Reaction, VisitDay, of_bursts, of_reaction, of_visits
from domain.replies.intents import Intent
from domain.signals import SignalKind

TODAY = date(2026, 3, 2)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUIET = VisitDay(TODAY, "ada", "lovelace", "s1", 1, 0, 0, NOON, NOON, None)
REPLY = Reaction("r1", "email_reply", "ada", "lovelace", "", "", "", NOON)


def titles(**changes):
    return [signal.title for signal in of_visits(replace(QUIET, **changes))]


def test_prices_looked_at_again_a_return_and_files_are_signs_and_a_first_look_is_none():
    assert titles(pricing_view_count=1) == []
    assert titles(pricing_view_count=3) == ["Looked at prices 3 times in a day"]
    assert titles(download_count=2) == ["Downloaded 2 files"]
    assert titles(page_view_count=4, former_visit_at=NOON - AWAY) == ["Came back to the site after 14 days, 4 pages"]
    assert titles(page_view_count=4, former_visit_at=NOON - timedelta(days=13)) == []
    assert titles(page_view_count=1, former_visit_at=NOON - AWAY) == []


def test_a_sign_stays_the_same_when_the_visitor_is_recognized_later():
    (before,) = of_visits(replace(QUIET, contact_id=None, pricing_view_count=2))
    (after,) = of_visits(replace(QUIET, pricing_view_count=5))
    assert before.dedupe_key("lovelace") == after.dedupe_key("ada")


@pytest.mark.parametrize(("intent", "strength"), [("interested", 40), ("", 15), ("not_now", 15)])
def test_an_answer_weighs_by_what_it_asks_for(intent, strength):
    found = of_reaction(replace(REPLY, intent=intent))
    assert (found.kind, found.strength, found.contact_id) == (SignalKind.EMAIL_ENGAGEMENT, strength, "ada")


@pytest.mark.parametrize("intent", [Intent.NOT_INTERESTED, Intent.UNSUBSCRIBE, Intent.LEGAL])
def test_a_no_is_no_signal(intent):
    assert of_reaction(replace(REPLY, intent=intent.value)) is None


def test_every_kind_of_reaction_is_told_with_its_campaign_and_page():
    for kind in OTHERS:
        found = of_reaction(replace(REPLY, kind=kind, campaign="Spring", page_url="javascript:alert(1)"))
        assert found.url == ""
        assert found.title.endswith(": Spring") or kind == "email_reply"
    assert of_reaction(replace(REPLY, kind="form", page_url="https://a.example/")).url == "https://a.example/"


def visits(company_id, *days_ago):
    return [
        replace(
            QUIET, company_id=company_id, visited_on=TODAY - timedelta(days=ago), first_session_id=f"{company_id}{n}"
        )
        for n, ago in enumerate(days_ago)
    ]  # fmt: skip


def test_a_burst_is_told_once_of_the_morning_on_which_it_could_be_seen():
    told = visits("lovelace", 80, 60, 3, 3, 2, 2, 1) + visits("babbage", *range(7, 90, 4))
    (found,) = of_bursts(told, TODAY)
    assert (found.company_id, found.title) == ("lovelace", "More visits than usual: 4 in seven days, 0.2 expected")
    (again,) = of_bursts(told, TODAY + timedelta(days=2))
    assert again.dedupe_key("x") == found.dedupe_key("x")
    assert again.observed_at == datetime.combine(TODAY - timedelta(days=1), time(), UTC)
    assert of_bursts(told, TODAY + timedelta(days=9)) == []


def test_where_nothing_is_going_on_hardly_any_company_is_called_unusual():
    draw = random.Random(5)
    told = [day for each in range(200) for day in visits(f"c{each}", *(draw.randrange(1, 91) for _ in range(12)))]
    assert len(of_bursts(told, TODAY)) <= 1


def test_without_enough_past_nothing_is_unusual():
    assert of_bursts(visits("lovelace", *[1] * 9, 20), TODAY) == []
    assert of_bursts([], TODAY) == []
