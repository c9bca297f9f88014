"""Duplicates: pairs that may be one, the surest first, side by side with what speaks for it. M merges, N keeps apart, S
looks at the next."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import session
from app.api_transport import ApiProblem, Json
from app.components import attempt, card_title, empty_state, guarded, now, page_title
from app.formatting import ago, count, escaped, plural
from app.merge_dialog import compare
from app.pair_words import forget_waiting, waterfall
from domain.permissions import Permission

KINDS = {"contact": "People", "company": "Companies"}
STATES = {"open": "Waiting", "merged": "Merged", "dismissed": "Kept apart"}
SURE = {0.99: "99 %", 0.97: "97 %", 0.95: "95 %", 0.9: "90 %"}
SHOWN = 100
visit = session.current()
state = st.session_state
may_decide = visit.may(Permission.IDENTITY_WRITE)


def _counts(entity: str) -> Json:
    return visit.api.duplicate_counts(entity, state.get("pairs_sure", 0.99))


def _search() -> None:
    attempt(
        lambda: visit.api.find_duplicates(state.get("pairs_kind", "contact")),
        "Looking. New pairs appear within a minute.",
    )


def _decided() -> None:
    """The next pair of the list comes up."""
    forget_waiting()
    state["pairs_shown"] = None


def _queue(entity: str, status: str) -> None:
    page = visit.api.duplicates(
        [f"entity:eq:{entity}", f"status:eq:{status}"], sort="" if status == "open" else "-decided_at", limit=SHOWN
    )
    items = page["items"]
    if not items:
        _nothing(status)
        return
    skipped: list[str] = state.setdefault("pairs_skipped", [])
    waiting = [item for item in items if item["duplicate_proposal_id"] not in skipped] or items
    ids = [item["duplicate_proposal_id"] for item in items]
    shown_id = state.get("pairs_shown") if state.get("pairs_shown") in ids else waiting[0]["duplicate_proposal_id"]
    shown = next(item for item in items if item["duplicate_proposal_id"] == shown_id)
    left, right = st.columns([1, 1.9], gap="medium")
    with left:
        _list(items, page, status)
    with right:
        if status == "open":
            _open_pair(shown, entity)
        else:
            _decided_pair(shown)


def _nothing(status: str) -> None:
    if status == "open":
        empty_state(
            "group", "No pair waits for a decision",
            "Records are compared every hour by name, address, telephone, profile and company. “Look now” does it at once.",
        )  # fmt: skip
    else:
        empty_state(
            "history", "Nothing was decided yet", "What you merge or keep apart is listed here, with its way back."
        )


def _list(items: list[Json], page: Json, status: str) -> None:
    st.caption(f"{plural(page['total'], 'pair')}{' · the surest first' if status == 'open' else ''}")
    table = pd.DataFrame(
        {
            "Chance": [item["probability"] for item in items],
            "One": [item["left"]["name"] for item in items],
            "Other": [item["right"]["name"] for item in items],
        }
    )
    picked = st.dataframe(
        table, hide_index=True, row_height=34, height=min(36 + 34 * len(items), 560), on_select="rerun",
        selection_mode="single-row", key=f"pairs_table_{status}_{state.get('pairs_round', 0)}", alt="Pairs; choose one to see it",
        column_config={
            "Chance": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1, width=84),
        },
    )  # fmt: skip
    rows = picked["selection"]["rows"]
    chosen = items[rows[0]]["duplicate_proposal_id"] if rows and rows[0] < len(items) else None
    if chosen and chosen != state.get("pairs_shown"):
        state["pairs_shown"] = chosen
        st.rerun()


def _open_pair(item: Json, entity: str) -> None:
    proposal_id, etag = item["duplicate_proposal_id"], item["etag"]
    with st.container(border=True):
        _head(item)
        try:
            chosen = compare(visit, entity, item["left"]["id"], item["right"]["id"])
        except ApiProblem as problem:
            st.info(f"{problem.detail} The next search takes this pair off the list.", icon=":material/update:")
            return
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button(
                "Merge", type="primary", icon=":material/merge:", key="pairs_merge", shortcut="M", disabled=not may_decide
            ) and attempt(
                lambda: visit.api.merge_duplicate(proposal_id, chosen.survivor_id, chosen.choices, etag),
                "Merged. Find it under “Merged” to take it back.", reruns=True,
            ):  # fmt: skip
                _next()
            if st.button(
                "Not the same", icon=":material/call_split:", key="pairs_apart", shortcut="N", disabled=not may_decide,
                help="They are not asked about again until one of the two says something else.",
            ) and attempt(
                lambda: visit.api.dismiss_duplicate(proposal_id, etag), "Kept apart.", reruns=True
            ):  # fmt: skip
                _next()
            if st.button("Skip", icon=":material/skip_next:", key="pairs_skip", shortcut="S"):
                state.setdefault("pairs_skipped", []).append(proposal_id)
                _next()
        _evidence(item)


def _next() -> None:
    _decided()
    state["pairs_round"] = state.get("pairs_round", 0) + 1
    st.rerun()


def _head(item: Json) -> None:
    colour = "green" if item["probability"] >= 0.9 else "orange"
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f"**{escaped(item['left']['name'])}** and **{escaped(item['right']['name'])}**", width="content")
        st.badge(f"{item['probability']:.0%} · {item['chance']}", color=colour)  # type: ignore[arg-type]
        if item["reason"] == "changed_since":
            st.badge("decided before, changed since", color="gray")
    details = [
        " · ".join(part for part in (one["known_by"], one["detail"]) if part) for one in (item["left"], item["right"])
    ]
    st.caption(" — ".join(escaped(each) for each in details if each))


def _evidence(item: Json) -> None:
    card_title("What speaks for it", help="In bits: each one doubles the odds that the two are one, or halves them.")
    strongest = [each["words"] for each in item["evidence"] if each["weight"] > 0][:2]
    st.echarts_chart(
        waterfall(item["evidence"], item["weight"]), height=40 + 26 * (len(item["evidence"]) + 1), key="pairs_waterfall",
        alt=f"Evidence in bits, {item['weight']:+.1f} together. Strongest: {'; '.join(strongest)}",
    )  # fmt: skip
    st.caption(f"Found {ago(item['created_at'], now())} · {escaped(item['model_version'])}")


def _decided_pair(item: Json) -> None:
    words = {"merged": "Merged into one", "dismissed": "Kept apart"}[item["status"]]
    with st.container(border=True):
        _head(item)
        said = escaped(str(item["reason"]).replace("_", " "))
        st.markdown(f":material/history: **{words}** :gray[{ago(item['decided_at'], now())} · {said}]")
        with st.container(horizontal=True):
            if st.button(
                "Take it back", icon=":material/undo:", key="pairs_undo", disabled=not may_decide,
                help="A merge is undone and lifts no suppression; a pair that was kept apart is asked about again.",
            ) and attempt(
                lambda: visit.api.undo_duplicate(item["duplicate_proposal_id"], item["etag"]), "Taken back.", reruns=True
            ):  # fmt: skip
                _next()
            if item["status"] == "merged" and item["batch_id"] and st.button(
                "Take back all that were accepted together", icon=":material/undo:", key="pairs_undo_batch",
                disabled=not may_decide,
            ) and attempt(
                lambda: visit.api.undo_accepted(item["batch_id"]), "The worker takes them back, one after the other.", reruns=True
            ):  # fmt: skip
                _next()
        _evidence(item)


def _many(entity: str, counts: Json) -> None:
    """Many at once, as an act of its own: how sure, how many that is, and a box to tick."""
    with st.popover("Accept many", icon=":material/done_all:", disabled=not may_decide):
        st.markdown("**Merge every pair that is at least this sure**")
        st.segmented_control(
            "At least", list(SURE), default=0.99, key="pairs_sure", format_func=SURE.__getitem__, required=True,
            label_visibility="collapsed",
        )  # fmt: skip
        number = counts["acceptable"]
        st.caption(
            f"That is {plural(number, 'pair')} now. Each is merged by your rules of survivorship, by a worker, and can be "
            "taken back, one by one or all together."
        )
        sure = st.checkbox(f"Yes, merge {plural(number, 'pair')}", key=f"pairs_sure_{number}", disabled=not number)
        if st.button("Merge them", type="primary", key="pairs_accept", disabled=not (sure and number)) and attempt(
            lambda: visit.api.accept_duplicates(entity, state["pairs_sure"], number),
            f"{plural(number, 'pair')} accepted. They are merged one after the other.", reruns=True,
        ):  # fmt: skip
            _next()


page_title("Duplicates", "Records that may be one person or company. You decide; every merge can be taken back.")
with guarded():
    entity = str(state.get("pairs_kind") or "contact")
    counts = _counts(entity)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.segmented_control(
            "Kind", list(KINDS), default="contact", required=True, key="pairs_kind", label_visibility="collapsed",
            format_func=lambda kind: f"{KINDS[kind]} · {count(counts[kind])}",
        )  # fmt: skip
        status = st.segmented_control(
            "State", list(STATES), default="open", required=True, key="pairs_state", label_visibility="collapsed",
            format_func=STATES.__getitem__,
        )  # fmt: skip
        st.space("stretch")
        _many(entity, counts)
        st.button(
            "Look now", icon=":material/search:", key="pairs_search", on_click=_search, disabled=not may_decide,
            help="Compares all records. Pairs that were decided stay decided.",
        )  # fmt: skip
    _queue(entity, str(status or "open"))
