"""Times that were only counted answer what times that were read would."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.outreach.limits import Cap, Counted, SendTimes, asked_since, together

NOW = datetime(2026, 3, 29, 10, 30, tzinfo=UTC)
"""The clocks of Berlin went forward in the night."""
LATELY = st.lists(st.integers(0, 26 * 60 - 1).map(lambda minutes: NOW - timedelta(minutes=minutes)), max_size=30)
ZONES = ("UTC", "Europe/Berlin")


def counted(times, zones=ZONES):
    counts = {
        (since, inclusive): SendTimes(times).count_since(since, inclusive=inclusive)
        for since, inclusive in asked_since(NOW, zones)
    }
    return Counted(max(times, default=None), counts, lambda: times)


@given(
    mine=LATELY, others=LATELY, added=st.lists(st.just(NOW), max_size=3), limit=st.integers(0, 20),
    zone=st.sampled_from([*ZONES, "Asia/Tokyo"]), per=st.sampled_from(["day", "hour"]), ahead=st.integers(0, 600),
)  # fmt: skip
def test_counted_times_answer_what_all_of_them_would(mine, others, added, limit, zone, per, ahead):
    read, found = SendTimes([*mine, *others]), together([counted(mine), counted(others)])
    for at in added:
        read.add(at)
        found.add(at)
    for now in (NOW, NOW + timedelta(minutes=ahead)):
        asked = [Cap("any", limit, times, per=per, time_zone=zone) for times in (read, found)]
        assert asked[0].used(now) == asked[1].used(now)
        assert asked[0].frees_at(now) == asked[1].frees_at(now)
    assert (found.newest, len(found), list(found)) == (read.newest, len(read), list(read))


def test_moments_are_read_for_a_wait_alone():
    def read():
        raise AssertionError("nobody had to know them")

    times = Counted(NOW, dict.fromkeys(asked_since(NOW, ["UTC"]), 3), read)
    times.add(NOW)
    assert Cap("any", 5, times).left(NOW) == 1
    assert Cap("any", 5, times, per="hour").frees_at(NOW) == NOW
    assert times.newest == NOW
