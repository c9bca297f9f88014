"""The queue of duplicates in a real browser: a pair is looked at, kept apart, asked about again, and merged."""

from __future__ import annotations

import contextlib

import pytest

from domain.duplicates import RecordKind
from domain.tenancy import Scope
from storage.ops.repositories.duplicates import Duplicates
from tests.app.conftest import SCHEMES, keep_picture, make_client
from tests.factories import TESTER, make_contact

pytestmark = pytest.mark.browser
SAID = [
    {"comparison": "prior", "level": "prior", "weight": -9.0},
    {"comparison": "phone", "level": "same", "weight": 14.5},
    {"comparison": "name", "level": "short_form", "weight": 4.2},
    {"comparison": "company", "level": "differs", "weight": -2.0},
]


@pytest.fixture
def pair(running, scheme):
    ours = make_client(running, f"Client seen twice, {scheme}")
    one = make_contact(
        running.store, ours, email=f"kate.{scheme}@quarry.example", first_name="Katherine", last_name="Bell"
    )
    two = make_contact(running.store, ours, email=f"k.{scheme}@mail.example", first_name="Kate", last_name="Bell")
    left, right = sorted((one.contact_id, two.contact_id))
    with running.store.write(Scope.of(ours), TESTER) as work:
        Duplicates(work).add(
            [
                {"entity": "contact", "left_id": left, "right_id": right, "status": "open", "reason": "",
                 "probability": 0.97, "weight": 7.7, "evidence": SAID, "model_version": "test",
                 "fingerprint": Duplicates(work).fingerprint(RecordKind.CONTACT, left, right)}
            ]
        )  # fmt: skip
    return ours


def press(page, key):
    """Presses a key until the pair is decided: a page that is drawn again a moment later swallows one."""
    from playwright.sync_api import expect

    for _ in range(5):
        page.keyboard.press(key)
        with contextlib.suppress(AssertionError):
            expect(page.get_by_text("No pair waits for a decision")).to_be_visible(timeout=4_000)
            return
    raise AssertionError(f"the key {key!r} never decided")


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_pair_is_kept_apart_asked_about_again_and_merged(visit, pair, scheme):
    from playwright.sync_api import expect

    page = visit(f"duplicates?org={pair}", scheme=scheme)
    expect(page.get_by_text("Kate Bell").first).to_be_visible()
    expect(page.get_by_text("What speaks for it")).to_be_visible()
    keep_picture(page, f"duplicates_{scheme}")
    press(page, "n")
    page.get_by_role("radio", name="Kept apart").click()
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Nothing was decided yet")).to_be_visible()
    page.get_by_role("radio", name="Waiting").click()
    expect(page.get_by_text("The record that stays")).to_be_visible()
    press(page, "m")
    page.get_by_role("radio", name="Merged").click()
    expect(page.get_by_role("button", name="Take it back")).to_be_visible()
    keep_picture(page, f"duplicates_merged_{scheme}")
    assert page.problems == []
