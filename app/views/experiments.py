"""Experiments: what is tested on whom, what may be concluded of it in a sentence, and how it is decided."""

from __future__ import annotations

from typing import Literal

import pandas as pd
import streamlit as st

from app import session
from app.api_transport import Json
from app.arm_readouts import TABLE_WORDS, against_first, chances, show_harms, show_intervals
from app.components import empty_state, guarded, now, page_title, quiet_note, say_next
from app.experiment_words import METRICS, RATES_FROM, STATES, key_of, verdict
from app.formatting import ago, comma_separated, count, escaped, plural
from app.split_words import HARMS, UNITS
from domain.permissions import Permission

visit = session.current()
may_write = visit.may(Permission.EXPERIMENTS_WRITE)
COLOURS: dict[str, Literal["gray", "green", "blue"]] = {"draft": "gray", "running": "green", "stopped": "blue"}


@st.dialog("New experiment", width="medium")
def _create() -> None:
    with guarded(), st.form("experiment_new", border=False):
        name = st.text_input("Name", max_chars=200, placeholder="Shorter text above the form")
        hypothesis = st.text_area("What you expect, and why", max_chars=2_000, height=80)
        arms = st.text_input(
            "Arms, separated by commas", "now, new",
            help="The first is what there is today; the others are compared with it. All get the same share.",
        )  # fmt: skip
        metric = st.selectbox("Success", list(METRICS), format_func=METRICS.__getitem__)
        left, right = st.columns(2)
        unit = left.segmented_control(
            "Who gets an arm", list(UNITS), default="person", required=True,
            format_func=lambda each: UNITS[each][1].capitalize(), help="Companies, where colleagues should see the same.",
        )  # fmt: skip
        days = right.number_input(
            "Days to wait for success", 1, 90, 14, help="Whoever met an arm later than that is no failure yet."
        )
        guardrails = st.multiselect("Must not happen more often", list(HARMS), format_func=HARMS.__getitem__)
        if st.form_submit_button("Make a draft", type="primary"):
            made = visit.api.create_experiment(
                {
                    "key": key_of(name), "name": name, "hypothesis": hypothesis, "metric": metric, "unit": unit,
                    "arms": [{"key": each} for each in comma_separated(arms)], "horizon_days": days,
                    "guardrails": guardrails,
                }
            )  # fmt: skip
            st.session_state["experiment_made"] = made["experiment_id"]
            say_next("The draft is made: start it when the page asks for its arm")
            st.rerun()


@st.dialog("Stop and decide")
def _stop(one: Json, best: str | None) -> None:
    with guarded(), st.form("experiment_stop", border=False):
        keys = [arm["key"] for arm in one["arms"]]
        adopted = st.selectbox(
            "Everybody gets", [*keys, None], index=keys.index(best) if best in keys else 0,
            format_func=lambda each: each or "none of them",
        )  # fmt: skip
        reason = st.text_area("Why", max_chars=500, height=80, help="Kept with what could be concluded today.")
        if st.form_submit_button("Stop and decide", type="primary"):
            visit.api.stop_experiment(one["experiment_id"], adopted, reason)
            say_next("The experiment is decided")
            st.rerun()


def _start(one: Json) -> None:
    with guarded():
        visit.api.start_experiment(one["experiment_id"])
        st.toast("It runs: arms, weights and metric stay as they are from now on")


def _one(one: Json) -> None:
    state, found = one["state"], visit.api.experiment_results(one["experiment_id"])
    best = found["arm_id"] if found["outcome"] in {"better", "worse"} else None
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {escaped(one['name'])}")
        st.badge(STATES[state], color=COLOURS[state])
        st.space("stretch")
        if may_write and state == "draft":
            st.button("Start", icon=":material/play_arrow:", type="primary", on_click=_start, args=(one,))
        if may_write and state == "running":
            st.button("Stop and decide", icon=":material/gavel:", on_click=_stop, args=(one, best))
    if one["hypothesis"]:
        st.markdown(f":gray[{escaped(one['hypothesis'])}]")
    if state == "stopped":
        arm = one["adopted_arm"]
        quiet_note(f"{'Everybody gets ' + escaped(arm) if arm else 'No arm was adopted'}: {escaped(one['stop_reason'])}", "gavel")  # fmt: skip
    if state == "draft":
        st.code(f"POST /v1/experiments/{one['key']}/assignments", language=None)
    _results(found)


def _results(found: Json) -> None:
    icon, color, headline, detail = verdict(found)
    with st.container(border=True):
        st.markdown(f":{color}[:material/{icon}: **{escaped(headline)}**]  \n{escaped(detail)}")
        arms = found["arms"]
        show_intervals(arms, "experiment_arms")
        if any(arm["exposed"] for arm in arms):
            st.dataframe(_table(found), hide_index=True, row_height=34, alt=TABLE_WORDS)
        show_harms(found["guardrails"])
        st.caption(_small_print(found))


def _table(found: Json) -> pd.DataFrame:
    arms = found["arms"]
    return pd.DataFrame(
        {
            "Arm": [arm["arm_id"] for arm in arms],
            UNITS[found["unit"]][1].capitalize(): [arm["exposed"] for arm in arms],
            "Had their time": [arm["matured"] for arm in arms],
            "Succeeded": [arm["successes"] for arm in arms],
            "Against the first": [against_first(arm) if arm["matured"] else "–" for arm in arms],
            **chances(arms),
        }
    )


def _small_print(found: Json) -> str:
    one, many = UNITS[found["unit"]]
    parts = [f"A success counts within {count(found['horizon_days'])} days of meeting an arm."]
    if found["young"]:
        parts.append(f"{plural(found['young'], one, many)} met an arm too lately to be counted as a failure.")
    if found["clash_count"]:
        parts.append(f"{plural(found['clash_count'], one, many)} met more than one arm and count nowhere.")
    if found["plan"]["base_rate"] is not None:
        parts.append(f"Planned with {found['plan']['base_rate']:.1%}, {RATES_FROM[found['plan']['base_rate_from']]}.")
    return " ".join([*parts, "Intervals of 95 % hold however often one looks. :material/bolt: live"])


with guarded():
    with st.container(horizontal=True, vertical_alignment="center"):
        page_title("Experiments", "Two ways side by side, on pages, calls to action and anything else.")
        st.space("stretch")
        if may_write:
            st.button("New experiment", icon=":material/add:", key="experiment_add", on_click=_create)
    items = visit.api.experiments()
    if not items:
        empty_state("science", "No experiments yet", "Make a draft, ask for arms where the page is made, and start it.")
    else:
        by_id = {one["experiment_id"]: one for one in items}
        if (made_now := st.session_state.pop("experiment_made", None)) in by_id:
            st.session_state["experiment"] = made_now
        if st.session_state.get("experiment") not in by_id:
            st.session_state["experiment"] = items[0]["experiment_id"]
        st.dataframe(
            pd.DataFrame(
                {
                    "Experiment": [one["name"] for one in items],
                    "State": [STATES[one["state"]] for one in items],
                    "Success": [METRICS[one["metric"]] for one in items],
                    "Arms": [", ".join(arm["key"] for arm in one["arms"]) for one in items],
                    "Met an arm": [one["exposure_count"] for one in items],
                    "Started": [ago(one["started_at"], now()) if one["started_at"] else "–" for one in items],
                    "Key": [one["key"] for one in items],
                }
            ),
            hide_index=True, row_height=36, alt="Experiments, newest first",
        )  # fmt: skip
        st.selectbox("Look at", list(by_id), key="experiment", format_func=lambda each: by_id[each]["name"], width=420)
        _one(by_id[st.session_state["experiment"]])
