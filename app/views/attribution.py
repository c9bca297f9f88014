"""Attribution: what each channel earns under every model, the paths behind it, and what it cost and brought."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st

from app import charts, session
from app.components import as_of, card_title, empty_state, page_title, quiet_note
from app.disagreements import disagreements, said
from app.disagreements import table as as_table
from app.formatting import MODEL_LABELS, MODEL_NOTES, count, escaped, money, plural
from app.path_flows import OTHER, SEPARATOR, collapsed, flows
from app.queries import attribution as questions
from app.queries.freshness import freshness
from app.report_sharing import share_button
from app.stage_labels import STAGE_LABELS
from domain.reports.filters import SOLVED, Frozen, ReportKind

KINDS = ["lead", "mql", "sql", "opportunity", "customer"]
LEVELS = {"person": "People", "account": "Accounts"}
SHOWN_AT_FIRST = ["last_touch", "linear", "markov", "shapley"]
BASELINE = "last_touch"
MONTHS = {"3 months": 3, "12 months": 12, "All": 1200}
PALETTE = ("#5b5bd6", "#0891b2", "#e08700", "#d6409f", "#8b5cf6", "#64748b", "#0d9488")
FEW_CONVERSIONS = 30
visit = session.current()
organization_id = visit.organization_id
built = as_of(freshness(organization_id)["marts"], "built")


def _controls() -> tuple[str, str, list[str]]:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        kind = st.segmented_control(
            "Conversion", KINDS, default="lead", required=True, key="attribution_kind",
            format_func=STAGE_LABELS.__getitem__, bind="query-params",
        )  # fmt: skip
        level = st.segmented_control(
            "Journeys of", list(LEVELS), default="person", required=True, key="attribution_level",
            format_func=LEVELS.__getitem__, bind="query-params",
            help="People: touches of the person who converted. Accounts: touches of everybody at their company.",
        )  # fmt: skip
        models = st.multiselect(
            "Models side by side", list(MODEL_LABELS), default=SHOWN_AT_FIRST, key="attribution_models", max_selections=5,
            format_func=MODEL_LABELS.__getitem__, placeholder="Choose models",
        )  # fmt: skip
        shared = [str(model) for model in models] or [BASELINE]
        share_button(
            visit,
            *(Frozen(ReportKind.ATTRIBUTION, conversion=str(kind), level=str(level), model=model) for model in shared),
        )
    return str(kind), str(level), [str(model) for model in models] or [BASELINE]


def _rules_line() -> None:
    answer = questions.rules(organization_id)
    if answer.is_empty:
        return
    rule = answer.rows.iloc[0]
    parts = [
        f"Look-back {rule['lookback_days']} days, {rule['lookback_steps']} touches",
        f"path: {rule['path_transform']}",
    ]
    if rule["is_direct_removed"]:
        parts.append("Direct left out where another channel was touched")
    parts += [f"half-life {rule['half_life_days']:g} days", f"Markov order {rule['markov_order']}"]
    st.caption(f":material/tune: {' · '.join(parts)} · {built}")


def _models_card(rows: pd.DataFrame, kind: str, level: str, models: list[str]) -> None:
    table = rows.pivot_table(index="channel", columns="model", values="conversion_count", aggfunc="sum").fillna(0.0)
    for model in (*models, BASELINE):
        if model not in table:
            table[model] = 0.0
    table = table[(table[[*models, BASELINE]].abs() > 1e-9).any(axis=1)]
    table = table.sort_values([models[0], "channel"], ascending=[False, True])
    total = float(table[BASELINE].sum())
    what = STAGE_LABELS[kind] + "s"
    with st.container(border=True):
        card_title(
            f"{what} by channel under {plural(len(models), 'model')}",
            "  \n".join(f"**{MODEL_LABELS[model]}**: {MODEL_NOTES[model]}" for model in models),
        )
        if total < FEW_CONVERSIONS:
            quiet_note(f"Only {count(total)} conversions: differences between models may be chance.", "warning")
        labels = [MODEL_LABELS[model] for model in models]
        frame = table[models].round(2).reset_index()
        frame.columns = pd.Index(["name", *labels])
        words = "; ".join(f"{row['name']} {', '.join(f'{label} {row[label]:g}' for label in labels)}" for _, row in
                          frame.head(4).iterrows())  # fmt: skip
        st.echarts_chart(charts.grouped_bars(frame, labels), height=330, key="attribution_models_chart", alt=words)
        drawn = questions.intervals(organization_id, kind, level).rows
        shown: dict[str, Any] = {"Channel": table.index}
        labels_of: dict[str, Any] = {}
        for model in models:
            shown[MODEL_LABELS[model]] = table[model].round(1).to_numpy()
            if len(drawn):
                shown[f"{model}_interval"] = _intervals(drawn, model, table.index)
                labels_of[f"{model}_interval"] = "95 %"
        st.dataframe(
            pd.DataFrame(shown), hide_index=True, height="auto", row_height=32, column_config=labels_of,
            alt="Credit by channel and model, with what chance allows",
        )  # fmt: skip
        _where_models_disagree(table, drawn, models, total)
        note = "95 %: what the same channels would earn if as many journeys were drawn anew." if len(drawn) else ""
        grouped = questions.grouped_channels(organization_id, kind, level)
        if not grouped.is_empty:
            names = ", ".join(json.loads(str(grouped.rows.iloc[0]["grouped"])))
            note += f" Other channels, for Shapley: {escaped(names)}."
        st.caption(f"{note} {built}")


def _intervals(drawn: pd.DataFrame, model: str, channels: pd.Index) -> list[str]:
    ends = {
        row["channel"]: f"{row['conversion_count_low']:.1f} – {row['conversion_count_high']:.1f}"
        for row in drawn.to_dict("records")
        if row["model"] == model
    }
    return [ends.get(channel, "–") for channel in channels]


def _where_models_disagree(table: pd.DataFrame, drawn: pd.DataFrame, models: list[str], total: float) -> None:
    others = [model for model in models if model != BASELINE]
    if not others or not len(drawn) or not total:
        return
    shares = {
        (str(channel), str(model)): float(share)
        for model, column in (table / table.sum()).items()
        for channel, share in column.items()
    }
    found = disagreements(shares, drawn, others, BASELINE)
    st.markdown(f"**Where models disagree.** {said(found)}")
    if found:
        with st.expander(f"{plural(len(found), 'difference')} beyond chance", key="attribution_disagreements"):
            st.dataframe(
                as_table(found), hide_index=True, height="auto", row_height=32,
                alt="Differences from last touch that are larger than chance allows",
            )  # fmt: skip
            st.caption(
                "Difference in the share of all conversions, each on its own: of many, one in twenty may be chance."
            )


def _paths_card(kind: str, level: str) -> None:
    with st.container(border=True):
        card_title(
            f"Paths to a {STAGE_LABELS[kind].lower() if kind not in {'mql', 'sql'} else STAGE_LABELS[kind]}",
            "The last four channels before the conversion; the same channel in a row is drawn once.",
        )
        answer = questions.paths(organization_id, kind, level)
        if answer.is_empty:
            quiet_note(answer.problem or "No conversion of this kind has a touch before it yet.")
            return
        counted = [(str(row["path"]), int(row["conversion_count"])) for row in answer.rows.to_dict("records")]
        end = STAGE_LABELS[kind]
        links, names = flows(counted, end)
        channels = list(dict.fromkeys(name for name in names.values() if name not in {end, OTHER}))
        colors = {name: PALETTE[place % len(PALETTE)] for place, name in enumerate(sorted(channels))} | {
            end: charts.GOOD
        }
        left, right = st.columns([1.6, 1], gap="medium")
        with left:
            best = " then ".join(collapsed(counted[0][0]))
            st.echarts_chart(
                charts.sankey(links, names, colors), height=360, key="attribution_paths",
                alt=f"Flows between channels before the conversion; the most frequent path is {best}",
            )  # fmt: skip
        with right:
            top = answer.rows.head(9)
            st.dataframe(
                pd.DataFrame(
                    {
                        "Path": [path.replace(SEPARATOR, " → ") for path in top["path"]],
                        f"{end}s": top["conversion_count"],
                        "Rate": top["conversion_count"] / (top["conversion_count"] + top["null_count"]),
                    }
                ),
                hide_index=True, height="auto", row_height=32, alt="Most frequent paths and their conversion rate",
                column_config={
                    "Path": st.column_config.TextColumn(width=230),
                    "Rate": st.column_config.NumberColumn(format="percent", width=70),
                },
            )  # fmt: skip
        st.caption(built)


def _money(minor: Any, currency: str) -> str:
    return "–" if minor is None or pd.isna(minor) else money(float(minor), currency)


def _each(cost: float, number: float, currency: str) -> str:
    return _money(cost / number if number > 1e-9 and cost else None, currency)


def _roi_card() -> None:
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            card_title(
                "Cost and return",
                "Spend of the months beside what their conversions brought. Revenue: all that customers won in the months "
                "have brought up to the build. ROI = (revenue - cost) / cost; ROAS = revenue / cost.",
            )
            st.space("stretch")
            rules_only = [model for model in MODEL_LABELS if model not in SOLVED]
            model = st.selectbox(
                "Rule", rules_only, index=rules_only.index("linear"), key="attribution_roi_model", width=170,
                label_visibility="collapsed", format_func=MODEL_LABELS.__getitem__,
            )  # fmt: skip
            by_campaign = st.toggle("By campaign", key="attribution_by_campaign")
            chosen = st.segmented_control(
                "Period", list(MONTHS), default="12 months", required=True, key="attribution_months",
                label_visibility="collapsed",
            )  # fmt: skip
        answer = questions.channel_roi(organization_id, str(model), MONTHS[str(chosen)])
        if answer.is_empty:
            quiet_note(answer.problem or "Neither spend nor a conversion in this time.")
            return
        keys = ["channel", "campaign"] if by_campaign else ["channel"]
        sums = answer.rows.groupby(keys, as_index=False).sum(numeric_only=True)
        sums = sums.sort_values(["cost_minor", "revenue_minor"], ascending=False)
        currency = next((code for code in answer.rows["currency"] if isinstance(code, str)), visit.currency)
        records = sums.to_dict("records")
        columns: dict[str, Any] = {"Channel": sums["channel"].to_numpy()}
        if by_campaign:
            columns["Campaign"] = [text or "–" for text in sums["campaign"]]
        columns["Cost"] = [_money(row["cost_minor"] or None, currency) for row in records]
        columns["Leads"] = sums["lead_count"].round(1).to_numpy()
        for title, counted in (("CPL", "lead_count"), ("Per MQL", "mql_count"), ("Per opp.", "opportunity_count"),
                               ("CAC", "customer_count")):  # fmt: skip
            columns[title] = [_each(row["cost_minor"], row[counted], currency) for row in records]
        columns["Revenue"] = [_money(row["revenue_minor"] or None, currency) for row in records]
        columns["ROI"] = [
            f"{row['revenue_minor'] / row['cost_minor'] - 1:+.0%}" if row["cost_minor"] else "–" for row in records
        ]
        columns["ROAS"] = [
            f"{row['revenue_minor'] / row['cost_minor']:.1f}×" if row["cost_minor"] else "–" for row in records
        ]
        st.dataframe(
            pd.DataFrame(columns), hide_index=True, height="auto", row_height=32, alt="Cost and return by channel"
        )
        _what_is_left_out(currency)
        st.caption(built)


def _what_is_left_out(currency: str) -> None:
    unknown = questions.unknown_channels(organization_id).rows
    if len(unknown):
        names = ", ".join(
            f"“{escaped(str(row['channel_text']))}” {_money(row['cost_minor'], row['currency'] or currency)}"
            for row in unknown.head(4).to_dict("records")
        )
        quiet_note(f"Spend on channels we do not know counts as Unassigned: {names}.", "help")
    missing = questions.missing_rates(organization_id).rows
    for row in missing.to_dict("records"):
        quiet_note(
            f"{_money(row['left_out_minor'], row['from_currency'])} is left out: no rate from {row['from_currency']} to "
            f"{row['to_currency']} ({plural(int(row['amount_count']), 'amount')}). Import rates and build again.",
            "currency_exchange",
        )


def _first_steps(problem: str) -> None:
    def action() -> None:
        with st.container(horizontal=True, horizontal_alignment="center"):
            if visit.may_write:
                st.page_link("views/imports.py", label="Import contacts", icon=":material/upload_file:")
            st.page_link("views/data_quality.py", label="Check what comes in", icon=":material/verified:")

    empty_state(
        "conversion_path",
        "No conversion to credit yet",
        problem
        or "Attribution needs touches and a moment that somebody became a lead: put lh.js on your site, import contacts with "
        "their stages, and add spend to see what each channel cost. It fills in with the next build.",
        action,
    )


page_title("Attribution", "What each channel earns depends on the model: look at several side by side.")
kind, level, models = _controls()
answer = questions.credits_by_model(organization_id, kind, level)
_rules_line()
if answer.is_empty or not answer.rows["conversion_count"].abs().sum():
    _first_steps(answer.problem)
else:
    _models_card(answer.rows, kind, level, models)
    _paths_card(kind, level)
_roi_card()
