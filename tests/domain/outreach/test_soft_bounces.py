"""When failures that may pass are too many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.outreach.soft_bounces import SoftBounceRule, may_pass

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAYS = st.lists(st.integers(0, 400), max_size=8)


@settings(max_examples=60)
@given(days=DAYS, since=st.none() | st.integers(0, 400), failures=st.integers(1, 5), within=st.integers(1, 365))
def test_an_address_rests_if_and_only_if_so_many_failed_within_the_days_and_since_it_last_lived(
    days, since, failures, within
):
    rule = SoftBounceRule(failures=failures, within_days=within, rests_days=14)
    lived = NOW - timedelta(days=since) if since is not None else None
    found = rule.rests_until([NOW - timedelta(days=day) for day in days], NOW, since=lived)
    counted = [day for day in days if day < within and (since is None or day < since)]
    assert found == (NOW + timedelta(days=14) if len(counted) >= failures else None)


@pytest.mark.parametrize(
    ("kind", "detail", "passes"),
    [
        ("bounced", {"bounce": "soft"}, True),
        ("bounced", {"bounce": "hard"}, False),
        ("bounced", {"class": "no_such_address", "phase": "recipient"}, False),
        ("refused", {"class": "mailbox_full", "phase": "recipient"}, True),
        ("refused", {"class": "later", "phase": "recipient"}, True),
        ("refused", {"class": "later", "phase": "connect"}, False),
        ("refused", {"class": "blocked", "phase": "data"}, False),
        ("deferred", {"class": "later", "phase": "recipient"}, False),
    ],
)
def test_only_what_was_the_recipients_fault_and_may_pass_is_counted(kind, detail, passes):
    assert may_pass(kind, detail) is passes
