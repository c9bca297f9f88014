"""Trying an import: exact counts and reasons for the whole file, before anything is written."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.api_transport import Json
from app.components import attempt, card_title, guarded
from app.session import Visit

KEPT = "import_preview"
OUTCOMES = {"created": "Created", "updated": "Updated", "skipped": "Skipped", "rejected": "Refused"}
OUTCOME_COLORS = ["green", "blue", "gray", "red"]


def preview(visit: Visit, found: Json) -> None:
    """The button that tries, what came of it, and the button that starts."""
    with st.container(horizontal=True, vertical_alignment="center"):
        asked = st.button(
            "Try it", icon=":material/science:", key="import_try", type="secondary" if KEPT in st.session_state else "primary",
            help="Reads the whole file and counts; nothing is written.",
        )  # fmt: skip
        st.button(
            "Start import", icon=":material/play_arrow:", key="import_start", disabled=not visit.may_write,
            type="primary" if KEPT in st.session_state else "secondary",
            on_click=_start, args=(visit, found["import_id"]),
        )  # fmt: skip
    if asked:
        with guarded(), st.spinner("Reading the whole file…"):
            st.session_state[KEPT] = visit.api.preview_import(found["import_id"])
        st.rerun()
    if KEPT in st.session_state:
        _show(st.session_state[KEPT])


def _start(visit: Visit, import_id: str) -> None:
    if attempt(lambda: visit.api.start_import(import_id), "Queued."):
        st.session_state.pop(KEPT, None)


def counts(numbers: Json, *, is_trial: bool) -> None:
    """Four tiles: created, updated, skipped, refused."""
    words = {
        "created_count": ("Would be created" if is_trial else "Created", "Rows that make a new record."),
        "updated_count": ("Would be updated" if is_trial else "Updated", "Rows of somebody who is here already."),
        "skipped_count": ("Would be skipped" if is_trial else "Skipped", "Rows that change nothing, by your choice."),
        "rejected_count": (
            "Would be refused" if is_trial else "Refused",
            "Rows that cannot be used; each has a reason.",
        ),
    }
    with st.grid(4, min_column_width=150):
        for name, (label, meaning) in words.items():
            st.metric(label, f"{numbers[name]:,}", help=meaning, border=True)


def reasons_table(reasons: list[Json]) -> None:
    """How many rows met which reason."""
    st.dataframe(
        pd.DataFrame(
            {
                "Rows": [reason["row_count"] for reason in reasons],
                "Reason": [reason["reason"] for reason in reasons],
                "So they are": [[OUTCOMES.get(reason["outcome"], reason["outcome"])] for reason in reasons],
            }
        ),
        hide_index=True, row_height=34, alt="Reasons and how many rows met them",
        column_config={
            "Rows": st.column_config.NumberColumn(format="localized", width=80),
            "Reason": st.column_config.TextColumn(width="large"),
            "So they are": st.column_config.MultiselectColumn(options=list(OUTCOMES.values()), color=OUTCOME_COLORS),
        },
    )  # fmt: skip


def _show(tried: Json) -> None:
    counts(tried, is_trial=True)
    if tried["reasons"]:
        with st.container(border=True):
            card_title("What was noticed")
            reasons_table(tried["reasons"])
            if tried["examples"]:
                st.caption("For example:")
                examples = [
                    {**row, "outcome": OUTCOMES.get(row["outcome"], row["outcome"])} for row in tried["examples"]
                ]
                st.dataframe(
                    pd.DataFrame(examples).rename(
                        columns={"line": "Line", "outcome": "So it is", "reason": "Reason", "raw": "As it stands"}
                    ),
                    hide_index=True, row_height=34, alt="Example rows with their reason",
                    column_config={"As it stands": st.column_config.TextColumn(width="large")},
                )  # fmt: skip
    if tried["sample"]:
        with st.expander("The first rows as they would be stored"):
            st.dataframe(
                pd.DataFrame([{**row["fields"], **row["attributes"]} for row in tried["sample"]]).astype(str),
                hide_index=True, row_height=34, alt="The first rows as they would be stored",
            )  # fmt: skip
