"""Shared learning on the screen: what a client starts from, its switches, and the agency's table of who takes part."""

from __future__ import annotations

import re

import pytest

from app.shared_learning import clients_table, levels_table, started_from_words
from domain.priors.chances import ClientPrior, LevelPrior
from domain.priors.features import Count
from domain.tenancy import Scope
from storage.ops.repositories.scores import Scores
from storage.ops.repositories.shared_learning import SharedLearning
from tests.app.conftest import SCHEMES, click_cell, click_until, keep_picture, make_client, open_tab, score_contact
from tests.factories import TESTER, make_contact

WHY = "Agreed in the contract of 3 March"
PRIOR = ClientPrior(
    0.083, 50, 0.7, 4, 5200, Count(34, 3),
    {
        ("source", "form"): LevelPrior(0.5, 100, 4, 1900, Count(20, 3)),
        ("source", "import"): LevelPrior(-0.3, 100, 4, 2700, Count(14, 0)),
        ("first_touch_channel", "Paid Search"): LevelPrior(0.1, 100, 4, 1100, Count(9, 1)),
        ("first_touch_channel", "Referral"): LevelPrior(0.8, 100, 3, 310, Count(4, 1)),
        ("first_touch_channel", "unknown"): LevelPrior(-0.1, 100, 4, 2500, Count(21, 1)),
        ("email_domain_type", "corporate"): LevelPrior(0.2, 100, 4, 3900, Count(29, 3)),
        ("email_domain_type", "free"): LevelPrior(-0.8, 100, 4, 1200, Count(5, 0)),
        ("seniority", "executive"): LevelPrior(0.6, 100, 4, 740, Count(5, 1)),
        ("seniority", "manager"): LevelPrior(0.1, 100, 4, 2000, Count(12, 1)),
        ("seniority", "unknown"): LevelPrior(-0.2, 100, 4, 1900, Count(17, 1)),
        ("company_size", "51-200"): LevelPrior(0.3, 100, 3, 900, Count(6, 1)),
        ("country", "DE"): LevelPrior(0.2, 100, 4, 2100, Count(30, 3)),
        ("country", "AT"): LevelPrior(own=Count(2, 0)),
    },
)  # fmt: skip


@pytest.fixture(scope="module")
def newcomer(running) -> str:
    """A client that uses and gives, with a prior and one lead that shows it."""
    ours = make_client(running, "Harbour Bikes")
    switch(running, ours)
    with running.store.write(Scope.of(ours), TESTER) as work:
        SharedLearning(work).keep_prior(PRIOR, work.now())
    lead = make_contact(
        running.store, ours, email="wim@freight.example", first_name="Wim", last_name="Bakker", title="CEO"
    )
    score_contact(running.store, lead, 62, "warm")
    chance = PRIOR.chances().of(("form", "Referral", "corporate", "executive", "51-200", "DE"))
    with running.store.write(Scope.of(ours), TESTER) as work:
        kept = Scores(work).find(lead.contact_id)
        kept.probability = chance.probability
        kept.model_version = "rules-default"
        kept.reasons = [
            {"text": "Title says decision maker", "effect": 14, "source": "rule"},
            {"text": PRIOR.words(chance), "effect": 0.0, "source": "prior"},
        ]
    return ours


def switch(running, client: str, *, gives: bool = True, uses: bool = True) -> None:
    with running.store.write(Scope.of(client), TESTER) as work:
        SharedLearning(work).switch(gives=gives, uses=uses, by="mara@northwind.example", reason=WHY)


def test_a_level_of_which_nothing_is_told_shows_ones_own_leads_only():
    chance = {"probability": 0.12, "low": 0.05, "high": 0.25}
    level = {
        "label": "Country",
        "level": "unknown",
        "chance": chance,
        "client_count": 0,
        "people_count": 0,
        "own_count": 2,
    }
    (row,) = levels_table([level]).to_dict("records")
    assert (row["Level"], row["Chance"], row["95 % interval"], row["Your own"]) == ("Unknown", 12.0, "5.0% to 25%", 2)
    assert row["Clients"] is None


def test_who_never_switched_is_said_so():
    held = {"gives": False, "uses": False, "by": "", "reason": "", "since": None}
    (row,) = clients_table([{"name": "Alpine", "switches": held}]).to_dict("records")
    assert (row["Gives counts"], row["When"], row["Why"]) == (False, "never switched", "–")


def test_a_model_or_nothing_at_all_is_not_said_to_be_started_from():
    prior = {"client_count": 4, "people_count": 5200, "own_count": 0}
    assert started_from_words({"status": "own_model", "prior": prior}) == ""
    assert started_from_words({"status": "waiting", "prior": None}) == ""
    assert "4 clients of the agency, 5,200 people: see" in started_from_words({"status": "in_use", "prior": prior})


@pytest.mark.browser
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_client_sees_what_its_leads_start_from_and_turns_its_switches(visit, running, newcomer, scheme):
    from playwright.sync_api import expect

    page = visit(f"model?org={newcomer}", scheme)
    expect(page.get_by_text("starts from 4 clients of the agency").first).to_be_visible(timeout=20_000)
    open_tab(page, "Shared learning")
    expect(page.get_by_text("In use", exact=True)).to_be_visible(timeout=20_000)
    expect(page.get_by_text("5,200 people, rounded down")).to_be_visible()
    expect(page.get_by_text(WHY)).to_be_visible()
    keep_picture(page, f"shared_learning_client_{scheme}")
    assert page.problems == []


@pytest.mark.browser
def test_switching_takes_a_reason_and_shows_at_once(visit, running):
    from playwright.sync_api import expect

    silent = make_client(running, "Silent Lamps")
    page = visit(f"model?org={silent}")
    open_tab(page, "Shared learning")
    expect(page.get_by_text("Both are off until somebody turns them on.")).to_be_visible(timeout=20_000)
    page.get_by_text("Give counts to the agency's other clients").click()
    page.get_by_role("textbox", name="Why").fill(WHY)
    click_until(page.get_by_role("button", name="Save"), page.get_by_text(re.compile(f"mara@.*{WHY}")))
    with running.store.read(Scope.of(silent)) as work:
        held = SharedLearning(work).held().switches
    assert (held.gives, held.uses, held.reason) == (True, False, WHY)
    assert page.problems == []


@pytest.mark.browser
def test_the_agency_sees_who_takes_part(visit, running, newcomer):
    from playwright.sync_api import expect

    page = visit("settings")
    page.get_by_role("radio", name="Shared learning").or_(
        page.get_by_role("button", name="Shared learning")
    ).first.click()
    expect(page.get_by_text("Who learns from whom")).to_be_visible(timeout=20_000)
    expect(page.get_by_text(re.compile("clients give counts"))).to_be_visible()
    keep_picture(page, "shared_learning_agency")
    assert page.problems == []


@pytest.mark.browser
def test_a_lead_shows_its_chance_and_whence_it_comes(visit, running, newcomer):
    from playwright.sync_api import expect

    page = visit(f"leads?org={newcomer}")
    click_cell(page, 0, "Chance to convert")
    expect(
        page.get_by_text(re.compile("from 4 clients of the agency, 5,200 people, and 34 leads of your own"))
    ).to_be_visible()
    keep_picture(page, "shared_learning_lead")
    assert page.problems == []
