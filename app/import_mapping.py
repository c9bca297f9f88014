"""What was read in a file, and the table in which a person says what each column means."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.api_transport import Json
from app.components import attempt, card_title
from app.formatting import escaped, plural
from app.session import Visit

ROLES = {
    "feature": "Learn from it",
    "outcome": "Outcome to predict",
    "post_outcome": "Known after the outcome",
    "ignored": "Only show it",
}
TYPES = ["text", "integer", "number", "boolean", "date", "datetime"]
FIELDS = {"Goes to": "target", "Type": "data_type", "Models": "role"}
DELIMITERS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
DUPLICATES = {
    "update": "Update them",
    "skip": "Leave them as they are",
    "create": "Create them again",
}


def target_words(target: str) -> str:
    """A target as people read it: `attribute:job` → `Attribute: job`, `first_name` → `First name`."""
    if target == "ignore":
        return "– leave out –"
    if target == "attribute":
        return "New attribute"
    if target.startswith("attribute:"):
        return f"Attribute: {target.partition(':')[2]}"
    if target.startswith("entered:"):
        return f"Entered stage: {target.partition(':')[2]}"
    return target.removeprefix("is_").replace("_at", " at").replace("_", " ").strip().capitalize()


def mapping(visit: Visit, found: Json) -> None:
    """The file as it was understood, editable before the start. Every change is checked and kept by the API."""
    _what_it_is(found)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title("Columns", "Suggested from names and values. Change what is wrong; every change is checked.")
            st.space("stretch")
            st.caption("Double-click a cell to change it", width="content")
        _table(visit, found)
        _outcome_value(visit, found)
    with st.container(border=True):
        st.segmented_control(
            "People who are here already", list(DUPLICATES), default=found["duplicates"], required=True,
            key=f"import_duplicates_{found['import_id']}", format_func=DUPLICATES.__getitem__,
            on_change=_set_duplicates, args=(visit, found["import_id"]), disabled=not visit.may_write,
            help="Matched by e-mail address, else by external id.",
        )  # fmt: skip
    with st.expander("The first rows of the file"):
        names = [column["column"] for column in found["columns"]]
        rows = [dict(zip(names, row, strict=False)) for row in found["sample"]]
        st.dataframe(pd.DataFrame(rows, columns=names), hide_index=True, alt="The first rows of the file as they stand")


def _what_it_is(found: Json) -> None:
    dialect = found["dialect"]
    parts = [
        f"**{escaped(found['file_name'])}**",
        plural(found["rows_total"], "row"),
        plural(len(found["columns"]), "column"),
        f"{DELIMITERS.get(dialect['delimiter'], dialect['delimiter'])}-separated",
        dialect["encoding"],
    ]
    if not dialect["has_header"]:
        parts.append("no header line")
    st.markdown(" :gray[·] ".join(parts))
    for note in found["notes"]:
        st.markdown(f":orange[:material/info:] {escaped(note)}")
    if found["earlier_import_id"]:
        st.warning(
            "The same file was imported before. Importing it again updates the same people.",
            icon=":material/content_copy:",
        )


def _table(visit: Visit, found: Json) -> None:
    columns = found["columns"]
    own = [column["target"] for column in columns if column["target"].startswith("attribute:")]
    targets = ["ignore", *[name for name in found["targets"] if name not in {"ignore", "attribute"}], "attribute", *own]
    revision = st.session_state.setdefault("import_revision", 0)
    key = f"import_mapping_{found['import_id']}_{revision}"
    config = st.column_config
    st.data_editor(
        pd.DataFrame(
            {
                "Column": [column["column"] for column in columns],
                "Examples": [", ".join(column["examples"][:3]) for column in columns],
                "Goes to": [column["target"] for column in columns],
                "Type": [column["data_type"] for column in columns],
                "Models": [column["role"] if _is_attribute(column) else None for column in columns],
                "Note": [column["note"] for column in columns],
            }
        ),
        key=key,
        hide_index=True,
        row_height=36,
        height="content" if len(columns) <= 18 else 40 + 36 * 18,
        placeholder="–",
        disabled=["Column", "Examples", "Note"] if visit.may_write else True,
        on_change=_changed,
        args=(visit, found["import_id"], [column["column"] for column in columns], key),
        alt="Columns of the file and where they go",
        column_config={
            "Column": config.TextColumn("Column", width=150, pinned=True),
            "Examples": config.TextColumn("Examples", width=210),
            "Goes to": config.SelectboxColumn(
                "Goes to", options=list(dict.fromkeys(targets)), format_func=lambda target: target_words(str(target)), width=190, required=True
            ),
            "Type": config.SelectboxColumn("Type", options=TYPES, format_func=lambda name: str(name).capitalize(), width=95, required=True),
            "Models": config.SelectboxColumn(
                "Models", options=list(ROLES), format_func=lambda role: ROLES[str(role)], width=175,
                help="What a model may do with an attribute. What is known only after the outcome is never learned from.",
            ),
            "Note": config.TextColumn("Note", width=220),
        },
    )  # fmt: skip


def _is_attribute(column: Json) -> bool:
    """Fields have their meaning; only attributes can be learned from or not."""
    return str(column["target"]).startswith("attribute")


def _changed(visit: Visit, import_id: str, names: list[str], key: str) -> None:
    """Sends the cells that were edited; a refusal puts the table back as it was."""
    edited: dict[int, dict[str, Any]] = st.session_state[key]["edited_rows"]
    wishes = {
        names[row]: {FIELDS[name]: value for name, value in cells.items() if name in FIELDS and value is not None}
        for row, cells in edited.items()
    }
    st.session_state.pop("import_preview", None)
    attempt(lambda: visit.api.change_import(import_id, columns=wishes), "Kept.")
    st.session_state["import_revision"] += 1


def _outcome_value(visit: Visit, found: Json) -> None:
    column = next((column for column in found["columns"] if column["role"] == "outcome"), None)
    if column is None:
        st.caption(
            ":material/lightbulb: Does a column say what became of a lead? Mark it as the outcome, "
            "and a model learns to predict it."
        )
        return
    key = f"import_positive_{found['import_id']}"

    def save() -> None:
        value = str(st.session_state[key])
        st.session_state.pop("import_preview", None)
        attempt(
            lambda: visit.api.change_import(found["import_id"], columns={column["column"]: {"positive_value": value}}),
            f"“{value}” counts as success.",
        )

    choices = list(
        dict.fromkeys([*([column["positive_value"]] if column["positive_value"] else []), *column["examples"]])
    )
    st.selectbox(
        f"Success is when “{column['column']}” is", choices, key=key, accept_new_options=True, on_change=save, width=320,
        index=0 if column["positive_value"] else None, placeholder="Choose the value", disabled=not visit.may_write,
    )  # fmt: skip


def _set_duplicates(visit: Visit, import_id: str) -> None:
    wanted = str(st.session_state[f"import_duplicates_{import_id}"])
    st.session_state.pop("import_preview", None)
    attempt(lambda: visit.api.change_import(import_id, duplicates=wanted), DUPLICATES[wanted])
