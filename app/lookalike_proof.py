"""What the lookalikes are worth: customers held out and found again, beside filters and chance."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import streamlit as st

from app import charts
from app.components import as_of, card_title, empty_state, quiet_note
from app.formatting import escaped, parse
from app.lookalike_marks import show_effect
from app.queries import companies as questions

METHOD_LABELS = {
    "hybrid": "This ranking",
    "marked": "With your marks",
    "text": "Texts alone",
    "firmographics": "Firmographics alone",
    "filters": "Filters alone",
    "random": "Chance",
}


def show_proof(organization_id: str) -> None:
    """The newest run: verdict, recall by method, and the whole table; an organization without one is told what it takes."""
    answer = questions.proof(organization_id)
    if answer.is_empty:
        empty_state(
            "experiment", "Not judged yet",
            answer.problem or "With the next pipeline run, customers are held out one fifth at a time, and the ranking "
            "must find them among all other companies. Below 20 customers nothing can be said.",
        )  # fmt: skip
        return
    newest = answer.rows.iloc[0]
    report = json.loads(newest["report"])
    if report.get("feedback"):
        show_effect(report)
    if not report["recalls"]:
        empty_state("experiment", "Too few customers to judge", escaped(str(newest["verdict"])))
        _foot(newest)
        return
    good = report["beats_filters"]
    with st.container(border=True, gap="small"):
        st.markdown(
            f"{':green[:material/check_circle:]' if good else ':orange[:material/info:]'} {escaped(report['verdict'])}"
        )
        _foot(newest)
    left, right = st.columns([3, 2], gap="medium")
    with left, st.container(border=True, height="stretch"):
        tenth = [row for row in report["recalls"] if row["is_best_tenth"]]
        card_title(
            "Customers found in the first tenth of the list",
            help="Each customer is held out once; the others are the seeds. Bars are shares of the held-out customers, "
            "with 95 % intervals over 2,000 draws of customers.",
        )
        shown = [
            (METHOD_LABELS[row["method"]], row["recall"], row["low"], row["high"])
            for row in tenth
            if row["method"] != "random"
        ]
        chance = next(row["recall"] for row in tenth if row["method"] == "random")
        st.echarts_chart(charts.recalls(shown, chance), height=230, key="companies_recalls")
    with right, st.container(border=True, height="stretch"):
        card_title("By depth", help="Recall, and in brackets how many times chance.")
        st.dataframe(_by_depth(report["recalls"]), hide_index=True, alt="Recall by depth and method")
    for note in report["notes"]:
        quiet_note(note)


def _by_depth(recalls: list[dict[str, Any]]) -> pd.DataFrame:
    depths = sorted({row["depth"] for row in recalls})
    rows: list[dict[str, Any]] = []
    for depth in depths:
        of_depth = {row["method"]: row for row in recalls if row["depth"] == depth}
        rows.append(
            {
                "First": f"{depth:,}",
                "This ranking": f"{of_depth['hybrid']['recall']:.0%} ({of_depth['hybrid']['lift']:.1f} ×)",
                "Filters": f"{of_depth['filters']['recall']:.0%} ({of_depth['filters']['lift']:.1f} ×)",
                "Chance": f"{of_depth['random']['recall']:.0%}",
            }
        )
    return pd.DataFrame(rows)


def _foot(run: pd.Series) -> None:
    weight = float(run["text_weight"])
    st.caption(
        f"{as_of(parse(run['ran_at'].to_pydatetime()), 'ranked')} · {int(run['company_count']):,} companies, "
        f"{int(run['customer_count']):,} customers · texts by {escaped(str(run['embedder']))} · "
        f"{weight:.0%} texts, {1 - weight:.0%} firmographics"
    )
