"""The Forecast page: numbers with intervals, why they changed, the deals behind them, and what is missing where it is."""

from __future__ import annotations

import polars as pl
import pytest

from domain.tenancy import Scope
from models_ml.forecast.publish import forecast_organization
from storage.lake import Lake
from storage.ops.repositories.deals import Deals
from tests.app.conftest import SCHEMES, click_until, keep_picture, make_client
from tests.app.test_pages import opened
from tests.factories import TESTER
from tests.models_ml.forecast.lakes import history_of
from tests.models_ml.forecast.worlds import MOMENT, Agency, Nature, draw_agency

NAMES = ("Rollout at Rocket Works", "Alpine Freight, retainer", "Blue Kitchens relaunch", "Fjord audit", "Marble app")


def forecast_for(running, organization_id: str, nature: Nature) -> None:
    """Its forecasts in the lake; the heaviest open deals are in the store, with names."""
    agency = draw_agency(nature, seed=5)
    is_open = (
        agency.entries.filter(pl.col("known_at") <= MOMENT)
        .group_by("deal_id")
        .agg(pl.col("stage").sort_by("seq").last())
    )
    ids = is_open.filter(~pl.col("stage").is_in(["won", "lost"])).sort("deal_id")["deal_id"].to_list()
    with running.store.write(Scope.of(organization_id), TESTER) as work:
        made = {
            old: Deals(work).create(name, owner_user_id=None).deal_id
            for old, name in zip(ids[-5:], NAMES, strict=False)
        }
    entries, states = (frame.with_columns(pl.col("deal_id").replace(made)) for frame in (agency.entries, agency.states))
    by = pl.when(pl.col("deal_id").is_in(list(made.values()))).then(9).otherwise(1)
    renamed = Agency(entries, states.with_columns(pl.col("amount_minor") * by))
    lake = Lake.open(running.settings)
    lake.migrate()
    forecast_organization(lake, history_of(organization_id, renamed), now=MOMENT, draws=30)


@pytest.fixture(scope="module")
def busy(running) -> str:
    ours = make_client(running, "Client with deals")
    forecast_for(running, ours, Nature(a_week=3.0, years=0.9, days_a_stage=12, luck=0.2))
    return ours


@pytest.fixture(scope="module")
def quiet(running) -> str:
    ours = make_client(running, "Client with hardly a deal")
    forecast_for(running, ours, Nature(a_week=0.5, years=0.2))
    return ours


def test_every_number_says_what_it_promises_and_an_older_day_says_what_was_known_then(running, busy):
    at = opened(running, running.token, "forecast", busy)
    shown = {tile.label: tile.value for tile in at.metric}

    assert list(shown) == ["Expected", "Commit", "Best", "Worst"]
    assert "Four of five futures bring at least this." in [tile.help for tile in at.metric]
    deals = next(table.value for table in at.dataframe if "Chance" in table.value)
    assert set(NAMES) <= set(deals["Deal"])
    assert any("forecasts held what was really won" in found.value for found in at.markdown)

    at.selectbox(key="forecast_as_of").select_index(5).run()

    assert not at.exception
    assert {tile.label: tile.value for tile in at.metric} != shown


def test_too_little_history_is_said_in_numbers(running, quiet):
    at = opened(running, running.token, "forecast", quiet)

    said = " ".join(found.value for found in at.markdown)
    assert "This quarter cannot be known yet" in said
    assert "of 20 deals that were won or lost" in said


def test_without_any_forecast_the_page_says_where_it_comes_from(running):
    at = opened(running, running.token, "forecast", make_client(running, "Client without deals"))

    assert "No forecast yet" in " ".join(found.value for found in at.markdown)


@pytest.mark.browser
@pytest.mark.parametrize("scheme", SCHEMES)
def test_a_director_reads_what_may_be_won_and_opens_a_deal(visit, busy, scheme):
    from playwright.sync_api import expect

    page = visit(f"forecast?org={busy}", scheme=scheme, width=1280)
    expect(page.get_by_text("Did it hold before?")).to_be_visible()
    keep_picture(page, f"forecast_{scheme}")
    table = page.get_by_test_id("stDataFrame").filter(has_text="If won, by")
    drawer = page.get_by_role("dialog")
    click_until(table, drawer, position={"x": 20, "y": 38 + 16})
    expect(drawer.get_by_text("History")).to_be_visible()
    assert page.problems == []
