"""Imports: a file goes in, is understood, tried, taken in, and if need be taken out again."""

from __future__ import annotations

import streamlit as st

from app import session
from app.components import attempt, empty_state, guarded, page_title
from app.import_history import history
from app.import_mapping import mapping
from app.import_preview import preview
from app.import_progress import outcome, progress

WAITING = {"uploaded", "previewed"}
MOVING = {"queued", "running", "undoing"}
visit = session.current()
state = st.session_state


def _close() -> None:
    for name in [name for name in state if str(name).startswith("import_")]:
        del state[name]


def _uploaded() -> None:
    file = state.get("import_file")
    if file is None:
        return
    entity = str(state.get("import_entity") or "contacts")

    def send() -> None:
        state["import_open"] = visit.api.upload_import(file.name, file.getvalue(), entity=entity)["import_id"]

    attempt(send, "Read. Nothing is written before you start the import.")


def _begin() -> None:
    with st.container(border=True):
        st.segmented_control(
            "What is in the file?", ["contacts", "deals"], default="contacts", required=True, key="import_entity",
            format_func={"contacts": "Contacts or leads", "deals": "Deals"}.__getitem__,
        )  # fmt: skip
        st.file_uploader(
            "CSV file", type=["csv", "tsv", "txt"], key="import_file", on_change=_uploaded,
            help="Any delimiter and encoding; exports of other tools and spreadsheets are fine.",
        )  # fmt: skip
        st.caption(
            "The file is read and shown first: columns, types, duplicates and what would be refused. "
            "Every import can be undone."
        )


def _discard(import_id: str) -> None:
    if attempt(lambda: visit.api.discard_import(import_id), "The file is forgotten. Nothing was written."):
        _close()


def _step(status: str) -> None:
    """Where this import stands, as a line of steps."""
    steps = ["Upload", "Columns", "Try", "Import"]
    here = 2 if "import_preview" in state else 1
    if status not in WAITING:
        here = 3
    marks = [
        f":green[:material/check_circle: {name}]" if number < here or status in {"done", "undone"}
        else f"**:blue[:material/radio_button_checked: {name}]**" if number == here
        else f":gray[:material/circle: {name}]"
        for number, name in enumerate(steps)
    ]  # fmt: skip
    st.markdown("  :gray[›]  ".join(marks))


def _one(import_id: str) -> None:
    found = visit.api.read_import(import_id)
    with st.container(horizontal=True, vertical_alignment="center"):
        _step(found["status"])
        if found["status"] in WAITING and visit.may_write:
            st.space("stretch")
            st.button(
                "Discard", icon=":material/delete:", type="tertiary", on_click=_discard, args=(import_id,),
                key="import_discard", help="Forgets this file. Nothing of it was written.",
            )  # fmt: skip
    if found["status"] in WAITING:
        mapping(visit, found)
        preview(visit, found)
    elif found["status"] in MOVING:
        progress(visit, import_id)
    else:
        outcome(visit, found)


with st.container(horizontal=True, vertical_alignment="center"):
    page_title("Imports")
    st.space("stretch")
    if state.get("import_open"):
        st.button("All imports", icon=":material/arrow_back:", on_click=_close, key="import_back")
with guarded():
    if state.get("import_open"):
        _one(str(state["import_open"]))
    else:
        if visit.may_write:
            _begin()
        else:
            empty_state("visibility", "You may look, not change", "Ask an owner or admin for the role of operator.")
        history(visit)
