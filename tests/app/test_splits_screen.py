"""The A/B steps of a sequence in a real browser: one that nobody can know of yet, and one that is decided."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from tests.app.conftest import SCHEMES, keep_picture, make_client
from tests.factories.splits import make_split_sequence, write_to

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tested(running):
    ours = make_client(running, "Client that tests")
    sequence, then = make_split_sequence(running.store, ours), datetime.now(UTC) - timedelta(days=40)
    write_to(running.store, sequence, "plain", 60, sent_at=then, replied=3)
    write_to(running.store, sequence, "bold", 60, sent_at=then, replied=6)
    return ours, sequence


@pytest.mark.parametrize("scheme", SCHEMES)
def test_nobody_can_know_of_few_and_the_page_says_how_many_are_missing(visit, tested, scheme):
    from playwright.sync_api import expect

    page = visit(f"campaigns?org={tested[0]}", scheme=scheme)
    page.get_by_role("tab", name="A/B").click()
    expect(page.get_by_text("Nobody can know yet")).to_be_visible()
    expect(page.get_by_text("companies more in each arm")).to_be_visible()
    keep_picture(page, f"splits_unknown_{scheme}")
    assert page.problems == []


def test_a_better_arm_is_named_with_what_to_do(visit, tested, running):
    from playwright.sync_api import expect

    ours, sequence = tested
    then = datetime.now(UTC) - timedelta(days=40)
    write_to(running.store, sequence, "plain", 300, sent_at=then, replied=9)
    write_to(running.store, sequence, "bold", 300, sent_at=then, replied=54)
    page = visit(f"campaigns?org={ours}", scheme="light")
    page.get_by_role("tab", name="A/B").click()
    expect(page.get_by_text("bold is better")).to_be_visible()
    keep_picture(page, "splits_better_light")
    assert page.problems == []
