"""Data quality: what was checked, what was refused or held, what failed, and the buttons that try it again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC
from typing import Any

import pandas as pd
import streamlit as st

from app import charts, session
from app.api_transport import Json
from app.components import attempt, card_title, empty_state, guarded, now, page_title
from app.formatting import ago, count, escaped, plural
from app.quality_identity import machines_tab
from app.queries import data_quality as questions
from app.queries.freshness import freshness

visit = session.current()
state = st.session_state
RUNS_SHOWN = 20
LAYERS = {
    "landed": ("Landed", "Events and changes copied from the store into the lake."),
    "marts": ("Marts", "Identities, sessions, funnel and attribution, built by dbt."),
    "models": ("Models", "The lead score's model, trained and judged."),
    "activation": ("Activation", "Scores and reasons written back to the store."),
}
REASON_WORDS = {
    "invalid_json": "Not readable as JSON",
    "missing_event_id": "No event id",
    "unknown_type": "A type of event nobody knows",
    "too_late": "Came more than 30 days late",
    "too_large": "Too large",
}


def _freshness_row() -> None:
    found = freshness(visit.organization_id)
    with st.grid(4, min_column_width=170):
        for name, (label, meaning) in LAYERS.items():
            moment = found.get(name)
            with st.container(border=True, height="stretch", gap="xsmall"):
                st.metric(label, ago(moment, now()).capitalize(), help=meaning)
                st.caption(f"{moment.astimezone(UTC):%-d %b %Y, %H:%M} UTC" if moment else "Runs with the pipeline")


def _checks_tab() -> None:
    answer = questions.checks(visit.organization_id)
    if answer.is_empty:
        empty_state(
            "rule", "No check has run yet",
            answer.problem or "Checks run on every batch that lands: row rules, contracts and dbt tests.",
        )  # fmt: skip
        return
    rows = answer.rows.copy()
    rows["day"] = pd.to_datetime(rows["checked_at"]).dt.strftime("%b %d")
    rows["outcome"] = rows["is_success"].map({True: "Passed", False: "Failed"})
    by_day = rows.iloc[::-1].pivot_table(
        index="day", columns="outcome", values="check_name", aggfunc="count", sort=False
    )
    by_day = by_day.reindex(columns=["Passed", "Failed"]).fillna(0).astype(int).reset_index()
    newest = questions.check_history(visit.organization_id, RUNS_SHOWN).rows
    failing = int((~newest["is_success"]).sum())
    left, right = st.columns([1, 1.7], gap="small")
    with left, st.container(border=True, height="stretch"):
        st.metric(
            "Checks passing now", f"{len(newest) - failing} of {len(newest)}",
            help="The newest result of every check: on files of this organization, and on what the instance landed.",
        )  # fmt: skip
        st.caption("All is well." if not failing else f":red[{plural(failing, 'check')} failing]")
    with right, st.container(border=True, height="stretch"):
        card_title("Last 14 days")
        st.echarts_chart(
            charts.stacked_days(by_day, [("Passed", charts.GOOD), ("Failed", charts.BAD)]), height=150, key="quality_checks",
            alt=f"Check results by day; {failing} failing now",
        )  # fmt: skip
    st.dataframe(
        pd.DataFrame(
            {
                "Result": [["Passed" if passed else "Failed"] for passed in newest["is_success"]],
                "Check": newest["check_name"],
                "Table": newest["source"] + " · " + newest["table_name"],
                f"Last {RUNS_SHOWN} runs": newest["passed_shares"],
                "Pass rate": newest["pass_rate"],
                "Severity": newest["severity"],
                "Rows": newest["row_count"],
                "Failed rows": newest["failed_count"],
                "Checked": newest["checked_at"],
            }
        ),
        hide_index=True, row_height=34, placeholder="–", alt="The newest result of every check and its history",
        column_config={
            "Result": st.column_config.MultiselectColumn(options=["Passed", "Failed"], color=["green", "red"], width=90),
            f"Last {RUNS_SHOWN} runs": st.column_config.BarChartColumn(
                y_min=0, y_max=1, help="Oldest first; a full bar is a run in which every row met the check."
            ),
            "Pass rate": st.column_config.NumberColumn(format="percent", help="Share of these runs that passed."),
            "Rows": st.column_config.NumberColumn(format="localized"),
            "Failed rows": st.column_config.NumberColumn(format="localized"),
            "Checked": st.column_config.DatetimeColumn(format="distance"),
        },
    )  # fmt: skip


def _rejected_tab() -> None:
    reason = state.get("quality_reason")
    page = visit.api.rejected_events(reason=reason)
    if not page["reasons"]:
        empty_state(
            "verified_user", "No event waits here",
            "An event that breaks its contract is never dropped: it is kept here with the reason, and can be tried again.",
        )  # fmt: skip
        return
    counts = {found["reason"]: found["count"] for found in page["reasons"]}
    with st.container(horizontal=True, vertical_alignment="center"):
        st.pills(
            "Reason", list(counts), key="quality_reason", label_visibility="collapsed",
            format_func=lambda name: f"{_words(name)} · {counts.get(name, 0):,}",
        )  # fmt: skip
        st.space("stretch")
        waiting = counts.get(reason, sum(counts.values())) if reason else sum(counts.values())
        st.button(
            f"Replay {'these' if reason else 'all'} {min(waiting, 500):,}", icon=":material/replay:", type="primary",
            disabled=not visit.may_write, key="quality_replay", on_click=_replay_rejected, args=(reason,),
            help="Tries the oldest 500 again. Those that pass are accepted as if they had come today.",
        )  # fmt: skip
    items = page["items"]
    chosen = st.dataframe(
        pd.DataFrame(
            {
                "Reason": [_words(item["reason"]) for item in items],
                "What it said": [item["message"] for item in items],
                "Event": [item["event_id"] or "–" for item in items],
                "Tries": [item["attempts"] for item in items],
                "Received": [pd.Timestamp(item["received_at"]) for item in items],
            }
        ),
        hide_index=True, row_height=34, key="quality_rejected_table", on_select="rerun", selection_mode="single-row",
        alt="Rejected events with their reasons; choose a row to see it",
        column_config={"Received": st.column_config.DatetimeColumn(format="distance")},
    )  # fmt: skip
    rows = chosen["selection"]["rows"]
    if rows and rows[0] < len(items):
        _rejected_detail(items[rows[0]])
    else:
        st.caption("Choose a row to see the event as it came.")


def _rejected_detail(item: Json) -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{escaped(_words(item['reason']))}** :gray[· {ago(item['received_at'], now())}]")
            st.space("stretch")
            st.button(
                "Replay this one", icon=":material/replay:", disabled=not visit.may_write, key="quality_replay_one",
                on_click=_replay_rejected, args=(None, [item["rejected_event_id"]]),
            )  # fmt: skip
        st.markdown(escaped(item["message"]))
        st.code(_pretty(item["body"]), language="json")


def _replay_rejected(reason: str | None, ids: list[str] | None = None) -> None:
    attempt(
        lambda: visit.api.replay_rejected(ids=ids or [], reason=reason),
        "Queued. What passes now leaves this list within seconds.",
    )


@st.fragment(run_every=3)
def _rejected_live() -> None:
    with guarded():
        _rejected_tab()


def _quarantine_tab() -> None:
    reasons = questions.quarantine_reasons(visit.organization_id)
    if reasons.is_empty:
        empty_state(
            "inventory_2", "Quarantine is empty",
            reasons.problem or "Rows that break a rule on their way into the lake wait here, with the rule's name.",
        )  # fmt: skip
    for row in reasons.rows.to_dict("records"):
        key = f"{row['source']}_{row['rule']}"
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{escaped(str(row['source']))}** · {escaped(str(row['rule']))}")
                st.badge(plural(int(row["row_count"]), "row"), color="orange")
                st.caption(f"newest {ago(row['newest_at'].to_pydatetime(), now())}")
                st.space("stretch")
                st.button(
                    "Replay", icon=":material/replay:", key=f"quality_quarantine_{key}", disabled=not visit.may_write,
                    on_click=_replay_quarantine, args=(str(row["source"]), str(row["rule"])),
                    help="Asks the next landing to try these rows again: fix the cause first.",
                )  # fmt: skip
            st.markdown(f":gray[{escaped(str(row['reason'] or ''))}]")
            shown = st.expander("Rows", key=f"quality_rows_{key}", on_change="rerun")
            if shown.open:
                _quarantine_rows(shown, str(row["source"]), str(row["rule"]))
    replays = visit.api.quarantine_replays()
    if replays:
        st.markdown("**Asked for**")
        for asked in replays[:5]:
            done = asked["status"] == "done"
            words = f"{asked['replayed_count']:,} passed" if done else "waits for the next landing"
            st.markdown(
                f":{'green' if done else 'orange'}[:material/{'check' if done else 'hourglass_top'}:] "
                f"{escaped(asked['source'])} · {words} :gray[· {ago(asked['created_at'], now())}]"
            )


def _quarantine_rows(place: Any, source: str, rule: str) -> None:
    answer = questions.quarantine_rows(visit.organization_id, source, rule)
    place.dataframe(
        answer.rows.rename(columns={"reason": "Reason", "row": "Row", "first_seen_at": "First seen"}),
        column_order=["Reason", "Row", "First seen"], hide_index=True, row_height=34, alt="Quarantined rows",
        column_config={"First seen": st.column_config.DatetimeColumn(format="distance")},
    )  # fmt: skip


def _replay_quarantine(source: str, rule: str) -> None:
    ids = [str(found) for found in questions.quarantine_rows(visit.organization_id, source, rule).rows["quarantine_id"]]
    attempt(lambda: visit.api.replay_quarantine(source, ids), "Asked. The next landing tries these rows again.")


def _held_tab() -> None:
    held = visit.api.held_submissions()
    if not held:
        empty_state(
            "mark_email_read", "Nothing is held",
            "Submissions that look like spam (a filled trap, faster than a person) are kept here, not thrown away.",
        )  # fmt: skip
        return
    for item in held:
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{escaped(item['form_name'])}**")
                st.badge(item["held_reason"].replace("_", " ") or "held", color="orange")
                st.caption(ago(item["submitted_at"], now()))
                st.space("stretch")
                st.button(
                    "Release", icon=":material/outgoing_mail:", key=f"quality_release_{item['form_submission_id']}",
                    disabled=not visit.may_write, on_click=_release, args=(item["form_id"], item["form_submission_id"]),
                    help="It was a person: take it in as if it had come through.",
                )  # fmt: skip
            answers = " · ".join(f"{name}: {value}" for name, value in item["answers"].items() if value)
            st.markdown(f":gray[{escaped(answers[:400])}]")


def _release(form_id: str, form_submission_id: str) -> None:
    attempt(lambda: visit.api.release_submission(form_id, form_submission_id), "Released: the lead is in.")


def _jobs_tab() -> None:
    dead = visit.api.dead_jobs()
    if not dead:
        empty_state(
            "task_alt", "No job has failed for good",
            "Work that keeps failing after all its tries ends here, with the last error, and can be given new tries.",
        )  # fmt: skip
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plural(len(dead), 'job')}**")
        st.space("stretch")
        st.button(
            "Requeue all", icon=":material/replay:", disabled=not visit.may_write, key="quality_requeue",
            on_click=_requeue, args=([job["job_id"] for job in dead],),
        )  # fmt: skip
    st.dataframe(
        pd.DataFrame(
            {
                "Kind": [job["kind"].replace("_", " ") for job in dead],
                "Last error": [job["last_error"] for job in dead],
                "Tries": [job["attempts"] for job in dead],
                "Failed": [pd.Timestamp(job["finished_at"] or job["created_at"]) for job in dead],
            }
        ),
        hide_index=True, row_height=34, alt="Jobs that failed for good",
        column_config={
            "Last error": st.column_config.TextColumn(width="large"),
            "Failed": st.column_config.DatetimeColumn(format="distance"),
        },
    )  # fmt: skip


def _requeue(ids: list[str]) -> None:
    attempt(lambda: visit.api.requeue_jobs(ids), "Queued again with all their tries.")


def _words(reason: str) -> str:
    return REASON_WORDS.get(reason, reason.replace("_", " ").capitalize())


def _pretty(body: str) -> str:
    try:
        return json.dumps(json.loads(body), indent=2, ensure_ascii=False)
    except ValueError:
        return body


DRAWN: list[Callable[[], None]] = [
    _checks_tab, _rejected_live, _quarantine_tab, _held_tab, _jobs_tab,
    lambda: machines_tab(visit),
]  # fmt: skip
page_title("Data quality", "Nothing that comes in is lost: what could not be used waits here with its reason.")
_freshness_row()
with guarded():
    trouble = visit.api.trouble()
    quarantined = questions.quarantine_reasons(visit.organization_id).rows
    waiting_rows = int(quarantined["row_count"].sum()) if len(quarantined) else 0

    def _label(name: str, number: int) -> str:
        return f"{name} ({count(number)})" if number else name

    tabs = st.tabs(
        [
            "Checks",
            _label("Rejected events", trouble["rejected_events"]),
            _label("Quarantine", waiting_rows),
            _label("Held submissions", trouble["held_submissions"]),
            _label("Failed jobs", trouble["dead_jobs"]),
            "Machines",
        ],
        key="quality_tab",
        on_change="rerun",
    )
    for tab, draw in zip(tabs, DRAWN, strict=True):
        if tab.open:
            with tab:
                draw()
batches = questions.landed_batches(visit.organization_id)
if not batches.is_empty:
    with st.expander("Files landed"):
        st.dataframe(
            batches.rows.rename(
                columns={"source": "Source", "file_name": "File", "row_count": "Rows", "landed_at": "Landed"}
            ),
            hide_index=True, row_height=34, alt="Files landed in the lake, newest first",
            column_config={"Landed": st.column_config.DatetimeColumn(format="distance")},
        )  # fmt: skip
