"""Forecast: what this quarter and the next may still bring, how sure that is, why it changed, and whether it held before."""

from __future__ import annotations

from datetime import date

import pandas as pd
import streamlit as st

from app import forecast_charts, session
from app.api_transport import ApiProblem, Json
from app.charts import ranking
from app.components import as_of, card_title, empty_state, guarded, page_title, quiet_note, tile
from app.deal_drawer import show_deal
from app.forecast_deals import deals_card
from app.forecast_words import (
    CAUSES,
    HOW,
    PARTS,
    PERIODS,
    SHORT,
    coverage_table,
    day_words,
    definition,
    evolution,
    interval_words,
    lacking,
    slippage_words,
    span_words,
)
from app.formatting import SYMBOLS, money, parse, plural
from app.pipeline_words import COUNTS_AS
from domain.forecasting.periods import Part, Period
from domain.forecasting.waterfall import Cause
from domain.imports.money import minor_digits
from domain.permissions import Permission

TILES = {"expected": "Expected", "commit": "Commit", "best": "Best", "worst": "Worst"}
visit = session.current()


def _chosen_day() -> date | None:
    """None is the newest: what was picked stays, also while a newer one is made."""
    picked = st.session_state.get("forecast_as_of")
    return date.fromisoformat(picked) if picked else None


def _head(forecast: Json) -> Json:
    """The period and the day that are looked at."""
    periods = {one["period"]: one for one in forecast["periods"]}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.segmented_control(
            "Period", list(PERIODS), default=Period.THIS_QUARTER, required=True, key="forecast_period",
            format_func=lambda period: f"{PERIODS[period]} · {span_words(periods[period])}",
        )  # fmt: skip
        st.space("stretch")
        st.selectbox(
            "As it was known on", ["", *forecast["days"][1:]], key="forecast_as_of", width=190,
            format_func=lambda day: day_words(day or forecast["days"][0]) + ("" if day else " (newest)"),
        )  # fmt: skip
    found: Json = periods[chosen]
    return found


def _tiles(period: Json, parts: dict[str, Json], currency: str, fresh: str) -> None:
    total = parts[Part.TOTAL]
    with st.grid(4, min_column_width=190):
        for name, label in TILES.items():
            under = SHORT.get(name) or f"80 %: {interval_words(total, 80, currency)}"
            tile(
                label, money(total[f"{name}_minor"], currency), fresh=f"{under} · {fresh}",
                definition=definition(name, total, currency),
            )  # fmt: skip
    st.caption(
        f"{PERIODS[period['period']]}, {day_words(period['starts_on'])} to {day_words(period['ends_on'])}. "
        f"With 95 % it comes to {interval_words(total, 95, currency)}."
    )


def _evolution_card(period: Json, past: list[Json], currency: str) -> None:
    with st.container(border=True, height="stretch"):
        card_title(
            "How the forecast moved, and how it narrows",
            "Each week's forecast of the same period, made from what was known at the end of that week. As the period passes, "
            "less is left to chance.",
        )
        rows = evolution(past, period)
        if len(rows) < 2:
            quiet_note("There is one week to show so far; the chart begins with the second.")
            return
        unit = 10 ** minor_digits(currency)
        actual = rows[-1]["actual_minor"]
        found = [{name: row[f"{name}_minor"] / unit for name in forecast_charts.SERIES} for row in rows]
        days = [day_words(row["as_of_on"]) for row in rows]
        first, last = (money(rows[end]["expected_minor"], currency) for end in (0, -1))
        st.echarts_chart(
            forecast_charts.band(days, found, None if actual is None else actual / unit, SYMBOLS.get(currency, "")),
            height=280, key="forecast_band",
            alt=f"Expected went from {first} on {days[0]} to {last} on {days[-1]}, with its intervals",
        )  # fmt: skip


def _parts_card(parts: dict[str, Json], forecast: Json, currency: str) -> None:
    with st.container(border=True, height="stretch"):
        card_title("Where it comes from", "What is expected of each part; together they are the number above.")
        rows = [
            (label, float(parts[part]["expected_minor"]), money(parts[part]["expected_minor"], currency))
            for part, label in PARTS.items()
        ]
        words = ", ".join(f"{label} {said}" for label, _, said in rows)
        st.echarts_chart(ranking(rows), height=130, key="forecast_parts", alt=words)
        st.caption(
            f"{plural(forecast['open_count'], 'deal')} open. {forecast['new_a_week']:.1f} new ones a week, over the last half year. "
            f"Learned from {plural(forecast['closed_count'], 'closed deal')} and {plural(forecast['week_count'], 'week')}."
        )


def _changes_card(day: date | None) -> None:
    with st.container(border=True, height="stretch"):
        card_title(
            "Why the open pipeline changed in a week",
            "Every open deal times its chance to be won within twelve months, a week before and now. Both weeks are weighed by "
            "what is known now, so that only deals make a difference.",
        )
        found = visit.api.forecast_changes(day)
        currency, unit = found["currency"], 10 ** minor_digits(found["currency"])
        rows = [
            (CAUSES[one["cause"]], one["change_minor"] / unit, _signed(one["change_minor"], currency))
            for one in found["changes"] if one["change_minor"]
        ]  # fmt: skip
        before, after = (money(found[f"{when}_minor"], currency) for when in ("before", "after"))
        st.echarts_chart(
            forecast_charts.waterfall(
                found["before_minor"] / unit, rows, found["after_minor"] / unit, (before, after), good=CAUSES[Cause.WON]
            ),
            height=34 * (len(rows) + 2), key="forecast_changes",
            alt=f"From {before} to {after}: " + ", ".join(f"{name} {said}" for name, _, said in rows),
        )  # fmt: skip
        counts = ", ".join(
            f"{CAUSES[one['cause']].lower()} {plural(one['deal_count'], 'deal')}" for one in found["changes"]
        )
        st.caption(f"{counts.capitalize()}." if counts else "No deal changed.")


def _signed(minor: int, currency: str) -> str:
    return f"+{money(minor, currency)}" if minor > 0 else money(minor, currency)


def _stages_card(forecast: Json, names: dict[str, str]) -> None:
    with st.container(border=True, height="stretch"):
        card_title(
            "What becomes of deals, by stage",
            "Of deals that enter the stage: the chance to be won within twelve months, and when half of those that are won are.",
        )
        many = len({one["pipeline"] for one in forecast["stages"]}) > 1
        rows = [
            {
                **({"Pipeline": names.get(one["pipeline"], "All others")} if many else {}),
                "Stage": COUNTS_AS.get(one["stage"], one["stage"]),
                "Deals": one["reached_count"],
                "Won": 100 * one["chance"],
                "Half by": "–" if one["won_in_weeks"] is None else plural(round(one["won_in_weeks"]), "week"),
            }
            for one in forecast["stages"]
        ]
        st.dataframe(
            pd.DataFrame(rows), hide_index=True, height="auto", row_height=32, alt="Chance and time to win by stage",
            column_config={
                "Deals": st.column_config.NumberColumn(width=60),
                "Won": st.column_config.ProgressColumn(format="%d%%", min_value=0.0, max_value=100.0, width=110),
                "Half by": st.column_config.TextColumn(width=80),
            },
        )  # fmt: skip


def _backtest_card(backtest: Json) -> None:
    with st.container(border=True):
        card_title(
            "Did it hold before?",
            "Every past week's forecast, made from what was known then, beside what was really won. An 80 % interval that holds "
            "far less often is too narrow; forecasts of one quarter share its luck, so quarters are what counts.",
        )
        st.markdown(coverage_table(backtest["coverage"]))
        over = [one for one in backtest["past"] if one["actual_minor"] is not None]
        with st.expander(f"The {plural(len(over), 'forecast')} of periods that are over"):
            if over:
                st.dataframe(_past_table(over, backtest["currency"]), hide_index=True, height=320, row_height=32)
            else:
                quiet_note("None of the periods that were forecast is over.")


def _past_table(over: list[Json], currency: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "Made on": [one["as_of_on"] for one in over],
            "Of": [span_words(one) for one in over],
            "Expected": [money(one["expected_minor"], currency) for one in over],
            "80 %": [interval_words(one, 80, currency) for one in over],
            "Came to": [money(one["actual_minor"], currency) for one in over],
            "Held": [one["low_80_minor"] <= one["actual_minor"] <= one["high_80_minor"] for one in over],
        }
    ).iloc[::-1]


def _too_little(period: Json) -> None:
    empty_state(
        "hourglass_empty", f"{PERIODS[period['period']]} cannot be known yet",
        f"So far: {lacking(period['missing'])}. Deals that you import with the dates of their stages count at once.",
    )  # fmt: skip


def _page() -> None:
    day = _chosen_day()
    try:
        forecast = visit.api.forecast(day)
    except ApiProblem as problem:
        if problem.status != 404:
            raise
        empty_state(
            "query_stats", "No forecast yet",
            "It is made from the history of your deals with every run of the pipeline. Make deals under Deals, or import a file "
            "of them under Imports.",
        )  # fmt: skip
        return
    currency = forecast["currency"]
    period = _head(forecast)
    if not period["estimates"]:
        _too_little(period)
        return
    fresh = as_of(parse(forecast["known_at"]), "known")
    parts = {one["part"]: one for one in period["estimates"]}
    backtest = visit.api.forecast_backtest()
    _tiles(period, parts, currency, fresh)
    left, right = st.columns([2, 1], gap="small")
    with left:
        _evolution_card(period, [one for one in backtest["past"] if one["as_of_on"] <= forecast["as_of_on"]], currency)
    with right:
        _parts_card(parts, forecast, currency)
    pipelines = {one["key"]: one["name"] for one in visit.api.pipelines()} if visit.may(Permission.DEALS_READ) else {}
    left, right = st.columns([3, 2], gap="small")
    with left:
        _changes_card(day)
    with right:
        _stages_card(forecast, pipelines)
    if visit.may(Permission.DEALS_READ):
        deals_card(period["period"], day, pipelines, currency, slippage_words(forecast["slippage"]))
    _backtest_card(backtest)
    with st.expander("How the number is made"):
        st.markdown(HOW)


page_title("Forecast", "What may still be won, and how sure that is.")
with guarded():
    _page()
show_deal()
