"""Routing: dealt by weight, nobody who is away, never nobody, and always with the way it went."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.routing import Choice, Person, Routing, Rule, parse_person, parse_routing, route, waits_for_score
from domain.working_hours import parse_working_hours

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
OFFICE = parse_working_hours({day: ["09:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")}, "UTC")
EVERYBODY = {name: Person(name) for name in ("ada", "bob", "cleo", "boss")}


def pool(weights, **changes):
    return Routing((Rule("pool", (), Choice.POOL, weights, **changes),), "boss")


def deal(routing, people, count, now=MONDAY, turns=None):
    kept, dealt = dict(turns or {}), []
    for _ in range(count):
        found = route(routing, {}, people, kept, now=now)
        if found.turns is not None:
            kept[found.rule] = found.turns
        dealt.append(found.user_id)
    return dealt, kept


def test_a_pool_is_dealt_by_weight_and_smoothly():
    dealt, _ = deal(pool({"ada": 2, "bob": 1}), EVERYBODY, 6)
    assert dealt == ["ada", "bob", "ada", "ada", "bob", "ada"]


@given(st.dictionaries(st.sampled_from(["ada", "bob", "cleo"]), st.integers(1, 7), min_size=1), st.integers(1, 4))
def test_over_whole_rounds_everybody_gets_their_share_exactly(weights, rounds):
    dealt, _ = deal(pool(weights), EVERYBODY, sum(weights.values()) * rounds)
    assert Counter(dealt) == Counter({name: weight * rounds for name, weight in weights.items()})


def test_somebody_who_comes_back_is_not_flooded_with_what_they_missed():
    routing = pool({"ada": 1, "bob": 1})
    without_bob = {**EVERYBODY, "bob": Person("bob", is_paused=True)}
    dealt, turns = deal(routing, without_bob, 20)
    assert set(dealt) == {"ada"}
    dealt, _ = deal(routing, EVERYBODY, 10, turns=turns)
    assert Counter(dealt) == {"ada": 5, "bob": 5}


@pytest.mark.parametrize(
    ("person", "why"),
    [
        (Person("ada", is_paused=True), "paused"),
        (Person("ada", away=((date(2026, 3, 1), date(2026, 3, 2)),)), "away"),
        (Person("ada", capacity=3, open_count=3), "at_capacity"),
        (Person("ada", hours=OFFICE), "off_duty"),
    ],
)
def test_who_cannot_take_it_is_passed_over_with_the_reason_and_it_is_never_nobodys(person, why):
    night = MONDAY + timedelta(hours=10)
    found = route(pool({"ada": 1}), {}, {"ada": person}, {}, now=night)
    assert (found.user_id, found.rule) == ("boss", "fallback")
    assert found.steps[0].detail == {"ada": why}
    assert found.turns is None


def test_a_pool_that_may_be_woken_is_not_asked_for_its_hours():
    found = route(
        pool({"ada": 1}, is_on_duty_only=False), {}, {"ada": Person("ada", hours=OFFICE)}, {},
        now=MONDAY + timedelta(hours=10),
    )  # fmt: skip
    assert found.user_id == "ada"


def routing_of(*rules):
    return parse_routing({"fallback_user_id": "boss", "rules": list(rules)}, list(EVERYBODY))


def test_the_first_rule_that_holds_and_finds_somebody_decides():
    routing = routing_of(
        {"name": "owner keeps", "choice": "owner"},
        {"name": "account", "choice": "company_owner", "when": ["is_known_company:eq:true"]},
        {"name": "big german", "when": ["country:in:DE,AT", "employee_count:gte:200"], "people": {"ada": 1}},
        {"name": "hot", "when": ["band:eq:hot"], "people": {"bob": 1}},
        {"name": "wants seo", "when": ["attributes.service:contains:SEO"], "people": {"cleo": 1}},
    )

    def owner(**facts):
        return route(routing, facts, EVERYBODY, {}, now=MONDAY)

    assert owner(owner_user_id="cleo", band="hot").rule == "owner keeps"
    assert owner(company_owner_user_id="ada", is_known_company=True).user_id == "ada"
    assert owner(country="de", employee_count=500).rule == "big german"
    assert owner(country="DE", employee_count=50, band="HOT").rule == "hot"
    assert owner(attributes={"service": "Local seo"}).user_id == "cleo"
    nobody = owner(country="FR")
    assert (nobody.user_id, nobody.reason) == ("boss", "no_rule_found_anybody")
    assert [step.outcome for step in nobody.steps] == [
        "nobody",
        "conditions",
        "conditions",
        "conditions",
        "conditions",
        "chosen",
    ]


def test_somebody_who_left_gets_nothing():
    found = route(pool({"gone": 1, "ada": 1}), {}, EVERYBODY, {}, now=MONDAY)
    assert found.user_id == "ada"
    assert found.steps[0].detail["passed_over"] == {"gone": "left"}


@pytest.mark.parametrize(
    "raw",
    [
        {"rules": []},
        {"fallback_user_id": "stranger"},
        {"fallback_user_id": "boss", "rules": [{"name": "x"}]},
        {"fallback_user_id": "boss", "rules": [{"name": "x", "people": {"stranger": 1}}]},
        {"fallback_user_id": "boss", "rules": [{"name": "x", "people": {"ada": 0}}]},
        {"fallback_user_id": "boss", "rules": [{"name": "x", "people": {"ada": 1}, "when": ["moon:eq:full"]}]},
        {"fallback_user_id": "boss", "rules": [{"name": "x", "people": {"ada": 1}}] * 2},
        {"fallback_user_id": "boss", "rules": [{"name": "fallback", "people": {"ada": 1}}]},
        {"fallback_user_id": "boss", "rules": "all"},
    ],
)
def test_rules_that_make_no_sense_are_refused(raw):
    with pytest.raises(InvalidInput):
        parse_routing(raw, list(EVERYBODY))


def test_a_persons_duty_is_read_or_refused():
    read = parse_person("ada", {"capacity": 5, "away": [["2026-03-02", "2026-03-06"]], "hours": {"mon": ["09:00-12:00"]}},
                        time_zone="Europe/Berlin", open_count=2)  # fmt: skip
    assert (read.capacity, read.open_count, read.hours.time_zone) == (5, 2, "Europe/Berlin")
    for raw in ({"capacity": -1}, {"capacity": True}, {"away": ["2026-03-02"]}):
        with pytest.raises(InvalidInput):
            parse_person("ada", raw, time_zone="UTC")


facts = st.fixed_dictionaries(
    {},
    optional={"country": st.sampled_from(["DE", "FR", None]), "score": st.floats(0, 100), "band": st.text(max_size=4)},
)


@given(facts, st.sets(st.sampled_from(["ada", "bob", "cleo"])), st.integers(0, 10_000))
def test_a_lead_is_never_nobodys_and_always_a_members(found_facts, paused, hours):
    routing = routing_of(
        {"name": "hot", "when": ["score:gte:80"], "people": {"ada": 3, "bob": 1}},
        {"name": "french", "when": ["country:eq:fr"], "people": {"cleo": 1}},
    )
    people = {name: Person(name, hours=OFFICE, is_paused=name in paused) for name in EVERYBODY}
    found = route(routing, found_facts, people, {}, now=MONDAY + timedelta(hours=hours))
    assert found.user_id in EVERYBODY
    assert found.user_id not in paused
    assert found.steps[-1].outcome == "chosen"


@pytest.mark.parametrize(
    ("facts", "waits"),
    [
        ({}, True),
        ({"country": "DE"}, False),
        ({"country": "FR", "score": 12.0}, False),
        ({"country": "FR"}, True),
    ],
)
def test_a_lead_waits_for_its_score_only_where_the_answer_hangs_on_it(facts, waits):
    routing = parse_routing(
        {"fallback_user_id": "a", "rules": [
            {"name": "home", "when": ["country:eq:DE"], "people": {"a": 1}},
            {"name": "hot and far", "when": ["score:gte:80", "country:eq:AQ"], "people": {"a": 1}},
            {"name": "hot", "when": ["score:gte:80"], "people": {"a": 1}},
        ]},
        ["a"],
    )  # fmt: skip
    assert waits_for_score(routing, facts, {"a": Person("a")}, now=MONDAY) is waits


def test_a_lead_waits_for_its_score_where_whoever_comes_before_is_away():
    routing = parse_routing(
        {"fallback_user_id": "b", "rules": [
            {"name": "first", "people": {"a": 1}},
            {"name": "hot", "when": ["band:eq:hot"], "people": {"b": 1}},
        ]},
        ["a", "b"],
    )  # fmt: skip
    assert not waits_for_score(routing, {}, {"a": Person("a"), "b": Person("b")}, now=MONDAY)
    assert waits_for_score(routing, {}, {"a": Person("a", is_paused=True), "b": Person("b")}, now=MONDAY)
