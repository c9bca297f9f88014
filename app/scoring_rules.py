"""Model → Rules: the scoring rules as YAML, and what a draft would change before it is saved."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app.api_transport import ApiProblem, Json
from app.components import attempt, card_title, empty_state, is_answered, now, problem_box
from app.contact_drawer import open_drawer
from app.formatting import BAND_LABELS, ago, escaped, plural
from app.session import Visit
from domain.permissions import Permission

DRAFT, QUESTION, SHOWN = "rules_draft", "rules_question", "rules_shown_of"
HELP = (
    "Points for what fits and for what moves. A group's points stay within its cap; engagement fades by half every "
    "`half_life_days`. With a model, rules give the grade, and the model gives the score."
)


def show_rules(visit: Visit) -> None:
    held = visit.api.scoring_rules()
    state = st.session_state
    if state.get(SHOWN) != held["etag"] and DRAFT not in state:
        state[DRAFT] = held["source"]
    state[SHOWN] = held["etag"]
    editor, effect = st.columns([1, 1], gap="medium")
    with editor, st.container(border=True, gap="small"):
        _editor(visit, held)
    with effect:
        _effect(visit)


def _editor(visit: Visit, held: Json) -> None:
    state = st.session_state
    card_title("Rules", help=HELP)
    if held["version"] is None:
        st.caption("The shipped rules hold. Save your own to replace them.")
    else:
        st.caption(
            f"Version {held['version']} · saved {ago(held['changed_at'], now())} by {escaped(held['changed_by'])}"
        )
    source = st.text_area("Rules as YAML", key=DRAFT, height=560, label_visibility="collapsed", persist_state="session")
    is_changed = source.strip() != held["source"].strip()

    def leave() -> None:
        state[DRAFT] = held["source"]
        state.pop(QUESTION, None)

    with st.container(horizontal=True):
        if st.button("Try on the last 90 days", type="primary", icon=":material/science:", key="rules_try"):
            state.pop(QUESTION, None)
            try:
                state[QUESTION] = visit.api.try_scoring_rules(source)["score_question_id"]
            except ApiProblem as problem:
                problem_box(problem)
        if (
            visit.may(Permission.SETTINGS_WRITE)
            and st.button("Save", key="rules_save", icon=":material/save:", disabled=not is_changed)
            and attempt(
                lambda: visit.api.put_scoring_rules(source, held["etag"]),
                "Saved. New leads are scored by them at once, the others with the next build.", reruns=True,
            )
        ):  # fmt: skip
            st.rerun()
        st.button("Discard", key="rules_leave", on_click=leave, type="tertiary", disabled=not is_changed)


def _effect(visit: Visit) -> None:
    question_id = st.session_state.get(QUESTION)
    if not question_id:
        empty_state(
            "science", "Try a draft before you save it",
            "The leads of the last 90 days are scored by the rules in force and by your draft, and so are those whose "
            "outcome is known, as they were before it.",
        )  # fmt: skip
        return
    found = visit.api.scoring_rules_preview(question_id)
    if is_answered(found, "rules_again"):
        _answer(found["answer"])


def _answer(answer: Json) -> None:
    with st.container(border=True, gap="small"):
        card_title("Who would move", help="Scored now, by the rules in force and by the draft; nothing is written.")
        st.markdown(moved_words(answer))
        for side, label in (("bands", "Band"), ("grades", "Grade")):
            st.dataframe(
                moved_table(answer[side], label), hide_index=True, height="auto", row_height=30,
                alt=f"Leads by {label.lower()}, before and after",
                column_config={"Change": st.column_config.NumberColumn(format="%+d")},
            )  # fmt: skip
    with st.container(border=True, gap="small"):
        card_title(
            "Who was won and lost",
            help="Leads whose outcome is known, as they were before it: how many would have reached each band.",
        )
        st.caption(decided_words(answer))
        if answer["thresholds"]:
            st.dataframe(
                threshold_table(answer), hide_index=True, height="auto", row_height=30,
                alt="Won and lost leads that reach each band, before and after",
            )  # fmt: skip
    if answer["changes"]:
        _changes(answer)


def _changes(answer: Json) -> None:
    changes = answer["changes"]

    def clicked() -> None:
        click = st.session_state["rules_open"]
        if click is not None:
            open_drawer(changes[int(click["row"])]["contact_id"])

    with st.container(border=True, gap="small"):
        card_title("The largest moves")
        config = st.column_config
        st.dataframe(
            pd.DataFrame(
                [
                    {
                        "Lead": one["name"] or "gone since",
                        "Score": f"{one['score_before']:.0f} → {one['score_after']:.0f}",
                        "Band": _step(BAND_LABELS[one["band_before"]], BAND_LABELS[one["band_after"]]),
                        "Grade": _step(one["grade_before"], one["grade_after"]),
                    }
                    for one in changes
                ]
            ),
            hide_index=True, row_height=32, height=min(38 + 32 * len(changes), 360), alt="Leads that would move most",
            column_config={
                "Lead": config.ButtonColumn(
                    "Lead", width=150, alignment="left", type="tertiary", on_click=clicked, key="rules_open"
                ),
            },
        )  # fmt: skip


def moved_words(answer: Json) -> str:
    """How many leads would stand elsewhere, and which way."""
    if not answer["lead_count"]:
        return f"Nobody became known in the last {answer['days']} days."
    told = f"Of {plural(answer['lead_count'], 'lead')} of the last {answer['days']} days, "
    if not answer["band_change_count"] and not answer["grade_change_count"]:
        return told + "**nobody would move**."
    sunk = answer["band_change_count"] - answer["risen_count"]
    return (
        f"{told}**{answer['band_change_count']:,} would change their band** ({answer['risen_count']:,} up, {sunk:,} down) "
        f"and **{answer['grade_change_count']:,} their grade**."
    )


def decided_words(answer: Json) -> str:
    """Which leads with an outcome are looked at."""
    if not answer["thresholds"]:
        return "No lead has an outcome yet: a won or lost deal, or the attribute that you marked as the outcome."
    span = (
        f"decided in the last {answer['decided_days']} days" if answer["decided_days"] else
        f"of all time: in the last {answer['days']} days too few were decided"
    )  # fmt: skip
    told = f"{answer['won_count']:,} won and {answer['lost_count']:,} lost, {span}."
    if answer["has_model"]:
        told += " The model has learned from most of them, which flatters both sides alike."
    return told


def moved_table(counts: list[Json], label: str) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                label: BAND_LABELS.get(one["name"], one["name"]), "Now": one["before"], "Draft": one["after"],
                "Change": one["after"] - one["before"],
            }
            for one in counts if one["before"] or one["after"]
        ]
    )  # fmt: skip


def threshold_table(answer: Json) -> pd.DataFrame:
    def cell(count: int, total: int) -> str:
        return f"{count:,} ({count / total:.0%})" if total else "–"

    return pd.DataFrame(
        [
            {
                "At least": BAND_LABELS[one["band"]],
                **{
                    f"{side.capitalize()}, {label}": cell(one[f"{side}_{when}"], answer[f"{side}_count"])
                    for side in ("won", "lost") for when, label in (("before", "now"), ("after", "draft"))
                },
            }
            for one in answer["thresholds"]
        ]
    )  # fmt: skip


def _step(before: str, after: str) -> Any:
    return before if before == after else f"{before} → {after}"
