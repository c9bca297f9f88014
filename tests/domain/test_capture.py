"""How much of an event may be kept, and when it comes too late or too early."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.capture import Rejection, judge_time, permission
from domain.events import ConsentLevel

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MONTH = timedelta(days=30)


@pytest.mark.parametrize(
    ("asked", "ids", "person", "describe"),
    [
        ("none", False, False, False),
        ("anonymous", False, False, True),
        ("session", True, False, True),
        ("full", True, True, True),
    ],
)
def test_each_level_permits_more_than_the_one_before(asked, ids, person, describe):
    found = permission(ConsentLevel(asked), False, False)
    assert (found.may_keep_ids, found.may_link_to_person, found.may_describe_visitor) == (ids, person, describe)
    assert not found.is_lowered


@pytest.mark.parametrize(("gpc", "dnt"), [(True, False), (False, True), (True, True)])
def test_a_signal_lowers_consent_and_never_raises_it(gpc, dnt):
    assert permission(ConsentLevel.FULL, gpc, dnt).level is ConsentLevel.ANONYMOUS
    assert permission(ConsentLevel.FULL, gpc, dnt).is_lowered
    assert permission(ConsentLevel.NONE, gpc, dnt).level is ConsentLevel.NONE
    assert not permission(ConsentLevel.NONE, gpc, dnt).is_lowered


@pytest.mark.parametrize("skew", [timedelta(0), timedelta(days=1), timedelta(days=-1), timedelta(days=4000)])
def test_a_wrong_clock_changes_nothing_when_it_says_when_it_sent(skew):
    happened, sent = NOON - timedelta(minutes=5) + skew, NOON + skew
    assert judge_time(happened, sent, received_at=NOON, longest=MONTH) is None
    assert judge_time(happened - MONTH, sent, received_at=NOON, longest=MONTH) is Rejection.TOO_LATE
    assert judge_time(sent + timedelta(hours=1), sent, received_at=NOON, longest=MONTH) is Rejection.IN_THE_FUTURE


def test_without_the_moment_of_sending_ours_counts():
    assert judge_time(NOON - MONTH, None, received_at=NOON, longest=MONTH) is None
    assert judge_time(NOON - MONTH - timedelta(seconds=1), None, received_at=NOON, longest=MONTH) is Rejection.TOO_LATE
    assert judge_time(NOON + timedelta(hours=23), None, received_at=NOON, longest=MONTH) is None
    assert judge_time(NOON + timedelta(hours=25), None, received_at=NOON, longest=MONTH) is Rejection.IN_THE_FUTURE
