"""An import under way, and what came of it: counts, refused rows as a file, and the way back."""

from __future__ import annotations

from datetime import datetime

import streamlit as st

from app.api_transport import Json
from app.components import attempt, card_title, guarded, now
from app.formatting import ago, escaped, parse, plural
from app.import_preview import counts, reasons_table
from app.session import Visit

WORDS = {"queued": "Waits for the worker…", "running": "Importing…", "undoing": "Undoing…"}


@st.fragment(run_every=0.7)
def progress(visit: Visit, import_id: str) -> None:
    """Follows the import; when it ends, the page is drawn again with the outcome."""
    with guarded():
        found = visit.api.read_import(import_id)
        if found["status"] not in WORDS:
            st.rerun()
        done, total = found["rows_done"], max(found["rows_total"], 1)
        with st.container(border=True):
            st.markdown(f"**{escaped(found['file_name'])}**")
            share = min(done / total, 1.0)
            share = 1.0 - share if found["status"] == "undoing" else share
            st.progress(share, text=f"{WORDS[found['status']]} {done:,} of {plural(found['rows_total'], 'row')}")
            if found["status"] == "queued" and (now() - _moment(found["created_at"])).total_seconds() > 60:
                st.caption(":material/hourglass_top: It still waits: is the worker running (`leadhouse up`)?")
            else:
                st.caption("You can leave this page; it goes on.")
        counts(found, is_trial=False)


def outcome(visit: Visit, found: Json) -> None:
    """What an import that has ended did, and what can be done about it."""
    _headline(found)
    counts(found, is_trial=False)
    with st.container(horizontal=True, vertical_alignment="center"):
        if found["status"] == "done" and found["entity"] == "contacts":
            st.page_link(
                "views/leads.py", label="Show these leads", icon=":material/group:",
                query_params={"import": found["import_id"]},
            )  # fmt: skip
        if found["reasons"]:
            st.download_button(
                "Rows with a reason", data=lambda: visit.api.import_errors(found["import_id"]), mime="text/csv",
                file_name=f"{found['file_name'].rpartition('.')[0] or 'import'}-errors.csv", on_click="ignore",
                icon=":material/download:", help="Every row that was refused or skipped, with its reason: fix, then import it.",
            )  # fmt: skip
        if found["status"] == "failed" and visit.may_write:
            st.button(
                "Go on", icon=":material/play_arrow:", key="import_again", type="primary", on_click=_again,
                args=(visit, found["import_id"]), help="Goes on after the last row that was taken in.",
            )  # fmt: skip
        if found["can_undo"] and visit.may_write:
            _undo_button(visit, found)
    if found["reasons"]:
        with st.container(border=True):
            card_title("Rows with a reason")
            reasons_table(found["reasons"])


def _headline(found: Json) -> None:
    name, when = escaped(found["file_name"]), ago(found["finished_at"] or found["created_at"], now())
    if found["status"] == "done":
        st.success(
            f"{plural(found['rows_done'], 'row')} read, {when}.", title=f"{name} is in", icon=":material/check_circle:"
        )
    elif found["status"] == "undone":
        undo = found.get("undo") or {}
        kept = int(undo.get("kept_count") or 0)
        more = f" {plural(kept, 'record')} changed since then and stayed." if kept else ""
        st.info(
            f"What it made is gone, what it changed is as before.{more}", title=f"{name} was undone",
            icon=":material/undo:",
        )  # fmt: skip
    else:
        st.error(found["error"] or "It stopped.", title=f"{name} failed", icon=":material/error:")


def _undo_button(visit: Visit, found: Json) -> None:
    with st.popover("Undo", icon=":material/undo:"):
        st.markdown("**Take this import back?**")
        st.markdown(
            f":gray[{plural(found['created_count'], 'record')} it made will be removed, "
            f"{found['updated_count']:,} it changed put back. What somebody changed since stays.]"
        )
        st.button("Yes, undo it", key="import_undo", type="primary", on_click=_undo, args=(visit, found["import_id"]))


def _undo(visit: Visit, import_id: str) -> None:
    attempt(lambda: visit.api.undo_import(import_id), "Undoing…")


def _again(visit: Visit, import_id: str) -> None:
    attempt(lambda: visit.api.start_import(import_id), "Queued.")


def _moment(text: str) -> datetime:
    found = parse(text)
    assert found is not None
    return found
