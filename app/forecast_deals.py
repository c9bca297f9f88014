"""The open deals behind a forecast: by pipeline, owner or stage, down to each deal with its chance and its date."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

import pandas as pd
import streamlit as st

from app import session
from app.api_transport import Json
from app.components import card_title, quiet_note
from app.contact_story import people_of
from app.deal_drawer import open_deal
from app.forecast_api import MOST_DEALS
from app.forecast_words import PERIODS, deal_rows, grouped
from app.formatting import escaped, money, plural
from domain.forecasting.periods import Period

BY = {"owner": "Owner", "pipeline": "Pipeline", "stage": "Stage"}


def deals_card(period: str, day: date | None, pipelines: Mapping[str, str], currency: str, note: str) -> None:
    """`note` stands below the deals."""
    visit = session.current()
    rows = deal_rows(visit.api.forecast_deals(day), period, people_of(visit), pipelines, currency)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title(
                "The deals behind it",
                "**Chance**: to be won by the end of the period, by what became of deals in the same stage for as long. "
                "**Weighted**: amount times chance. **If won, by**: half of such deals that are won are by then. "
                "**People say**: the expected close on the deal; it does not enter the forecast.",
            )
            st.space("stretch")
            by = st.segmented_control(
                "By", list(BY), default="owner", required=True, format_func=BY.__getitem__, key="forecast_by",
                label_visibility="collapsed",
            )  # fmt: skip
        if not rows:
            quiet_note("No deal was open.")
            return
        groups = grouped(rows, by)
        chosen = _groups(groups, by, currency) if len(groups) > 1 else None
        _deals([row for row in rows if chosen is None or row[by] == chosen])
        cut = f" These are the {MOST_DEALS:,} that weigh most." if len(rows) == MOST_DEALS else ""
        more = " Choose a row above to see fewer of them." if len(groups) > 1 and not chosen else ""
        shown = plural(sum(chosen is None or row[by] == chosen for row in rows), "deal")
        st.caption(
            f"{shown}{f' of {escaped(chosen)}' if chosen else ''}, heaviest first; chances are for "
            f"{PERIODS[Period(period)].lower()}. Choose a deal to open it.{more}{cut} {note}"
        )


def _groups(groups: list[Json], by: str, currency: str) -> str | None:
    """The group whose row is chosen; None means all."""
    table = pd.DataFrame(
        {
            BY[by]: [one["name"] for one in groups],
            "Deals": [one["count"] for one in groups],
            "Amount": [money(one["amount_minor"], currency) for one in groups],
            "Weighted": [money(one["weighted"], currency) for one in groups],
        }
    )
    picked = st.dataframe(
        table, hide_index=True, row_height=32, height="auto", key=f"forecast_groups_{by}", on_select="rerun",
        selection_mode="single-row", alt=f"Open deals by {BY[by].lower()}",
    )["selection"]["rows"]  # fmt: skip
    return str(groups[picked[0]]["name"]) if picked and picked[0] < len(groups) else None


def _deals(rows: list[Json]) -> None:
    is_expected = any(row["expected"] for row in rows)
    text, day = st.column_config.TextColumn, st.column_config.DateColumn
    table = pd.DataFrame(
        {
            "Deal": [row["name"] for row in rows],
            "Owner": [row["owner"] for row in rows],
            "Stage": [row["stage"] for row in rows],
            "In it": [plural(row["weeks"], "week") for row in rows],
            "Amount": [row["amount"] for row in rows],
            "Chance": [100 * row["chance"] for row in rows],
            "If won, by": pd.to_datetime([row["won_by"] for row in rows]),
            **({"People say": pd.to_datetime([row["expected"] for row in rows])} if is_expected else {}),
        }
    )
    columns: dict[str, Any] = {
        "Deal": text(width="medium"),
        "Chance": st.column_config.ProgressColumn(format="%d%%", min_value=0.0, max_value=100.0),
        "If won, by": day(format="D MMM YYYY"),
        "People say": day(format="D MMM YYYY"),
    }
    picked = st.dataframe(
        table, hide_index=True, row_height=32, height=min(38 + 32 * len(rows), 390), key="forecast_deals",
        on_select="rerun", selection_mode="single-row", column_config=columns, alt="Open deals with chance and date",
    )["selection"]["rows"]  # fmt: skip
    if picked and picked != st.session_state.get("forecast_opened") and picked[0] < len(rows):
        open_deal(str(rows[picked[0]]["deal_id"]))
    st.session_state["forecast_opened"] = picked
