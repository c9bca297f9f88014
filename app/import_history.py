"""The imports there have been, and the way back into each."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.components import quiet_note
from app.session import Visit

STATUS = {
    "uploaded": ("Waits for you", "orange"),
    "previewed": ("Waits for you", "orange"),
    "queued": ("Queued", "blue"),
    "running": ("Running", "blue"),
    "done": ("Done", "green"),
    "failed": ("Failed", "red"),
    "undoing": ("Being undone", "violet"),
    "undone": ("Undone", "gray"),
}


def history(visit: Visit) -> None:
    """A table of imports, newest first; a click on the file's name opens it."""
    found = visit.api.imports()
    st.markdown("**History**")
    if not found:
        quiet_note("No file has been imported yet.", "history")
        return
    ids = [item["import_id"] for item in found]

    def opened() -> None:
        click = st.session_state["imports_open"]
        if click is not None:
            st.session_state["import_open"] = ids[int(click["row"])]

    config = st.column_config
    names = list(dict.fromkeys(name for name, _ in STATUS.values()))
    colors = [next(color for name, color in STATUS.values() if name == wanted) for wanted in names]
    st.dataframe(
        pd.DataFrame(
            {
                "File": [item["file_name"] for item in found],
                "Status": [[STATUS.get(item["status"], (item["status"], "gray"))[0]] for item in found],
                "Holds": [item["entity"].capitalize() for item in found],
                "Rows": [item["rows_total"] for item in found],
                "Created": [item["created_count"] for item in found],
                "Updated": [item["updated_count"] for item in found],
                "Skipped": [item["skipped_count"] for item in found],
                "Refused": [item["rejected_count"] for item in found],
                "When": [pd.Timestamp(item["created_at"]) for item in found],
            }
        ),
        key="imports_table",
        hide_index=True,
        row_height=36,
        alt="Imports, newest first",
        column_config={
            "File": config.ButtonColumn(
                "File", width=230, pinned=True, alignment="left", type="tertiary", on_click=opened, key="imports_open"
            ),
            "Status": config.MultiselectColumn("Status", options=names, color=colors, width=120),
            **{
                name: config.NumberColumn(name, format="localized", width=90)
                for name in ("Rows", "Created", "Updated", "Skipped", "Refused")
            },
            "When": config.DatetimeColumn("When", format="distance", width=120),
        },
    )
