"""A newer version of the rules about machines rewrites the marts, and tells what changed in them."""

from __future__ import annotations

from datetime import timedelta

from orchestration import rejudging
from tests.dbt_project.world import BUILD_AT


def test_a_new_version_rewrites_everything_and_says_what_changed(told):
    lines = rejudging.newest(told.world.lake, "rejudged")
    found = {(one.measure, one.dimension): (one.before, one.after) for one in lines}
    assert {(one.from_version, one.to_version) for one in lines} == {(1, 2)}
    assert found["sessions_changed", "convicted"] == found["sessions_changed", "acquitted"] == (0, 1)
    assert found["sessions", "machine"] == (1, 1)
    assert (found["events", "machine"], found["events", "human"]) == ((4, 2), (2, 4))
    assert (found["mail_acts", "human clicks"], found["mail_acts", "machine clicks"]) == ((2, 0), (0, 2))
    assert (found["credits", "Outbound Email"][0] > 0, found["credits", "Outbound Email"][1]) == (True, 0)
    assert (found["credits", "Referral"][0], found["credits", "Referral"][1] > 0) == (0, True)
    assert (found["credits", "Organic Search"][0] > 0, found["credits", "Organic Search"][1]) == (True, 0)


def test_the_same_version_again_changes_nothing_and_nobody_else_is_in_the_report(told):
    assert rejudging.begin(told.world.lake, BUILD_AT) == 0
    assert rejudging.finish(told.world.lake, rejudging.MARTS) == 0
    assert rejudging.newest(told.world.lake, "machines") == []
    assert rejudging.newest(told.world.lake, "rejudged", since=BUILD_AT) != []
    assert rejudging.newest(told.world.lake, "rejudged", since=BUILD_AT + timedelta(seconds=1)) == []
