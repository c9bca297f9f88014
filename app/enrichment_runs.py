"""Runs of enrichment on screen: how far they are, what they spent, and their dead letters."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.api_transport import Json
from app.components import doing, empty_state, now
from app.enrichment_words import OUTCOMES, PAUSES, RUN_COLORS, RUN_STATES, TRIGGERS, progress, spent
from app.formatting import ago, count, plural
from app.session import Visit

LIVE = {"filling", "running"}


def show_runs(visit: Visit, names: dict[str, str], *, may_write: bool) -> None:
    """All runs; the chosen one, or the newest, in full. One that is going on is looked at again every two seconds."""
    runs = visit.api.enrichment_runs()
    if not runs:
        empty_state(
            "database", "Nothing was enriched yet", "Choose a workflow, see what it would cost, and try ten rows."
        )
        return
    table = pd.DataFrame(
        {
            "Workflow": [names.get(run["enrichment_workflow_id"], "–") for run in runs],
            "Rows": [TRIGGERS[run["trigger"]] for run in runs],
            "State": [RUN_STATES[run["status"]] for run in runs],
            "Done": [progress(run)[0] for run in runs],
            "Values": [run["filled_count"] for run in runs],
            "Dead letters": [run["rows"].get("failed", 0) for run in runs],
            "Spent": [spent(run["spent_micros"], run["currency"]) for run in runs],
            "Started": [ago(run["created_at"], now()) for run in runs],
        }
    )
    picked = st.dataframe(
        table, hide_index=True, row_height=34, on_select="rerun", selection_mode="single-row", key="enrich_runs",
        alt="Runs; choose one to see it", column_config={"Done": st.column_config.ProgressColumn(format="percent")},
    )  # fmt: skip
    chosen = picked["selection"]["rows"]
    run = runs[chosen[0]] if chosen and chosen[0] < len(runs) else runs[0]
    with st.container(border=True):
        is_live = run["status"] in LIVE
        st.fragment(run_every=2 if is_live else None)(_one)(visit, run["enrichment_run_id"], names, may_write, is_live)


def _one(visit: Visit, run_id: str, names: dict[str, str], may_write: bool, was_live: bool) -> None:
    run = visit.api.enrichment_run(run_id)
    if was_live and run["status"] not in LIVE:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"#### {names.get(run['enrichment_workflow_id'], 'Run')}", width="content")
        st.badge(RUN_STATES[run["status"]], color=RUN_COLORS[run["status"]])  # type: ignore[arg-type]
        st.caption(f"version {run['version']} · {TRIGGERS[run['trigger']].lower()}", width="content")
        st.space("stretch")
        if may_write:
            _buttons(visit, run)
    if run["reason"]:
        st.warning(PAUSES.get(run["reason"], run["reason"]), icon=":material/pause_circle:")
    share, words = progress(run)
    st.progress(share, words)
    _spending(run)
    if run["rows"].get("failed"):
        _dead_letters(visit, run, may_write=may_write)


def _buttons(visit: Visit, run: Json) -> None:
    run_id = run["enrichment_run_id"]
    if run["status"] in LIVE:
        st.button("Pause", icon=":material/pause:", key=f"enrich_pause_{run_id}",
                  on_click=doing(lambda: visit.api.act_on_enrichment_run(run_id, "pause"), "Paused."))  # fmt: skip
    if run["status"] == "paused":
        st.button("Go on", type="primary", icon=":material/play_arrow:", key=f"enrich_resume_{run_id}",
                  on_click=doing(lambda: visit.api.act_on_enrichment_run(run_id, "resume"), "It goes on."))  # fmt: skip
    if run["status"] in LIVE | {"paused"}:
        st.button("End", icon=":material/stop:", key=f"enrich_stop_{run_id}",
                  on_click=doing(lambda: visit.api.act_on_enrichment_run(run_id, "stop"), "Ended."))  # fmt: skip


def _spending(run: Json) -> None:
    words = [f"Spent **{spent(run['spent_micros'], run['currency'])}**"]
    if run["reserved_micros"]:
        words.append(f"{spent(run['reserved_micros'], run['currency'])} set aside for calls that are out")
    if run["doubtful_calls"]:
        words.append(
            f":orange[{plural(run['doubtful_calls'], 'call')} may have been charged without an answer; that counts as spent]"
        )
    st.markdown(" · ".join(words))
    if run["calls"]:
        st.dataframe(
            pd.DataFrame(
                {
                    "Provider": [each["connection"] for each in run["calls"]],
                    "Outcome": [OUTCOMES.get(each["outcome"], each["outcome"]) for each in run["calls"]],
                    "Calls": [each["calls"] for each in run["calls"]],
                    "Cost": [spent(each["cost_micros"], run["currency"]) for each in run["calls"]],
                }
            ), hide_index=True,
        )  # fmt: skip


def _dead_letters(visit: Visit, run: Json, *, may_write: bool) -> None:
    run_id = run["enrichment_run_id"]
    found = visit.api.enrichment_rows(run_id, "failed")["items"]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(
            f"**{plural(run['rows']['failed'], 'dead letter')}**: rows in which a provider failed and a value is missing.",
            width="content",
        )
        st.space("stretch")
        if may_write and run["status"] != "stopped":
            st.button(
                "Try them again", icon=":material/replay:", key=f"enrich_replay_{run_id}",
                help="What may have been charged before may be charged again.",
                on_click=doing(lambda: visit.api.replay_enrichment(run_id), "They are tried again."),
            )  # fmt: skip
    st.dataframe(
        pd.DataFrame(
            {
                "Row": [row["display_name"] or "gone" for row in found],
                "Failed": [row["problem"].replace("_", " ") for row in found],
                "Last answer": [row["calls"][-1]["problem"] if row["calls"] else "" for row in found],
                "Spent": [spent(row["spent_micros"], run["currency"]) for row in found],
                "When": [ago(row["calls"][-1]["asked_at"], now()) if row["calls"] else "–" for row in found],
            }
        ), hide_index=True,
    )  # fmt: skip
    if len(found) < run["rows"]["failed"]:
        st.caption(f"The first {count(len(found))} of them.")
