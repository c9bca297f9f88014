"""One edit for many lines of a list: of whom, and what came of it. What can be set is the page's own."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app import paging
from app.api_transport import ApiProblem, Json
from app.components import problem_box, say_next
from app.formatting import plural

MOST = 500
"""Of one request (`POST /v1/contacts/bulk`, `POST /v1/companies/bulk`)."""
PAGE = 200
state = st.session_state


@dataclass(frozen=True, slots=True)
class Many:
    """A filtered list of which many are edited at once. `key`: their id in an answer; `read`: a page of the list by its
    size and cursor; `change`: sets values of those ids."""

    place: str
    key: str
    one: str
    several: str
    read: Callable[[int, str | None], Json]
    change: Callable[[Sequence[str], Json], Json]

    def named(self, count: int) -> str:
        return plural(count, self.one, self.several)

    def matching_ids(self) -> list[str]:
        """The first 500 of the list, in its order."""
        found: list[str] = []
        cursor: str | None = None
        while len(found) < MOST:
            page = self.read(PAGE, cursor)
            found += [item[self.key] for item in page["items"]]
            cursor = page["next_cursor"]
            if cursor is None:
                break
        return found[:MOST]

    def untick(self) -> None:
        """The next run shows the list with nothing ticked."""
        state[f"{self.place}_round"] = state.get(f"{self.place}_round", 0) + 1

    def told(self, outcomes: Sequence[str]) -> str:
        """What came of it: `12 leads changed, 3 as they were, 1 not here any more`."""
        parts = [f"{self.named(outcomes.count('changed'))} changed"]
        parts += [f"{outcomes.count(word):,} {words}" for word, words in OUTCOMES.items() if word in outcomes]
        return ", ".join(parts)


OUTCOMES: Mapping[str, str] = {
    "unchanged": "as they were",
    "no_record": "known by their network alone, which takes tags only",
    "not_found": "not here any more",
}


def show_switch(place: str, words: str) -> None:
    """Whether many are being edited; `words` say what for."""
    st.toggle("Edit many", key=f"{place}_selecting", help=words)


def is_selecting(place: str) -> bool:
    return bool(state.get(f"{place}_selecting"))


def table_key(place: str) -> str:
    """Of the table whose rows are ticked: another one on each page and after each edit, with nothing ticked in it."""
    return f"{place}_ticked_{state.get(f'{place}_round', 0)}_{paging.pages_before(place)}"


def show_bulk_edit(
    many: Many, chosen: Sequence[str], values: Callable[[], Json], acts: Callable[[bool], None] | None = None
) -> None:
    """The bar under the list. `values` draws what can be set and answers what is; `acts(everyone)` draws what else can be
    done with the ticked ones, or with all that match."""
    place = many.place
    with st.container(border=True, gap="small"):
        everyone = st.toggle("All that match", key=f"{place}_bulk_all")
        hint = st.empty()  # a place of its own: what stands below would else be drawn anew as it comes and goes
        if not chosen and not everyone:
            hint.caption(":material/check_box: Tick rows in the list, then set here what they shall have in common.")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            wanted = values()
        with st.container(horizontal=True):
            words = f"all that match, up to {MOST:,}" if everyone else many.named(len(chosen))
            if st.button(
                f"Apply to {words}", type="primary", key=f"{place}_bulk_apply",
                disabled=not wanted or not (chosen or everyone),
            ):  # fmt: skip
                _apply(many, None if everyone else chosen, wanted)
            if acts is not None:
                acts(everyone)


def _apply(many: Many, chosen: Sequence[str] | None, values: Json) -> None:
    try:
        ids = many.matching_ids() if chosen is None else chosen
        answer = many.change(ids, values)
    except ApiProblem as problem:
        problem_box(problem)
        return
    say_next(many.told([found["outcome"] for found in answer["results"]]))
    many.untick()
    st.rerun()
