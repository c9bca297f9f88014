"""The list of companies as a table, with the columns that somebody chose or that hold something."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.api_transport import Json
from app.bulk_edit import table_key
from app.column_choice import chosen_of, columns_of
from app.company_drawer import known_by, open_company
from app.formatting import COMPANY_COLORS, COMPANY_LABELS
from app.list_conditions import COMPANIES

OWN = (
    "Status",
    "Quality",
    "Like customers",
    "Visits",
    "People",
    "Last seen",
    "Source",
    "Most read",
    "Industry",
    "Employees",
    "Country",
    "Known by",
    "Owner",
    "Tags",
)
"""Beside the name, which is always there."""


def filled_of(items: Sequence[Json]) -> list[str]:
    """The columns that hold something on this page."""
    facts = {
        "Like customers": "lookalike",
        "Source": "source",
        "Most read": "pages",
        "Industry": "industry",
        "Employees": "employee_count",
        "Country": "country",
        "Owner": "owner_name",
        "Tags": "tags",
    }
    return [name for name in OWN if name not in facts or any(item[facts[name]] for item in items)]


def status_column() -> Any:
    """What a company is to us, in its colour."""
    return st.column_config.MultiselectColumn(
        "Status", options=list(COMPANY_LABELS.values()), color=list(COMPANY_COLORS.values()), width=95
    )


def show_table(items: Sequence[Json]) -> list[Json]:
    """The page's rows; answers those that are ticked."""

    def clicked() -> None:
        click = st.session_state["companies_open"]
        if click is not None:
            open_company(items[int(click["row"])]["company_id"])

    config = st.column_config
    chosen = st.dataframe(
        _frame(items),
        key=table_key(COMPANIES),
        hide_index=True,
        height=min(38 + 36 * len(items), 38 + 36 * 15),
        row_height=36,
        column_order=columns_of("Company", chosen_of(COMPANIES), OWN, filled_of(items)),
        on_select="rerun",
        selection_mode="multi-row",
        alt="Companies: name, status, quality, visits, people and how we know of them",
        column_config={
            "Company": config.ButtonColumn(
                "Company", width=170, pinned=True, alignment="left", type="tertiary", on_click=clicked,
                key="companies_open",
            ),
            "Status": status_column(),
            "Quality": config.ProgressColumn(
                "Quality", min_value=0, max_value=10, format="%d", width=95,
                help="2 to 10: half activity (visits, people, how recent), half what is known of it.",
            ),
            "Like customers": config.ProgressColumn(
                "Like customers", min_value=0, max_value=100, format="%d", width=120,
                help="The share of your customers that it equals or beats in closeness to the others.",
            ),
            "Visits": config.NumberColumn("Visits", width=70),
            "People": config.NumberColumn("People", width=75),
            "Last seen": config.DatetimeColumn("Last seen", format="distance", width=105),
            "Source": config.TextColumn("Source", width=115, help="Channel of its first visit."),
            "Most read": config.TextColumn("Most read", width=165),
            "Industry": config.TextColumn("Industry", width=105),
            "Employees": config.NumberColumn("Employees", width=90, format="localized"),
            "Country": config.TextColumn("Country", width=75),
            "Known by": config.TextColumn("Known by", width=200),
            "Owner": config.TextColumn("Owner", width=110),
            "Tags": config.ListColumn("Tags", width=150),
        },
    )  # fmt: skip
    return [items[row] for row in chosen.selection.rows if row < len(items)]


def _frame(items: Sequence[Json]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "Company": item["name"],
                "Status": [COMPANY_LABELS[item["status"]]],
                "Quality": item["quality"]["total"],
                "Like customers": item["lookalike"]["score"] if item["lookalike"] else None,
                "Visits": item["session_count"],
                "People": max(item["visitor_count"], item["contact_count"]),
                "Last seen": pd.Timestamp(item["last_seen_at"]) if item["last_seen_at"] else pd.NaT,
                "Source": item["source"] or "",
                "Most read": ", ".join(item["pages"][:2]),
                "Industry": item["industry"] or "",
                "Employees": item["employee_count"],
                "Country": item["country"] or "",
                "Known by": known_by(item),
                "Owner": item["owner_name"] or "",
                "Tags": item["tags"],
            }
            for item in items
        ]
    )
