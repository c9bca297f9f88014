"""ROI: what a month of leads came to beside its targets, what each channel cost and brought, and where spend came from."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from app import session
from app.components import as_of, card_title, empty_state, guarded, page_title, quiet_note, tile
from app.contact_drawer import open_drawer, show_drawer
from app.formatting import MODEL_LABELS, escaped, money, plural
from app.queries import attribution as shared
from app.queries import roi as questions
from app.queries.freshness import freshness
from app.report_sharing import share_button
from app.roi_targets import edit_targets
from app.stage_labels import STAGE_LABELS
from domain.permissions import Permission
from domain.reports.definitions import RETURN
from domain.reports.filters import SOLVED, Frozen, ReportKind
from domain.return_words import channel_rows
from domain.scorecard import Line, Month, first_month, months_of, parse_plan, read_month
from domain.scorecard_words import TITLES, VERDICTS, line_definition, month_label, span_words, value_words

MONTHS = {"3 months": 3, "12 months": 12, "All": 1200}
OVERLAPS = {
    "counted_once": "Stated twice, counted once",
    "whole_and_parts": "A whole channel beside its campaigns: both counted",
    "two_amounts": "Two amounts for the same day: both counted",
}
MOMENTS = ("Became a lead", "First contact", "First answer", "First meeting", "When")
RULES = [model for model in MODEL_LABELS if model not in SOLVED]
visit = session.current()
organization_id = visit.organization_id
fresh = as_of(freshness(organization_id)["marts"], "built")


def _scorecard() -> None:
    answer = questions.scorecards(organization_id)
    if answer.is_empty:
        empty_state(
            "flag", "No month to judge yet",
            answer.problem or "The scorecard fills in with the first lead, the first email sent or the first spend.",
        )  # fmt: skip
        return
    held = visit.api.success_targets()
    plan, months = parse_plan(held), months_of(answer.rows.to_dict("records"))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.selectbox(
            "Month", range(len(months)), index=min(1, len(months) - 1), key="roi_month", width=170,
            format_func=lambda number: month_label(months[number].month_on)
            + (" (running)" if number == 0 else ""),
        )  # fmt: skip
        month = months[place]
        targets = plan.of_month(month.month_on, first_month(months) or month.month_on)
        st.caption(
            f"Targets from month {targets.from_month} of the program on"
            + (f", version {held['version']}." if held["version"] else ": the defaults.")
        )
        st.space("stretch")
        if visit.may(Permission.SETTINGS_WRITE) and st.button("Edit targets", icon=":material/tune:", key="roi_edit"):
            edit_targets(held)
    lines = read_month(month, targets, plan.currency)
    for row in (lines[:4], lines[4:]):
        for column, line in zip(st.columns(len(row), gap="small"), row, strict=True):
            with column:
                _line_tile(line, month, plan.currency)
    _leads_behind(month)


def _line_tile(line: Line, month: Month, currency: str) -> None:
    words, color = VERDICTS[line.verdict]
    tile(
        TITLES[line.measure], value_words(line.measure, line.value, month.currency),
        definition=line_definition(line, month.currency),
        fresh=f":{color}-badge[{words}] target {escaped(value_words(line.measure, line.target, currency))} · {fresh}",
    )  # fmt: skip


def _leads_behind(month: Month) -> None:
    with st.expander(f"The {plural(month.lead_count, 'lead')} behind {month_label(month.month_on)}"):
        answer = questions.leads_of_month(organization_id, month.month_on.isoformat())
        if answer.is_empty:
            quiet_note(answer.problem or "Nobody became a lead in this month.")
            return
        rows = answer.rows
        table = pd.DataFrame(
            {
                "Became a lead": rows["lead_at"],
                "First contact": rows["first_contact_at"],
                "After": [span_words(found) if pd.notna(found) else "–" for found in rows["minutes_to_contact"]],
                "First answer": rows["first_response_at"],
                "First meeting": rows["first_meeting_at"],
            }
        )
        _open_chosen(table, rows, "roi_leads", "Leads of the month with the moments that the scorecard counts")
        if len(rows) == 500:
            st.caption("The newest 500.")


def _moment_column() -> Any:
    return st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", timezone=visit.time_zone, width=140)


def _open_chosen(table: pd.DataFrame, rows: pd.DataFrame, key: str, alt: str) -> None:
    """A table whose chosen row opens the contact."""
    chosen = st.dataframe(
        table, hide_index=True, row_height=32, height=min(36 + 32 * len(table), 380), key=key, alt=alt,
        on_select="rerun", selection_mode="single-row", column_config=dict.fromkeys(MOMENTS, _moment_column()),
    )["selection"]["rows"]  # fmt: skip
    if chosen and chosen != st.session_state.get(f"{key}_opened"):
        open_drawer(str(rows.iloc[chosen[0]]["contact_id"]))
    st.session_state[f"{key}_opened"] = chosen


def _channels() -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title(
                "Cost and return by channel",
                RETURN,
            )
            st.space("stretch")
            model = str(
                st.selectbox(
                    "Rule",
                    RULES,
                    index=RULES.index("linear"),
                    key="roi_model",
                    width=170,
                    label_visibility="collapsed",
                    format_func=MODEL_LABELS.__getitem__,
                )
            )
            by_campaign = st.toggle("By campaign", key="roi_by_campaign")
            period = str(
                st.segmented_control(
                    "Period", list(MONTHS), default="12 months", required=True, key="roi_months",
                    label_visibility="collapsed",
                )
            )  # fmt: skip
        answer = shared.channel_roi(organization_id, model, MONTHS[period])
        if answer.is_empty:
            quiet_note(answer.problem or "Neither spend nor a conversion in this time.")
            return
        keys = ["channel", "campaign"] if by_campaign else ["channel"]
        sums = answer.rows.groupby(keys, as_index=False).sum(numeric_only=True)
        sums = sums.sort_values(["cost_minor", "revenue_minor", *keys], ascending=[False, False, *[True] * len(keys)])
        currency = next((code for code in answer.rows["currency"] if isinstance(code, str)), visit.currency)
        ages = questions.revenue_by_age(organization_id, model, MONTHS[period])
        records = sums.to_dict("records")
        rows = channel_rows(records, ages.rows.to_dict("records"), keys, currency)
        chosen = st.dataframe(
            pd.DataFrame(rows), hide_index=True, row_height=32, height="auto", key="roi_channels", on_select="rerun",
            selection_mode="single-row", alt="Cost and return by channel, with how sure the cost of a customer is",
            column_config={"CAC 95 %": st.column_config.TextColumn(width=115)},
        )["selection"]["rows"]  # fmt: skip
        st.caption(f"Choose a row to see who is behind it. {fresh}")
        if chosen and chosen[0] < len(records):
            _behind(str(records[chosen[0]]["channel"]), model, MONTHS[period], currency)


def _behind(channel: str, model: str, months: int, currency: str) -> None:
    answer = questions.credited(organization_id, model, months, channel)
    if answer.is_empty:
        quiet_note(answer.problem or f"No conversion is credited to {escaped(channel)} in this time.")
        return
    card_title(
        f"Credited to {escaped(channel)}",
        f"By {MODEL_LABELS[model]}. A conversion that several touches share is split.",
    )
    rows = answer.rows
    table = pd.DataFrame(
        {
            "Became": [STAGE_LABELS.get(kind, kind) for kind in rows["conversion_kind"]],
            "When": rows["converted_at"],
            "Campaign": [text or "–" for text in rows["campaign"].fillna("")],
            "Credit": rows["credit"].round(3),
            "Value": [money(value, currency) if pd.notna(value) else "–" for value in rows["credited_value_minor"]],
        }
    )
    _open_chosen(table, rows, "roi_credited", f"Conversions credited to {channel}")


def _clients() -> None:
    """An agency's clients beside itself: each in its own currency, never added up."""
    organizations = visit.me["organizations"]
    if len(organizations) < 2:
        return
    with st.container(border=True):
        card_title(
            "By client, 12 months", "Every organization that you may see, in its own currency, by the linear rule."
        )
        table = [_client_row(found) for found in organizations]
        st.dataframe(
            pd.DataFrame(table), hide_index=True, row_height=32, height="auto", alt="Cost and return by client"
        )
        st.caption(fresh)


def _client_row(found: dict[str, Any]) -> dict[str, Any]:
    answer = shared.channel_roi(str(found["organization_id"]), "linear", 12)
    rows, currency = answer.rows, str(found.get("currency") or visit.currency)
    sums = {name: float(rows[name].sum()) if name in rows else 0.0 for name in
            ("cost_minor", "lead_count", "customer_count", "revenue_minor", "opportunity_count", "mql_count")}  # fmt: skip
    if "currency" in rows and len(rows):
        currency = str(rows["currency"].iloc[0])
    (row,) = channel_rows([{"client": found["name"], **sums}], [], ["client"], currency)
    shown = ("Client", "Cost", "Leads", "CPL", "Per MQL", "Per opp.", "Won", "CAC", "CAC 95 %", "LTV so far", "LTV : CAC")  # fmt: skip
    return {name: row[name] for name in shown} | {"Revenue": money(sums["revenue_minor"] or None, currency)}


def _spend() -> None:
    with st.container(border=True):
        card_title(
            "Where spend came from",
            "Every file and what was entered by hand. Stated = counted + stated twice + without a rate. A newer file replaces "
            "what an older one said about the same day and campaign.",
        )  # fmt: skip
        answer = questions.spend_files(organization_id)
        if answer.is_empty:
            quiet_note(answer.problem or "No spend yet: `leadhouse import spend FILE` lands a file of it.")
            return
        records = answer.rows.to_dict("records")
        table = pd.DataFrame(
            [
                {
                    "File": row["file_name"],
                    "Days": f"{pd.Timestamp(row['first_spend_on']):%-d %b %Y} to {pd.Timestamp(row['last_spend_on']):%-d %b %Y}",
                    "Lines": row["line_count"],
                    "Stated": money(row["original_minor"], row["original_currency"]),
                    "Counted": money(row["counted_minor"], row["currency"]),
                    "Stated twice": money(row["repeated_minor"] or None, row["currency"]),
                    "Channel unknown": money(row["unassigned_minor"] or None, row["currency"]),
                    "Without a rate": money(row["without_rate_minor"] or None, row["original_currency"]),
                }
                for row in records
            ]
        )
        st.dataframe(
            table, hide_index=True, row_height=32, height="auto",
            alt="Files of spend, what they state and what counts",
        )  # fmt: skip
        _doubts()
        st.caption(fresh)


def _doubts() -> None:
    for row in questions.spend_overlaps(organization_id).rows.head(6).to_dict("records"):
        name = f"{row['channel']}, {row['campaign']}" if row["campaign"] else str(row["channel"])
        icon = "content_copy" if row["overlap"] == "counted_once" else "warning"
        quiet_note(
            f"{OVERLAPS[row['overlap']]}: {escaped(name)}, {money(row['amount_minor'], row['currency'])} on "
            f"{plural(int(row['line_count']), 'line')}.", icon,
        )  # fmt: skip
    for row in shared.unknown_channels(organization_id).rows.head(4).to_dict("records"):
        quiet_note(f"“{escaped(str(row['channel_text']))}” is no channel we know: {money(row['cost_minor'], row['currency'])} "
                   "counts as Unassigned.", "help")  # fmt: skip
    for row in shared.missing_rates(organization_id).rows.to_dict("records"):
        quiet_note(f"{money(row['left_out_minor'], row['from_currency'])} is left out: no rate from {row['from_currency']} to "
                   f"{row['to_currency']}.", "currency_exchange")  # fmt: skip


with st.container(horizontal=True, vertical_alignment="center"):
    with st.container():
        page_title("ROI", "What leads and customers cost, what they brought, and how sure that is.")
    chosen_model = str(st.session_state.get("roi_model", "linear"))
    chosen_months = MONTHS[str(st.session_state.get("roi_months", "12 months"))]
    share_button(visit, Frozen(ReportKind.ROI, months=chosen_months, model=chosen_model))
with guarded():
    _scorecard()
_channels()
_clients()
_spend()
show_drawer()
