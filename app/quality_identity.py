"""A tab of the data quality page: what is a machine, judged twice."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.components import card_title, empty_state
from app.formatting import count
from app.queries import data_quality as questions
from app.session import Visit

MEASURES = {
    "events": "Website events",
    "sessions": "Sessions",
    "sessions_changed": "Sessions judged otherwise",
    "mail_acts": "Opens and clicks",
    "leads_with_visits": "Leads with visits",
    "leads_by_band": "Leads by score",
    "credits": "Conversions credited (linear)",
}
OUTCOMES = {"at first": "Seen at once", "hindsight": "Found in hindsight", "acquitted": "Acquitted in hindsight"}


def machines_tab(visit: Visit) -> None:
    """The two looks side by side, why, and what the newest change of rules did."""
    answer = questions.looks(visit.organization_id)
    if answer.is_empty:
        empty_state(
            "smart_toy", "No machine has called",
            answer.problem or "Programs that visit are kept here with the reason, and counted nowhere else.",
        )  # fmt: skip
    else:
        totals = answer.rows.groupby("outcome")["session_count"].sum()
        with st.grid(3, min_column_width=170):
            for outcome, label in OUTCOMES.items():
                with st.container(border=True, height="stretch", gap="xsmall"):
                    st.metric(
                        label, count(int(totals.get(outcome, 0))), help=f"Sessions of the last 90 days: {outcome}."
                    )
        _reasons(answer.rows)
    _before_and_after(questions.rejudgement(visit.organization_id).rows)


def _reasons(rows: pd.DataFrame) -> None:
    st.dataframe(
        pd.DataFrame(
            {
                "Verdict": [[OUTCOMES[outcome]] for outcome in rows["outcome"]],
                "Reasons": [str(reasons).replace("_", " ").replace(",", ", ") for reasons in rows["reasons"]],
                "Sessions": rows["session_count"],
                "Pages": rows["page_view_count"],
            }
        ),
        hide_index=True, row_height=34, alt="Why sessions were held for a machine's",
        column_config={
            "Verdict": st.column_config.MultiselectColumn(
                options=list(OUTCOMES.values()), color=["gray", "orange", "green"], width=170
            ),
            "Reasons": st.column_config.TextColumn(width="large"),
            "Sessions": st.column_config.NumberColumn(format="localized"),
            "Pages": st.column_config.NumberColumn(format="localized"),
        },
    )  # fmt: skip


def _before_and_after(rows: pd.DataFrame) -> None:
    if rows.empty:
        return
    first = rows.iloc[0]
    with st.container(border=True):
        card_title(
            f"What version {int(first['to_version'])} of the rules changed",
            help="Sessions, messages, scores and attribution were judged anew; nothing was deleted.",
        )
        change = rows["after_value"].fillna(rows["before_value"]) - rows["before_value"]
        st.dataframe(
            pd.DataFrame(
                {
                    "What": [MEASURES.get(name, name) for name in rows["measure"]],
                    "Of these": [str(name).replace("_", " ").capitalize() for name in rows["dimension"]],
                    f"Version {int(first['from_version'])}": rows["before_value"].round(1),
                    f"Version {int(first['to_version'])}": rows["after_value"].round(1),
                    "Change": change.round(1),
                }
            ),
            hide_index=True, row_height=34, alt="Before and after the newest change of the rules",
            column_config={"Change": st.column_config.NumberColumn(format="%+.1f")},
        )  # fmt: skip
