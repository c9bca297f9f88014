"""What people say of suggested companies: marking them, the list of marks with who and when, and what they changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.api_transport import Json
from app.components import card_title, doing, emptied_form, empty_state, say_next
from app.formatting import escaped, parse, plural
from app.session import Visit
from domain.lookalikes import ExclusionList, MarkKind
from domain.permissions import Permission

KIND_LABELS = {
    MarkKind.GOOD: "Good fit",
    MarkKind.UNFIT: "Not a fit",
    MarkKind.EXCLUDED: "Excluded",
}
LIST_LABELS = {
    ExclusionList.COMPETITORS: "Competitors",
    ExclusionList.CUSTOMERS: "Customers",
    ExclusionList.OPEN_DEALS: "Open deals",
    ExclusionList.OTHER: "Other",
}
WHY_WORDS = {"excluded": "excluded", "unfit": "not a fit"}
SHOWN = 100
ROUND = "marks_round"


def ticking_key(name: str) -> str:
    """The key of a table whose ticks stand for companies: after a mark its rows are others, so it begins anew."""
    return f"{name}_{st.session_state.get(ROUND, 0)}"


def mark_column() -> Any:
    return st.column_config.MultiselectColumn(
        "Mark", options=list(KIND_LABELS.values()), color=["green", "orange", "gray"], width=95
    )


def show_marking(visit: Visit, chosen: Sequence[tuple[str, str]]) -> None:
    """What can be said of ticked companies, given as id and name; nothing for whoever may not write."""
    if not visit.may(Permission.COMPANIES_WRITE):
        return
    ids = [company_id for company_id, _ in chosen]

    def say(kind: MarkKind, done: str, **about: Any) -> Any:
        def act() -> None:
            visit.api.mark_lookalikes(kind.value, company_ids=ids, **about)
            _begin_anew()

        return doing(act, done)

    told = plural(len(ids), "company", "companies")
    st.button(
        "Good fit", icon=":material/thumb_up:", key="mark_good", help="One more seed of the next ranking.",
        on_click=say(MarkKind.GOOD, f"{told} marked as a good fit"),
    )  # fmt: skip
    st.button(
        "Not a fit", icon=":material/thumb_down:", key="mark_unfit",
        help="Suggested no more, and what is like it ranks lower from the next ranking on.",
        on_click=say(MarkKind.UNFIT, f"{told} marked as not a fit"),
    )  # fmt: skip
    with st.popover("Exclude", icon=":material/block:", width="content"):
        st.caption("Never suggested. It says nothing of which companies you look for.")
        listed = _list_choice("mark_list")
        st.button(
            f"Exclude {told}", key="mark_exclude", type="primary",
            on_click=say(MarkKind.EXCLUDED, f"{told} excluded", list=listed.value),
        )  # fmt: skip


def show_marks(visit: Visit) -> None:
    """The tab: domains to exclude, and every mark with who made it, when, and the way back."""
    may_write = visit.may(Permission.COMPANIES_WRITE)
    form, found = st.columns([1, 3], gap="medium") if may_write else (None, st.container())
    if form is not None:
        with form, st.container(border=True):
            _paste(visit)
    with found:
        _marks(visit, may_write=may_write)


def _paste(visit: Visit) -> None:
    card_title("Exclude domains", help="Companies with these domains are never suggested, known here today or not.")
    with emptied_form("marks_paste", border=False) as empty:
        domains = st.text_area(
            "Domains", height=140, label_visibility="collapsed",
            placeholder="competitor.com\nhttps://www.partner.io/about",
        )  # fmt: skip
        listed = _list_choice()
        note = st.text_input("Note", max_chars=200, placeholder="optional")
        if st.form_submit_button("Exclude", type="primary", width="stretch") and domains.strip():
            made = visit.api.mark_lookalikes("excluded", domains=domains, list=listed.value, note=note)
            refused = [each["value"] for each in made["results"] if each["outcome"] == "refused"]
            told = f"{plural(made['marked_count'], 'domain')} excluded"
            no_domains = f". No domains: {', '.join(refused[:5])}" if refused else ""
            say_next(told + no_domains, is_refused=bool(refused) and not made["marked_count"])
            empty()
            st.rerun()


def _marks(visit: Visit, *, may_write: bool) -> None:
    counts = visit.api.lookalike_marks(limit=1)["counts"]
    kind = st.segmented_control(
        "Marks", list(KIND_LABELS), key="marks_kind", label_visibility="collapsed",
        format_func=lambda each: f"{KIND_LABELS[each]} {counts.get(each, 0):,}",
    )  # fmt: skip
    found = visit.api.lookalike_marks(kind.value if kind else None, limit=SHOWN)
    if not found["items"]:
        empty_state(
            "rule", "Nothing is marked yet",
            "Tick companies under “More like these” and say whether they fit. Good ones become seeds of the next ranking, "
            "the others push what is like them down, and excluded ones are never suggested.",
        )  # fmt: skip
        return
    st.caption("Hidden companies leave the suggestions at once; seeds count from the next ranking on.")
    frame = pd.DataFrame([_line(mark) for mark in found["items"]])
    config = st.column_config
    chosen = st.dataframe(
        frame, key=ticking_key("marks_table"), hide_index=True, row_height=36, height=min(38 + 36 * len(frame), 38 + 36 * 14),
        on_select="rerun", selection_mode="multi-row", alt="Marks with who made them",
        column_config={
            "Company": config.TextColumn("Company", width=200, pinned=True),
            "Mark": mark_column(),
            "When": config.DatetimeColumn("When", format="distance", width=110, timezone=visit.time_zone),
        },
    )  # fmt: skip
    if len(found["items"]) == SHOWN:
        st.caption(f"The newest {SHOWN}. The API has all of them.")
    if may_write:
        _undoing(visit, [found["items"][row] for row in chosen.selection.rows if row < len(found["items"])])


def _line(mark: Json) -> dict[str, Any]:
    return {
        "Company": mark["name"],
        "Mark": [KIND_LABELS[mark["kind"]]],
        "List": LIST_LABELS[mark["list"]] if mark["list"] else "",
        "Note": mark["note"],
        "By": mark["marked_by"],
        "When": parse(mark["marked_at"]),
    }


def _undoing(visit: Visit, ticked: Sequence[Json]) -> None:
    if not ticked:
        st.caption("Tick rows to take marks back.")
        return

    def undo() -> None:
        for mark in ticked:
            visit.api.undo_lookalike_mark(mark["lookalike_mark_id"])
        _begin_anew()

    st.button(
        f"Undo {plural(len(ticked), 'mark')}", icon=":material/undo:", key="marks_undo",
        on_click=doing(undo, "Taken back. The audit log keeps that it was said."),
    )  # fmt: skip


def _begin_anew() -> None:
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1


def show_effect(report: Json) -> None:
    """What marks changed in the newest ranking, and whether that finds more of the customers held out."""
    effect = report["feedback"]
    with st.container(border=True, gap="small"):
        card_title(
            "What your marks changed",
            help="The same ranking, made with the marks and without any, at the same moment.",
        )
        st.markdown(effect_words(effect) + gain_words(report.get("marked_gain")))
        st.caption(counted_marks(effect))
        if effect["entered"] or effect["left"]:
            came, went = st.columns(2, gap="medium")
            with came:
                st.markdown("\n".join(f"- {line}" for line in entered_lines(effect)) or ":gray[Nobody came in]")
            with went:
                st.markdown("\n".join(f"- {line}" for line in left_lines(effect)) or ":gray[Nobody left]")


def effect_words(effect: Json) -> str:
    """How many of the first stayed."""
    if not effect["entered_count"] and not effect["left_count"]:
        return f"The first {effect['compared']} are the same companies with your marks and without them."
    return (
        f"Of the first {effect['compared']}, **{effect['stayed_count']} stayed**, {effect['left_count']} left and "
        f"{effect['entered_count']} came in."
    )


def gain_words(gain: Sequence[float] | None) -> str:
    """Whether the marks find more of the customers held out; nothing where that was not judged."""
    if gain is None:
        return ""
    mean, low, high = (100 * value for value in gain)
    points = f"{mean:+.1f} points ({low:+.1f} to {high:+.1f})"
    if low > 0:
        return f" They find more of your customers in the first tenth of the list: {points}."
    if high < 0:
        return f" They find fewer of your customers in the first tenth of the list: {points}. Look at them again."
    return f" Customers held out cannot tell whether they help: {points} in the first tenth of the list."


def counted_marks(effect: Json) -> str:
    return (
        f"{effect['good_count']:,} good, {effect['unfit_count']:,} not a fit, {effect['excluded_count']:,} excluded among the "
        "companies known here"
    )


def entered_lines(effect: Json) -> list[str]:
    return [
        f":green[:material/arrow_upward:] {escaped(one['name'])} "
        f":gray[{_place(one['before'])} → {_place(one['after'])}]"
        for one in effect["entered"]
    ]


def left_lines(effect: Json) -> list[str]:
    return [
        f":orange[:material/arrow_downward:] {escaped(one['name'])} :gray[{_place(one['before'])} → "
        f"{WHY_WORDS.get(one['why']) or _place(one['after'])}]"
        for one in effect["left"]
    ]


def _place(rank: int | None) -> str:
    return f"number {rank:,}" if rank is not None else "not listed"


def _list_choice(key: str | None = None) -> ExclusionList:
    return st.selectbox("List", list(LIST_LABELS), key=key, format_func=LIST_LABELS.__getitem__)
