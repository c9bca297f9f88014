"""When a mailbox is watched, paused or blocked for what its messages came to, and when nobody can know."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.outreach.health import Band, Outcomes, Sender, judge, judge_all

NOTHING = Outcomes()


def week_of(tried: int, bounces: int = 0, complaints: int = 0, **facts):
    found = Outcomes(tried, bounces, complaints)
    return judge(found, found, **facts)


@pytest.mark.parametrize(
    ("tried", "bounces", "complaints", "band", "reason"),
    [
        (49, 49, 0, Band.UNKNOWN, ""),
        (50, 1, 0, Band.GOOD, ""),
        (100, 3, 0, Band.WATCH, "bounces"),
        (100, 5, 0, Band.QUARANTINE, "bounces"),
        (100, 10, 0, Band.BLOCKED, "bounces"),
        (99, 0, 5, Band.GOOD, ""),
        (3_400, 0, 1, Band.GOOD, ""),
        (3_000, 0, 1, Band.WATCH, "complaints"),
        (1_000, 0, 1, Band.QUARANTINE, "complaints"),
        (1_000, 0, 3, Band.BLOCKED, "complaints"),
        (1_000, 100, 3, Band.BLOCKED, "complaints"),
    ],
)
def test_bands_begin_at_their_lines_and_nothing_is_said_of_too_few(tried, bounces, complaints, band, reason):
    found = week_of(tried, bounces, complaints)
    assert (found.band, found.reason) == (band, reason)


def test_a_week_that_holds_too_few_is_read_as_a_month_and_the_reading_says_so():
    found = judge(Outcomes(20, 4), Outcomes(80, 4))
    assert (found.band, found.words) == (Band.QUARANTINE, "5.00% of messages bounced: 4 of 80 within 30 days")
    assert judge(Outcomes(60, 0), Outcomes(200, 40)).band is Band.GOOD


def test_a_band_is_left_well_below_its_line_and_only_for_the_measure_it_came_from():
    assert week_of(1_000, 25).band is Band.GOOD
    assert week_of(1_000, 25, former=Band.WATCH, because="bounces").band is Band.WATCH
    assert week_of(1_000, 25, former=Band.WATCH, because="complaints").band is Band.GOOD
    assert week_of(1_000, 23, former=Band.WATCH, because="bounces").band is Band.GOOD


def sender(name: str, tried: int, bounces: int = 0, *, is_sending: bool = True, **facts) -> Sender:
    found = Outcomes(tried, bounces)
    return Sender(name, "post.example", is_sending, found, found, **facts)


def test_a_domain_stops_with_all_that_still_send_from_it_once_none_of_them_alone_explains_it():
    found = judge_all([sender("ada", 40, 3), sender("ben", 40, 3), sender("eve", 10)])
    assert {each.pauses_for for each in found.values()} == {"domain_bounces"}
    assert found["eve"].health.band is Band.UNKNOWN
    assert found["eve"].words == "post.example: 6.67% of messages bounced: 6 of 90 within 7 days"


def test_who_is_at_fault_stops_first_and_the_others_of_the_domain_go_on():
    found = judge_all([sender("ada", 60, 30), sender("ben", 100)])
    assert {name: each.pauses_for for name, each in found.items()} == {"ada": "bounces", "ben": ""}
    again = judge_all(
        [sender("ada", 60, 30, is_sending=False, former=Band.BLOCKED), sender("ben", 100), sender("eve", 100)]
    )
    assert not any(each.pauses_for for each in again.values())


def test_one_that_stands_still_keeps_its_band_however_old_its_failures_grow():
    found = judge_all([sender("ada", 0, is_sending=False, former=Band.BLOCKED, because="bounces")])["ada"]
    assert (found.health.band, found.health.reason, found.pauses_for) == (Band.BLOCKED, "bounces", "")


BANDS = st.sampled_from(list(Band))
OUTCOMES = st.integers(0, 4_000).flatmap(
    lambda tried: st.builds(Outcomes, st.just(tried), st.integers(0, tried), st.integers(0, tried))
)


@settings(max_examples=60, deadline=None)
@given(seen=OUTCOMES, more=st.integers(0, 50), former=BANDS)
def test_more_failures_among_as_many_messages_never_make_a_better_band(seen, more, former):
    worse = Outcomes(seen.tried, min(seen.tried, seen.bounces + more), min(seen.tried, seen.complaints + more))
    before, after = (judge(each, each, former, "bounces").band for each in (seen, worse))
    assert after.rank >= before.rank


@settings(max_examples=60, deadline=None)
@given(seen=OUTCOMES)
def test_what_a_look_says_it_says_again_so_that_nothing_flaps(seen):
    first = judge(seen, seen)
    assert judge(seen, seen, first.band, first.reason) == first


@settings(max_examples=60, deadline=None)
@given(parts=st.lists(OUTCOMES, max_size=5))
def test_nobody_is_stopped_below_the_floors(parts):
    few = [Outcomes(min(each.tried, 9), min(each.bounces, 9), min(each.complaints, 9)) for each in parts]
    found = judge_all([Sender(str(number), "post.example", True, each, each) for number, each in enumerate(few)])
    assert not any(each.pauses_for for each in found.values())
