"""Tags of a contact or company: shown, added, taken off; a name that is new makes a new tag."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import streamlit as st

from app import session
from app.api_transport import ApiProblem, Json
from app.components import attempt
from app.formatting import escaped


def show_tags(tags: Sequence[str]) -> None:
    """A badge each, in a row."""
    for tag in tags:
        st.badge(escaped(tag), icon=":material/label:", color="gray")


def choose_tags(visit: session.Visit, label: str, key: str, *, new: bool, width: int | None = None) -> list[str]:
    """Names of tags that there are, and new ones where `new`."""
    chosen: list[str] = st.multiselect(
        label, tag_names(visit), key=key, accept_new_options=new, placeholder="None", width=width or "stretch"
    )
    return chosen


def edit_tags(visit: session.Visit, key: str, tags: Sequence[str], save: Callable[[Json], object]) -> bool:
    """In a drawer: what the record is marked with. `save` takes `{add_tags, remove_tags}`; answers whether it was done."""
    with st.form(key, border=False):
        chosen: list[str] = st.multiselect(
            "Tags", sorted({*tag_names(visit), *tags}), default=list(tags), accept_new_options=True,
            placeholder="None", help="Type a name that is new to make a tag.",
        )  # fmt: skip
        if not st.form_submit_button("Save tags"):
            return False
    known = {tag.casefold() for tag in tags}
    kept = {tag.casefold() for tag in chosen}
    added = [tag for tag in chosen if tag.casefold() not in known]
    removed = [tag for tag in tags if tag.casefold() not in kept]
    changes = tag_changes(added, removed)
    return bool(changes) and attempt(lambda: save(changes), "Saved", reruns=True)


def tag_changes(added: Sequence[str], removed: Sequence[str]) -> Json:
    """As edits of one or of many take them."""
    found = {"add_tags": list(added), "remove_tags": list(removed)}
    return {name: tags for name, tags in found.items() if tags}


def tag_names(visit: session.Visit) -> list[str]:
    """None where they cannot be asked for: a choice without them is better than no page."""
    try:
        return [tag["name"] for tag in visit.api.tags()]
    except ApiProblem:
        return []
