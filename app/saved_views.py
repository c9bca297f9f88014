"""Views of a list: chips that set its filters, and a way to keep the filters of now under a name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import streamlit as st

from app import column_choice, paging, session
from app.api_client import CompanyQuery, ContactQuery
from app.api_transport import Json
from app.components import attempt, doing, emptied_form
from app.formatting import escaped, shortened
from domain.custom_attributes import PREFIX
from domain.filters import Op


@dataclass(frozen=True, slots=True)
class Views:
    """A list with views. `built_in`: what every organization begins with; `filter_widgets`: what the widgets of the filters
    hold for a question, by their key in the session; `of_links`: filters that only a link sets, as query parameters."""

    place: str
    entity: str
    built_in: tuple[tuple[str, Json], ...]
    filter_widgets: Callable[[Mapping[str, Any]], dict[str, Any]]
    of_links: tuple[str, ...] = ()

    def widget_values(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """All that the page keeps of a question, from its first page on."""
        columns = list(question.get("columns", []))
        return {
            **self.filter_widgets(question),
            column_choice.key_of(self.place): columns,
            paging.key_of(self.place): [],
        }


def question_of(query: ContactQuery | CompanyQuery, columns: Sequence[str] = ()) -> Json:
    """The filters as `POST /v1/saved-views` takes them, and the columns; what does not filter is left out."""
    found = {name: value for name, value in query.filters.items() if name != "import_id"}
    return found | ({"columns": list(columns)} if columns else {})


def conditions_of(question: Mapping[str, Any]) -> list[str]:
    """Its conditions; views of former days held `key:value` of one custom field."""
    former = [text.partition(":") for text in question.get("attribute", [])]
    return [*(f"{PREFIX}{key}:{Op.EQ}:{value}" for key, _, value in former), *question.get("filter", [])]


def is_lit(question: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether a view asks what is asked now, in whatever order; columns are looks."""
    return _asks(question) == _asks(asked)


def show_views(visit: session.Visit, views: Views, query: ContactQuery | CompanyQuery, *, may_keep: bool) -> None:
    """The row of chips: the one whose question is asked now is lit."""
    asked = question_of(query, column_choice.chosen_of(views.place))
    saved = visit.api.saved_views(views.entity)
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        for number, (name, question) in enumerate(views.built_in):
            _chip(views, str(number), name, question, asked)
        for view in saved:
            icon = ":material/group:" if view["is_shared"] else ":material/bookmark:"
            _chip(views, view["saved_view_id"], view["name"], view["question"], asked, icon)
        if may_keep:
            with st.popover("Save view", icon=":material/bookmark_add:", type="tertiary"):
                _keeping(visit, views, asked, saved)


def clear(views: Views, sort: str) -> None:
    """No filter any more; the order stays."""
    _apply(views, {"sort": sort})


def _chip(views: Views, key: str, name: str, question: Json, asked: Json, icon: str | None = None) -> None:
    st.button(
        escaped(shortened(name, 28)), key=f"{views.place}_view_{key}", icon=icon, width="content",
        type="primary" if is_lit(question, asked) else "secondary", on_click=_apply, args=(views, question),
    )  # fmt: skip


def _asks(question: Mapping[str, Any]) -> Json:
    found = {name: value for name, value in question.items() if name not in {"columns", "attribute"}}
    return found | ({"filter": sorted(conditions)} if (conditions := conditions_of(question)) else {})


def _apply(views: Views, question: Json) -> None:
    st.session_state.update(views.widget_values(question))
    for name in views.of_links:
        st.query_params.pop(name, None)


def _keeping(visit: session.Visit, views: Views, asked: Json, saved: list[Json]) -> None:
    """Keeps the filters of now under a name; deletes a view that is one's own."""
    with emptied_form(f"{views.place}_save_view", border=False) as empty:
        name = st.text_input("Name", max_chars=80, placeholder="Hot in Germany")
        is_shared = st.toggle("Share with everybody here")
        if st.form_submit_button("Keep these filters", icon=":material/bookmark_add:"):
            if not name.strip():
                st.warning("Give it a name.", icon=":material/edit:")
            elif attempt(
                lambda: visit.api.save_view(views.entity, name.strip(), asked, is_shared=is_shared),
                f"Kept: {name.strip()}", reruns=True,
            ):  # fmt: skip
                empty()
                st.rerun()
    for view in (view for view in saved if view["is_own"]):
        st.button(
            f"Delete {escaped(shortened(view['name'], 28))}", key=f"{views.place}_forget_{view['saved_view_id']}",
            icon=":material/delete:", type="tertiary",
            on_click=doing(partial(visit.api.delete_view, view["saved_view_id"]), f"Deleted: {view['name']}"),
        )  # fmt: skip
