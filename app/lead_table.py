"""The list of leads as a table, with the columns that somebody chose or that hold something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.api_transport import Json
from app.bulk_edit import is_selecting, table_key
from app.column_choice import chosen_of, columns_of
from app.contact_drawer import open_drawer
from app.formatting import BAND_LABELS, SOURCE_WORDS
from app.list_conditions import LEADS
from app.stage_labels import STAGE_LABELS

BAND_CELLS = ["Hot", "Warm", "Cool", "Cold", "No score"]
OWN = (
    "Score",
    "Band",
    "Why",
    "Stage",
    "Title",
    "Company",
    "E-mail",
    "Phone",
    "Country",
    "Owner",
    "Tags",
    "Source",
    "Added",
)
"""Beside the name, which is always there."""


def labels_of(attributes: Sequence[Json]) -> dict[str, str]:
    """What the column of each custom field is called, by its key: no two alike, and none like one of ours."""
    taken, found = {"Name", *OWN}, {}
    for attribute in attributes:
        label = attribute["label"]
        found[attribute["key"]] = label if label not in taken else f"{label} ({attribute['key']})"
        taken.add(found[attribute["key"]])
    return found


def filled_of(items: Sequence[Json], labels: Mapping[str, str]) -> list[str]:
    """The columns that hold something on this page, with the first custom fields where titles and companies are unknown."""
    facts = {
        "Title": any(item["title"] for item in items),
        "Company": any(item["company"] for item in items),
        "E-mail": any(item["email"] for item in items),
    }
    room = 3 - sum(facts.values())
    own = list(labels.values())[: room + 1] if room > 0 else []
    return ["Score", "Band", "Why", "Stage", *(name for name, is_known in facts.items() if is_known), *own,
            *(["Tags"] if any(item["tags"] for item in items) else []), "Source", "Added"]  # fmt: skip


def names_of(attributes: Sequence[Json]) -> list[str]:
    """The columns that can be chosen."""
    return [*OWN, *labels_of(attributes).values()]


def show_table(items: Sequence[Json], attributes: Sequence[Json], people: Mapping[str, str]) -> list[str]:
    """The list; answers the ids of the rows that are ticked, while many are being edited."""
    state = st.session_state
    ids = [item["contact_id"] for item in items]
    selecting = is_selecting(LEADS)

    def clicked() -> None:
        click = state["leads_open"]
        if click is not None:
            open_drawer(ids[int(click["row"])])

    config = st.column_config
    options: dict[str, Any] = {"key": "leads_table"}
    if selecting:
        options = {"key": table_key(LEADS), "on_select": "rerun", "selection_mode": "multi-row"}
    labels = labels_of(attributes)
    shown: Any = st.dataframe(
        _frame(items, labels, people),
        **options,
        hide_index=True,
        height=min(38 + 36 * len(items), 38 + 36 * 15),
        row_height=36,
        column_order=columns_of("Name", chosen_of(LEADS), names_of(attributes), filled_of(items, labels)),
        alt="Leads: name, score with its first reason, stage, company",
        column_config={
            "Name": config.ButtonColumn(
                "Name", width=150, pinned=True, alignment="left", type="tertiary", on_click=clicked, key="leads_open"
            ),
            "Score": config.ProgressColumn("Score", min_value=0, max_value=100, format="%d", width=110),
            "Band": config.MultiselectColumn(
                "Band", options=BAND_CELLS, color=["red", "orange", "blue", "gray", "gray"], width=80
            ),
            "Why": config.TextColumn("Why", width=215, help="The strongest reason; open the lead for all of them."),
            "Stage": config.MultiselectColumn(
                "Stage", options=list(STAGE_LABELS.values()), width=100,
                color=["gray", "blue", "violet", "orange", "yellow", "green", "red"],
            ),
            "Title": config.TextColumn("Title", width=130),
            "Company": config.TextColumn("Company", width=120),
            "E-mail": config.TextColumn("E-mail", width=200),
            "Phone": config.TextColumn("Phone", width=130),
            "Country": config.TextColumn("Country", width=80),
            "Owner": config.TextColumn("Owner", width=120),
            "Tags": config.ListColumn("Tags", width=150),
            "Source": config.TextColumn("Source", width=80),
            "Added": config.DatetimeColumn("Added", format="distance", width=110),
        },
    )  # fmt: skip
    return [ids[row] for row in shown["selection"]["rows"] if row < len(ids)] if selecting else []


def _frame(items: Sequence[Json], labels: Mapping[str, str], people: Mapping[str, str]) -> pd.DataFrame:
    """A row a contact."""
    rows: list[dict[str, Any]] = []
    for item in items:
        score, company = item["score"], item["company"]
        row: dict[str, Any] = {
            "Name": item["display_name"],
            "Score": round(score["score"]) if score else None,
            "Band": [BAND_LABELS[score["band"]] if score else "No score"],
            "Why": score["reasons"][0]["text"] if score and score["reasons"] else "",
            "Stage": [STAGE_LABELS.get(item["lifecycle_stage"], item["lifecycle_stage"])],
            "Title": item["title"],
            "Company": company["name"] if company else "",
            "E-mail": item["email"] or "",
            "Phone": item["phone"],
            "Country": item["country"] or "",
            "Owner": people.get(item["owner_user_id"], "") if item["owner_user_id"] else "",
            "Tags": item["tags"],
            "Source": SOURCE_WORDS.get(item["source"], item["source"]),
            "Added": pd.Timestamp(item["created_at"]),
        }
        for key, label in labels.items():
            value = item["attributes"].get(key)
            row[label] = None if value is None else str(value)
        rows.append(row)
    return pd.DataFrame(rows)
