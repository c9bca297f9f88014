"""Many people put into a sequence: which one, what would come of it and why not for some, then the act and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app import session
from app.api_transport import Json
from app.campaign_words import STATES, reason_text
from app.components import guarded
from app.formatting import count, plural

state = st.session_state
ASKED, BATCH = "enrolling_asked", "enrolling_batch"
PULSE_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Asked:
    """Whom: a selection as `POST /v1/sequences/{id}/enrolment-preview` takes it. `sequence_id`: into which, where that is
    settled."""

    selection: Json
    sequence_id: str = ""


def open_enrolling(selection: Json, sequence_id: str = "") -> None:
    """Asks about these people from the next run on, until the dialog is closed."""
    state[ASKED] = Asked(selection, sequence_id)
    state.pop(BATCH, None)


def show_enrolling(visit: session.Visit) -> bool:
    """At the end of a page: the dialog, if people are to be put in. A page shows one dialog at a time."""
    asked: Asked | None = state.get(ASKED)
    if asked is None:
        return False
    st.dialog("Put into a sequence", width="medium", on_dismiss=_close)(_ask)(visit, asked)
    return True


def refusal_lines(refused: Mapping[str, int]) -> pd.DataFrame:
    """Most first, in words."""
    ordered = sorted(refused.items(), key=lambda each: (-each[1], each[0]))
    return pd.DataFrame(
        {"People": [each for _, each in ordered], "Not put in because": [reason_text(r) for r, _ in ordered]}
    )


def _ask(visit: session.Visit, asked: Asked) -> None:
    with guarded():
        if batch_id := state.get(BATCH):
            found = visit.api.enrolment_batch(batch_id)
            if found["status"] == "running":
                _follow(visit, batch_id)
            else:
                _told(found["enrolled"], found["refused"], of=found["contact_count"], verb="were put in")
            return
        open_ones = {each["sequence_id"]: each for each in visit.api.sequences() if each["status"] != "ended"}
        if not open_ones:
            st.info("There is no sequence yet: write one on the Campaigns page.", icon=":material/outgoing_mail:")
            st.page_link("views/campaigns.py", label="Campaigns", icon=":material/outgoing_mail:")
            return
        chosen = st.selectbox(
            "Sequence", list(open_ones), key="enrolling_sequence", disabled=bool(asked.sequence_id),
            index=list(open_ones).index(asked.sequence_id) if asked.sequence_id in open_ones else 0,
            format_func=lambda key: f"{open_ones[key]['name']} · {STATES[open_ones[key]['status']].casefold()}",
        )  # fmt: skip
        found = visit.api.enrolment_preview(chosen, asked.selection)
        _told(found["enrolled"], found["refused"], of=found["contact_count"], verb="can be put in")
        if waiting := found["waiting"].get("company_limit"):
            st.caption(
                f":material/hourglass_top: {plural(waiting, 'of them waits', 'of them wait')} for colleagues: the sequence "
                "writes to only so many people of one company at a time."
            )
        if open_ones[chosen]["status"] != "active":
            st.caption(":material/pause: Nothing is sent before the sequence is started.")
        label = f"Put {plural(found['enrolled'], 'person', 'people')} in"
        # no callback: what one says from within a dialog breaks the page
        if st.button(label, type="primary", key="enrolling_go", disabled=not found["enrolled"]):
            state[BATCH] = visit.api.start_enrolment_batch(chosen, asked.selection)["enrolment_batch_id"]
            st.rerun()


@st.fragment(run_every=PULSE_SECONDS)
def _follow(visit: session.Visit, batch_id: str) -> None:
    """How far it is; a batch goes on without anybody who looks. When it ends, the outcome is shown in its place."""
    with guarded():
        found = visit.api.enrolment_batch(batch_id)
        if found["status"] != "running":
            st.rerun()
        share = found["done_count"] / max(found["contact_count"], 1)
        st.progress(share, text=f"{count(found['done_count'])} of {plural(found['contact_count'], 'person', 'people')}")
        st.caption("You can close this; it goes on.")
        if st.button("Stop here", key="enrolling_stop", help="Who is in stays in."):
            visit.api.stop_enrolment_batch(batch_id)
            st.rerun()
        _told(found["enrolled"], found["refused"], of=found["contact_count"], verb="are in")


def _told(enrolled: int, refused: Mapping[str, int], *, of: int, verb: str) -> None:
    st.markdown(f"**{count(enrolled)}** of {plural(of, 'person', 'people')} {verb}.")
    if refused:
        st.dataframe(
            refusal_lines(refused), hide_index=True, alt="People who are not put in, by reason",
            column_config={"People": st.column_config.NumberColumn(width=80, format="localized")},
        )  # fmt: skip


def _close() -> None:
    for name in (ASKED, BATCH):
        state.pop(name, None)
