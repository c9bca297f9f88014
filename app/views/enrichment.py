"""Enrichment: workflows over providers, what they would cost, runs, and the providers' own record."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import session
from app.api_transport import ApiProblem, Json
from app.components import attempt, doing, empty_state, guarded, page_title, quiet_note
from app.enrichment_connections import show_connections
from app.enrichment_runs import show_runs
from app.enrichment_words import OUTCOMES, PROBLEMS, chain_line, price, share, spent
from app.formatting import count, escaped, plural
from domain.permissions import Permission

SAMPLE = 10
FREE = ("website", "ip_to_company", "verification")
"""Providers that need no account; their connections are called like them."""
EXAMPLE = """\
name: Company basics
subject: company
# Only what is empty is filled. `own` also renews what enrichment wrote itself and has grown old.
overwrite: blanks
# New leads are enriched as they come in, within two seconds; the rest follows.
on_capture: true
# In your currency. A call is made only if its price still fits.
ceilings: {per_row: 0.20, per_run: 50, per_day: 20}
fields:
  # Providers are asked in order, until one answers with a valid value.
  - field: name
    providers: [website, ip_to_company]
  - field: country
    providers: [website, ip_to_company]
  - field: description
    providers: [website]
  - field: phone
    providers: [website]
  - field: linkedin_url
    providers: [website]
  - field: technologies
    providers: [website]
"""
ADDRESSES = """\
name: E-mail addresses
subject: contact
# Verified again once it is old, or the address is another one.
overwrite: own
on_capture: true
fields:
  - field: email_status
    providers: [verification]
  - field: email_reason
    providers: [verification]
  - field: email_verified
    providers: [verification]
"""
visit = session.current()
may_write = visit.may(Permission.ENRICHMENT_WRITE)
may_connect = visit.may(Permission.ENRICHMENT_CONNECT)


def _start_free() -> None:
    for name in FREE:
        visit.api.connect_provider(name=name, provider=name)
    for source in (EXAMPLE, ADDRESSES):
        visit.api.create_enrichment_workflow(source)


def _first_steps(connections: list[Json], workflows: list[Json]) -> None:
    if connections:
        if all(each["price_micros"] == 0 and not each["secrets_held"] for each in connections):
            quiet_note(
                "No account is connected: companies' own websites, your tables and the network database are asked, which cost nothing.",
                "info",
            )  # fmt: skip
        return
    with st.container(border=True):
        st.markdown(
            "**Start without an account.** Companies' own websites, the database of networks and the verification of addresses cost nothing."
        )
        st.button(
            "Use what is free", type="primary", icon=":material/rocket_launch:", key="enrich_free",
            disabled=not (may_connect and may_write) or bool(workflows),
            on_click=doing(_start_free, "Three providers and two workflows are there."),
        )  # fmt: skip


def _workflows(rows: list[Json]) -> None:
    if may_write:
        _new()
    if not rows:
        empty_state(
            "database", "No workflow yet", "Write one as YAML: which facts, from whom, in which order, at what price."
        )
        return
    names = {row["name"]: row for row in rows}
    chosen = names[st.selectbox("Workflow", list(names), key="enrich_workflow", label_visibility="collapsed")]
    _one(visit.api.enrichment_workflow(chosen["enrichment_workflow_id"]))


def _one(found: Json) -> None:
    workflow_id = found["enrichment_workflow_id"]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"#### {escaped(found['name'])}", width="content")
            st.caption(
                f"{'companies' if found['subject'] == 'company' else 'contacts'} · version {found['version']}",
                width="content",
            )
            if found["on_capture"]:
                is_on = found["status"] == "active"
                st.badge("Enriches new leads" if is_on else "Not on for new leads", color="green" if is_on else "gray")
            st.space("stretch")
            if found["on_capture"] and may_write:
                target = "paused" if found["status"] == "active" else "active"
                st.button(
                    "Off for new leads" if target == "paused" else "On for new leads", key="enrich_capture",
                    on_click=doing(lambda: visit.api.switch_enrichment_workflow(workflow_id, target), "Done."),
                )  # fmt: skip
        for chain in found["chains"]:
            st.markdown(chain_line(chain, visit.currency))
        with st.container(horizontal=True, vertical_alignment="center"):
            wants_price = st.button("What would it cost?", icon=":material/payments:", key="enrich_preview")
            if may_write:
                st.button(
                    f"Try {SAMPLE} rows", icon=":material/science:", key="enrich_sample",
                    on_click=doing(lambda: visit.api.start_enrichment(workflow_id, SAMPLE), "A sample is on its way: see Runs."),
                )  # fmt: skip
                with st.popover("Run all", icon=":material/play_arrow:", width="content"):
                    st.markdown("Everything that the workflow is about, within its limits. Look at the price first.")
                    st.button(
                        "Start", type="primary", key="enrich_all",
                        on_click=doing(lambda: visit.api.start_enrichment(workflow_id), "It is on its way: see Runs."),
                    )  # fmt: skip
        if wants_price:
            _price(workflow_id)
        _order(workflow_id)
        with st.expander("YAML"):
            _editor(found)


def _price(workflow_id: str) -> None:
    with guarded():
        found = visit.api.preview_enrichment(workflow_id)
        about = "About " if found["is_estimated"] else ""
        st.markdown(
            f"{about}**{plural(found['row_count'], 'row')}**, of which {count(found['idle_count'])} have nothing to look for. "
            f"To be expected: **{spent(found['cost_micros'], found['currency'])}**; at most "
            f"**{spent(found['most_cost_micros'], found['currency'])}**. {plural(found['known_count'], 'answer is', 'answers are')} known already, at no cost."
        )  # fmt: skip
        if found["lines"]:
            st.dataframe(
                pd.DataFrame(
                    {
                        "Provider": [each["connection"] for each in found["lines"]],
                        "Calls": [each["calls"] for each in found["lines"]],
                        "At most": [each["most_calls"] for each in found["lines"]],
                        "Cost": [spent(each["cost_micros"], found["currency"]) for each in found["lines"]],
                        "Cost at most": [spent(each["most_cost_micros"], found["currency"]) for each in found["lines"]],
                    }
                ), hide_index=True,
            )  # fmt: skip
        for reason, number in found["passed_over"].items():
            if reason in PROBLEMS:
                st.caption(f"A provider is passed over {plural(number, 'time')}: {PROBLEMS[reason]}.")


def _order(workflow_id: str) -> None:
    found = visit.api.enrichment_order(workflow_id)
    learned = [each for each in found["items"] if each["reason"] == "learned"]
    if not learned:
        return
    with st.container(border=True):
        st.markdown("**By their record, another order costs less.** Nothing changes until you adopt it.")
        for each in learned:
            st.markdown(
                f"{escaped(each['field'])}: {' → '.join(map(escaped, each['now']))} becomes "
                f"**{' → '.join(map(escaped, each['proposed']))}**, {price(each['expected_now_micros'], visit.currency)} → "
                f"{price(each['expected_proposed_micros'], visit.currency)} until the first right value"
            )
        if may_write:
            st.button(
                "Adopt", key="enrich_adopt", icon=":material/swap_vert:",
                on_click=doing(
                    lambda: visit.api.adopt_enrichment_order(workflow_id, [each["field"] for each in learned], found["etag"]),
                    "The order holds from the next run on.",
                ),
            )  # fmt: skip


def _editor(found: Json) -> None:
    workflow_id = found["enrichment_workflow_id"]
    source = st.text_area(
        "YAML", found["source"], height=360, key=f"enrich_source_{workflow_id}_{found['version']}", disabled=not may_write,
        label_visibility="collapsed",
    )  # fmt: skip
    if source != found["source"]:
        _checked(source)
    if may_write and st.button("Save as a new version", disabled=source == found["source"], key="enrich_save"):
        is_saved = attempt(
            lambda: visit.api.change_enrichment_workflow(workflow_id, source, found["etag"]), "Saved.", reruns=True
        )
        if is_saved:
            st.rerun()
    st.caption("Runs that are going on keep the version they began with.")


def _checked(source: str) -> None:
    try:
        found = visit.api.check_enrichment_workflow(source)
    except ApiProblem as problem:
        st.error(problem.detail, icon=":material/error:")
        return
    for chain in found["chains"]:
        st.markdown(chain_line(chain, visit.currency))


def _new() -> None:
    with st.popover("New workflow", icon=":material/add:", width="content"):
        source = st.text_area("YAML", EXAMPLE, height=340, key="enrich_new_source", width=640)
        if st.button("Create", type="primary", key="enrich_create"):
            try:
                visit.api.create_enrichment_workflow(source)
                st.rerun()
            except ApiProblem as problem:
                st.error(problem.detail)


def _scoreboard() -> None:
    by_segment = st.toggle("By country", key="enrich_by_segment")
    found = visit.api.enrichment_scoreboard(by_segment=by_segment)
    if not found["items"] and not found["calls"]:
        empty_state("leaderboard", "Nobody was asked yet", "Here stands how often each provider finds something, and how often it was right.")  # fmt: skip
        return
    items, currency = found["items"], found["currency"]
    columns = {
        "Field": [each["field"] for each in items],
        **({"Country": [each["segment"] or "–" for each in items]} if by_segment else {}),
        "Provider": [each["connection"] for each in items],
        "Asked": [each["asked"] for each in items],
        "Found": [share(each["hit_rate"], each["hit_interval"]) for each in items],
        "Right": [share(each["precision"], each["precision_interval"]) for each in items],
        "Judged": [each["judged"] for each in items],
        "A valid value": [price(each["cost_per_valid_micros"], currency) for each in items],
    }
    st.dataframe(pd.DataFrame(columns), hide_index=True, row_height=34)
    st.caption(
        "In brackets: 95 % intervals. Right means borne out later: an address that answered and did not bounce, a value that "
        "another provider confirmed and nobody corrected."
    )
    calls = [
        (name, outcome, number) for name, outcomes in found["calls"].items() for outcome, number in outcomes.items()
    ]
    with st.expander("All calls"):
        st.dataframe(
            pd.DataFrame(
                {
                    "Provider": [each[0] for each in calls],
                    "Outcome": [OUTCOMES.get(each[1], each[1]) for each in calls],
                    "Calls": [each[2] for each in calls],
                    "Typical ms": [found["mean_milliseconds"].get(each[0]) for each in calls],
                }
            ), hide_index=True,
        )  # fmt: skip


page_title(
    "Enrichment",
    "Facts that are looked up or bought: from whom, in which order, at what price, and whether they were right.",
)
with guarded():
    connections, workflows = visit.api.enrichment_connections(), visit.api.enrichment_workflows()
    _first_steps(connections, workflows)
    tabs = st.tabs(["Workflows", "Runs", "Providers", "Scoreboard"])
    with tabs[0], guarded():
        _workflows(workflows)
    with tabs[1], guarded():
        names = {row["enrichment_workflow_id"]: row["name"] for row in workflows}
        show_runs(visit, names, may_write=may_write)
    with tabs[2], guarded():
        show_connections(visit, connections, may_connect=may_connect)
    with tabs[3], guarded():
        _scoreboard()
