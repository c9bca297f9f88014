"""Overview: how today goes, where leads come from and how far they get, and who to call first."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pandas as pd
import streamlit as st

from app import charts, session
from app.alert_rules import alerts_button
from app.api_transport import Json
from app.clients import clients_instead
from app.components import as_of, card_title, empty_state, guarded, now, page_title, quiet_note, tile
from app.contact_drawer import open_drawer, show_drawer
from app.formatting import (
    BAND_COLORS,
    BAND_LABELS,
    MODEL_LABELS,
    ago,
    change,
    count,
    escaped,
    money,
    plural,
    shortened,
    since,
)
from app.queries import overview as questions
from app.queries.asking import NOT_BUILT, Answer
from app.queries.freshness import freshness
from app.report_sharing import share_button
from app.stage_labels import STAGE_LABELS
from domain.reports import definitions
from domain.reports.definitions import Definition
from domain.reports.filters import Frozen, ReportKind

RANGES = {"7 days": 7, "30 days": 30, "90 days": 90}
LIVE_SECONDS = 4
visit = session.current()
organization_id = visit.organization_id


def _windows(rows: pd.DataFrame, column: str, days: int) -> tuple[float, float | None, list[float]]:
    """The sum of the last `days`, of the `days` before (None where there is nothing that old), and the daily line."""
    today = date.today()  # noqa: DTZ011  marts count days in the organization's zone; one day's edge is no matter
    when = pd.to_datetime(rows["day_on"]).dt.date
    recent = rows[when > today - timedelta(days=days)]
    before = rows[when <= today - timedelta(days=days)]
    line = recent.groupby("day_on")[column].sum().astype(float).tolist()
    return float(recent[column].sum()), float(before[column].sum()) if len(before) else None, line


def _mart_tile(meant: Definition, answer: Answer, column: str, days: int, fresh: str) -> None:
    label, definition = meant.title, meant.of(days)
    if answer.is_empty or column not in answer.rows:
        tile(label, "–", definition=f"{definition}\n\n{answer.problem or NOT_BUILT}", fresh=fresh)
        return
    total, before, line = _windows(answer.rows, column, days)
    delta, color = change(total, before)
    tile(
        label, count(total), definition=definition, fresh=fresh,
        delta=delta, delta_color=color, delta_note="vs before", trend=line,
    )  # fmt: skip


def _won_tile(days: int, fresh: str) -> None:
    definition = definitions.WON.of(days)
    answer = questions.customers_by_day(organization_id, days)
    if answer.is_empty:
        tile("Won", "–", definition=f"{definition}\n\n{answer.problem or 'No customer yet.'}", fresh=fresh)
        return
    sums = answer.rows.groupby("currency", dropna=False)["value_minor"].sum()
    currency = visit.currency if visit.currency in sums.index else str(sums.idxmax() if sums.notna().any() else "USD")
    rows = answer.rows[answer.rows["currency"] == currency]
    total, before, line = _windows(rows, "value_minor", days) if len(rows) else (0.0, None, [])
    delta, color = change(total, before)
    others = [code for code in sums.index if code != currency and isinstance(code, str)]
    if others:
        definition += f" Also won, not added up: {', '.join(money(float(sums[code]), code) for code in others)}."
    tile(
        "Won", money(total, currency), definition=definition, fresh=fresh,
        delta=delta, delta_color=color, delta_note="vs before", trend=line,
    )  # fmt: skip


@st.fragment(run_every=LIVE_SECONDS)
def live_tiles(days: int) -> None:
    """Today's leads from the store, this second; the rest from the marts, each with the time it was built."""
    with guarded():
        overview: Json = visit.api.live()
        today = overview["today"]
        built = as_of(freshness(organization_id)["marts"], "built")
        daily = questions.leads_by_day(organization_id, days)
        with st.grid(5, min_column_width=160):
            line = daily.rows["lead_count"].tail(14).astype(float).tolist() if not daily.is_empty else None
            yesterday = today["lead_count_yesterday"]
            tile(
                "Leads today",
                count(today["lead_count"]),
                definition=f"Contacts added since midnight ({today['time_zone']}), counted in the store right now. "
                f"Yesterday, the whole day: {yesterday:,}.",
                fresh=as_of(None, "live"),
                delta=today["lead_count"] - yesterday if yesterday else None,
                delta_note="vs all of yesterday",
                trend=line,
            )
            visits = questions.sessions_by_day(organization_id, days)
            _mart_tile(definitions.MQLS, daily, "mql_count", days, built)
            _mart_tile(definitions.SESSIONS, visits, "session_count", days, built)
            _mart_tile(definitions.CUSTOMERS, daily, "customer_count", days, built)
            _won_tile(days, built)
        waiting = overview["waiting_event_count"]
        landed = freshness(organization_id)["landed"]
        parts = [f":green[●] Live, {now():%H:%M:%S} UTC"]
        parts.append(f"{plural(waiting, 'event')} waiting to land" if waiting else "every event has landed")
        parts.append(f"last landing {ago(landed, now())}" if landed else "no landing yet")
        trouble = sum(overview["trouble"].values())
        if trouble:
            parts.append(f":orange[{plural(trouble, 'thing')} to look at under Data quality]")
        st.caption(" · ".join(parts))


def _trend_card(days: int) -> None:
    with st.container(border=True, height="stretch"):
        card_title("Leads", definitions.TREND)
        answer = questions.leads_by_day(organization_id, days)
        if answer.is_empty:
            quiet_note(answer.problem or "No lead in this time.")
            return
        rows = answer.rows.tail(days)
        frame = pd.DataFrame(
            {
                "day": pd.to_datetime(rows["day_on"]).dt.strftime("%b %d"),
                "Leads": rows["lead_count"],
                "MQLs": rows["mql_count"],
                "Form submissions": rows["form_submission_count"],
            }
        )
        total = int(rows["lead_count"].sum())
        series = ["Leads", *(name for name in ("MQLs", "Form submissions") if frame[name].any())]
        st.echarts_chart(
            charts.trend(frame, series),
            height=280, key="overview_trend", alt=f"Daily leads: {total:,} in {days} days",
        )  # fmt: skip
        st.caption(as_of(freshness(organization_id)["marts"], "built"))


def _funnel_rows(stage_counts: dict[str, int]) -> tuple[list[tuple[str, int, str]], str]:
    """(stage, people, words) from the marts, or where there are none the store's own counts; and which it was."""
    answer = questions.funnel(organization_id)
    if not answer.is_empty:
        rows = []
        for row in answer.rows.to_dict("records"):
            people, rate = int(row["contact_count"] or 0), row["from_previous_rate"]
            step = "" if rate is None or pd.isna(rate) else f"  ·  {rate:.0%}"
            name = STAGE_LABELS.get(row["stage"], str(row["stage"]).capitalize())
            rows.append((name, people, f"{people:,}{step}"))
        return rows, "built"
    order = ["lead", "mql", "sql", "opportunity", "customer"]
    reached = [sum(stage_counts.get(later, 0) for later in order[index:]) for index in range(len(order))]
    rows = []
    for index, (stage, people) in enumerate(zip(order, reached, strict=True)):
        step = f"  ·  {people / reached[index - 1]:.0%}" if index and reached[index - 1] else ""
        rows.append((STAGE_LABELS[stage], people, f"{people:,}{step}"))
    return rows, "live"


def _funnel_card(stage_counts: dict[str, int]) -> None:
    with st.container(border=True, height="stretch"):
        card_title("Funnel", definitions.FUNNEL)
        rows, layer = _funnel_rows(stage_counts)
        if not any(people for _, people, _ in rows):
            quiet_note("Nobody has entered the funnel yet.")
            return
        words = ", ".join(f"{name} {people:,}" for name, people, _ in rows)
        st.echarts_chart(charts.funnel(rows), height=280, key="overview_funnel", alt=f"Funnel: {words}")
        st.caption(as_of(freshness(organization_id)["marts"], layer))


def _channels_card() -> None:
    with st.container(border=True, height="stretch"):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title("Top channels", definitions.CREDIT)
            st.space("stretch")
            kind = st.segmented_control(
                "Conversion", ["lead", "mql", "customer"], default="lead", required=True, key="overview_kind",
                label_visibility="collapsed", format_func=lambda kind: STAGE_LABELS[kind], bind="query-params",
            )  # fmt: skip
            model = st.selectbox(
                "Attribution model", list(MODEL_LABELS), key="overview_model", width=150,
                label_visibility="collapsed", format_func=MODEL_LABELS.__getitem__, bind="query-params",
            )  # fmt: skip
        answer = questions.channels(organization_id, str(model), str(kind))
        if answer.is_empty:
            quiet_note(answer.problem or "No conversion of this kind has a touch to credit yet.")
            return
        rows = answer.rows
        best = [
            (str(row["channel"]), float(row["conversion_count"] or 0), count(row["conversion_count"]))
            for row in rows.head(6).to_dict("records")
            if row["conversion_count"]
        ]
        if best:
            words = ", ".join(f"{name} {text}" for name, _, text in best)
            st.echarts_chart(
                charts.ranking(best), height=26 * len(best) + 26, key="overview_channels",
                alt=f"{MODEL_LABELS[str(model)]} credit by channel: {words}",
            )  # fmt: skip
        currency = next((code for code in rows["currency"] if isinstance(code, str)), visit.currency)
        shown = pd.DataFrame(
            {
                "Channel": rows["channel"],
                "Sessions": rows["session_count"],
                STAGE_LABELS[str(kind)] + "s": rows["conversion_count"].astype(float).round(1),
                "Value": [_money_or_dash(value, currency) for value in rows["credited_value_minor"]],
                "Cost": [_money_or_dash(value, currency) for value in rows["cost_minor"]],
                "Cost each": [_money_or_dash(value, currency) for value in rows["cost_per_conversion_minor"]],
            }
        )
        st.dataframe(
            shown, hide_index=True, height="auto", row_height=32, alt="Channels with sessions, conversions, value and cost",
            column_config={"Sessions": st.column_config.NumberColumn(format="localized")},
        )  # fmt: skip
        st.caption(as_of(freshness(organization_id)["marts"], "built"))


def _money_or_dash(minor: Any, currency: str) -> str:
    return "–" if minor is None or pd.isna(minor) or minor == 0 else money(float(minor), currency)


def _people_card(overview: Json) -> None:
    with st.container(border=True, height="stretch", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center"):
            which = st.segmented_control(
                "Which leads", ["Hottest", "Newest"], default="Hottest", required=True, key="overview_people",
                label_visibility="collapsed",
            )  # fmt: skip
            st.space("stretch")
            st.page_link("views/leads.py", label="All leads", icon=":material/arrow_forward:", icon_position="right")
        people = overview[str(which).lower()]
        if not people:
            quiet_note("No lead has a score yet." if which == "Hottest" else "No lead yet.")
        for person in people:
            _person_line(person)
        st.caption(as_of(None, "live"))


def _person_line(person: Json) -> None:
    score, company = person["score"], person["company"]
    about = company["name"] if company else person["title"]
    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall", wrap=False):
        st.button(
            escaped(person["display_name"]), key=f"overview_person_{person['contact_id']}", type="tertiary",
            on_click=open_drawer, args=(person["contact_id"],), help=person["title"] or None, width="content",
        )  # fmt: skip
        st.caption(escaped(shortened(about, 18)), width="content", wrap=False)
        st.space("stretch")
        if score:
            words = BAND_LABELS[score["band"]]
            st.badge(f"{score['score']:.0f} {words}", color=BAND_COLORS[score["band"]])  # type: ignore[arg-type]
        else:
            is_new = (now() - pd.Timestamp(person["created_at"])).total_seconds() < 60
            st.caption("scoring…" if is_new else "no score", width="content")
        st.caption(since(person["created_at"], now()), width=34, text_alignment="right")


def _first_steps() -> None:
    def action() -> None:
        with st.container(horizontal=True, horizontal_alignment="center"):
            if visit.may_write:
                st.page_link("views/imports.py", label="Import contacts", icon=":material/upload_file:")
            st.page_link("views/data_quality.py", label="Check what comes in", icon=":material/verified:")

    empty_state(
        "rocket_launch",
        "No contacts yet",
        "Import a CSV file, put the pixel lh.js on your site, or send a form. The first lead appears here within seconds.",
        action,
    )


with st.container(horizontal=True, vertical_alignment="center"):
    page_title("Overview")
    st.space("stretch")
    chosen = st.segmented_control(
        "Period", list(RANGES), default="30 days", required=True, key="period",
        label_visibility="collapsed", bind="query-params",
    )  # fmt: skip
    period = RANGES[str(chosen)]
    alerts_button(visit)
    share_button(visit, Frozen(ReportKind.OVERVIEW, days=period), Frozen(ReportKind.FUNNEL))
live_tiles(period)
with guarded():
    state = visit.api.overview()
    if state["contact_count"] == 0 and not clients_instead(visit, "leads", "groups"):
        _first_steps()
    left, right = st.columns([1.55, 1], gap="small")
    with left:
        _trend_card(period)
    with right:
        _funnel_card(state["stage_counts"])
    left, right = st.columns([1.55, 1], gap="small")
    with left:
        _channels_card()
    with right:
        _people_card(state)
    for note in state["not_configured"]:
        st.caption(f":material/settings: {note}")
show_drawer()
