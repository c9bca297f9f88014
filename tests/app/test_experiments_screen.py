"""The Experiments page in a real browser: a winner in one sentence, a draft that is made, and a decision with its reason."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import insert

from domain.clock import utc_now
from domain.ids import new_id
from domain.tenancy import Scope
from storage.ops.repositories.experiments import Experiments
from storage.ops.tables import Contact, Deal
from tests.app.conftest import SCHEMES, click_until, keep_picture, make_client
from tests.factories import SYSTEM, TESTER
from tests.factories.experiments import expose

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def tried(running):
    """A client with an experiment whose second arm is plainly better."""
    ours, now = make_client(running, "Client with experiments"), utc_now()
    began, store = now - timedelta(days=20), running.store
    with store.write(Scope.of(ours), TESTER) as work:
        made = Experiments(work).add(
            "hero",
            {"name": "Shorter hero", "hypothesis": "Less to read, more to do.", "unit": "person", "metric": "deal_opened",
             "arms": [{"key": "now", "weight": 1}, {"key": "short", "weight": 1}]},
        )  # fmt: skip
        Experiments(work).change(made, {"state": "running", "started_at": began})
    for arm, won in (("now", 12), ("short", 60)):
        ids = [new_id() for _ in range(200)]
        stamps = {"created_at": now, "updated_at": now, "organization_id": ours}
        with store.write(SYSTEM, TESTER) as work:
            work.session.execute(
                insert(Contact), [{"contact_id": one, "email": f"{one}@x.example", "known_at": now, **stamps} for one in ids]
            )  # fmt: skip
            work.session.execute(
                insert(Deal),
                [{"deal_id": new_id(), "contact_id": one, "name": "Deal", "opened_at": began + timedelta(days=2), **stamps}
                 for one in ids[:won]],
            )  # fmt: skip
        row = {"organization_id": ours, "experiment_id": made.experiment_id}
        expose(store, row, arm, [f"contact:{one}" for one in ids], at=began)
    return ours


@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_winner_is_told_in_a_sentence_and_a_draft_is_made(visit, tried, scheme):
    from playwright.sync_api import expect

    page = visit(f"experiments?org={tried}", scheme=scheme, width=1280)
    if scheme == "dark":
        keep_picture(page, "experiments_dark")
        click_until(page.get_by_role("button", name="New experiment"), page.get_by_label("Name"))
        page.get_by_label("Name").fill("Button says demo")
        keep_picture(page, "experiments_new")
        page.get_by_role("button", name="Make a draft").click()
        expect(page.get_by_text("Nobody has met an arm")).to_be_visible()
        keep_picture(page, "experiments_draft")
    else:
        expect(page.get_by_text("short is better: use it")).to_be_visible()
        keep_picture(page, "experiments_light")
        click_until(page.get_by_role("button", name="Stop and decide"), page.get_by_role("textbox", name="Why"))
        page.get_by_role("textbox", name="Why").fill("Shorter reads better.")
        page.get_by_role("dialog").get_by_role("button", name="Stop and decide").click()
        expect(page.get_by_text("Everybody gets short: Shorter reads better.")).to_be_visible()
        keep_picture(page, "experiments_decided")
    assert page.problems == []
