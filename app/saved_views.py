"""Views of the list of leads: chips that set its filters, and a way to keep the filters of now under a name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import streamlit as st

from app import session
from app.api_client import ContactQuery
from app.api_transport import Json
from app.components import attempt, doing
from app.formatting import escaped, shortened
from app.lead_table import COLUMNS
from app.list_conditions import LEADS, key_of
from domain.custom_attributes import PREFIX
from domain.filters import Op

BUILT_IN: tuple[tuple[str, Json], ...] = (
    ("All", {}),
    ("Mine", {"owner": ["me"]}),
    ("Nobody's", {"owner": ["nobody"]}),
    ("Hot, not called", {"band": ["hot"], "is_worked": False, "sort": "score"}),
)
"""What every organization begins with."""
HAS_EMAIL = {True: "known", False: "missing", None: "any"}
IS_WORKED = {True: "yes", False: "no", None: "any"}


def question_of(query: ContactQuery, columns: Sequence[str] = ()) -> Json:
    """The filters as `POST /v1/saved-views` takes them, and the columns; what does not filter is left out."""
    found = {name: value for name, value in query.filters.items() if name != "import_id"}
    return found | ({"columns": list(columns)} if columns else {})


def conditions_of(question: Mapping[str, Any]) -> list[str]:
    """Its conditions; views of former days held `key:value` of one custom field."""
    former = [text.partition(":") for text in question.get("attribute", [])]
    return [*(f"{PREFIX}{key}:{Op.EQ}:{value}" for key, _, value in former), *question.get("filter", [])]


def is_lit(question: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether a view asks what is asked now; columns are looks."""
    return _asks(question) == _asks(asked)


def widget_values(question: Mapping[str, Any]) -> dict[str, Any]:
    """What the widgets of the filters hold for a question, by their key in the session."""
    return {
        "q": question.get("q", ""),
        "sort": question.get("sort", ContactQuery().sort),
        "leads_stage": list(question.get("stage", [])),
        "leads_band": list(question.get("band", [])),
        "leads_source": list(question.get("source", [])),
        "leads_owner": list(question.get("owner", [])),
        "leads_worked": IS_WORKED[question.get("is_worked")],
        "leads_email": HAS_EMAIL[question.get("has_email")],
        "leads_score": int(question.get("min_score") or 0),
        key_of(LEADS): conditions_of(question),
        COLUMNS: list(question.get("columns", [])),
        "leads_cursors": [],
    }


def show_views(visit: session.Visit, query: ContactQuery) -> None:
    """The row of chips: the one whose question is asked now is lit."""
    asked = question_of(query, st.session_state.get(COLUMNS, []))
    saved = visit.api.saved_views("contact")
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for number, (name, question) in enumerate(BUILT_IN):
            _chip(f"leads_view_{number}", name, question, asked)
        for view in saved:
            icon = ":material/group:" if view["is_shared"] else ":material/bookmark:"
            _chip(f"leads_view_{view['saved_view_id']}", view["name"], view["question"], asked, icon)
        if visit.may_write:
            with st.popover("Save view", icon=":material/bookmark_add:", type="tertiary"):
                _keeping(visit, asked, saved)


def _chip(key: str, name: str, question: Json, asked: Json, icon: str | None = None) -> None:
    st.button(
        escaped(shortened(name, 28)), key=key, icon=icon, type="primary" if is_lit(question, asked) else "secondary",
        width="content", on_click=_apply, args=(question,),
    )  # fmt: skip


def _asks(question: Mapping[str, Any]) -> Json:
    found = {name: value for name, value in question.items() if name not in {"columns", "attribute"}}
    return found | ({"filter": conditions} if (conditions := conditions_of(question)) else {})


def _apply(question: Json) -> None:
    st.session_state.update(widget_values(question))
    st.query_params.pop("import", None)


def _keeping(visit: session.Visit, asked: Json, saved: list[Json]) -> None:
    """Keeps the filters of now under a name; deletes a view that is one's own."""
    with st.form("leads_save_view", clear_on_submit=True, border=False):
        name = st.text_input("Name", max_chars=80, placeholder="Hot in Germany")
        is_shared = st.toggle("Share with everybody here")
        if st.form_submit_button("Keep these filters", icon=":material/bookmark_add:"):
            if not name.strip():
                st.toast("Give it a name.", icon=":material/edit:")
            elif attempt(
                lambda: visit.api.save_view("contact", name.strip(), asked, is_shared=is_shared),
                f"Kept: {name.strip()}",
            ):
                st.rerun()
    for view in (view for view in saved if view["is_own"]):
        st.button(
            f"Delete {escaped(shortened(view['name'], 28))}", key=f"leads_forget_{view['saved_view_id']}",
            icon=":material/delete:", type="tertiary",
            on_click=doing(partial(visit.api.delete_view, view["saved_view_id"]), f"Deleted: {view['name']}"),
        )  # fmt: skip
