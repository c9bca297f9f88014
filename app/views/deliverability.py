"""Deliverability: what became of messages, by mailbox and by who runs the recipients' mail."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app import session
from app.components import card_title, empty_state, guarded, page_title, quiet_note
from app.deliverability_words import FEWEST, PROVIDERS, rate, totals, verdict
from app.formatting import count
from app.queries import deliverability

visit = session.current()
SHOWN = {"sent": "Sent", "replied": "Answered", "bounced": "Bounced", "complained": "Complained"}
PERIODS = {7: "7 days", 30: "30 days", 90: "90 days"}


def _tiles(counts: dict[str, int]) -> None:
    for column, (name, label) in zip(st.columns(4), SHOWN.items(), strict=True):
        share = rate(counts, name) if name != "sent" else None
        said = f"{share:.2%} of them" if share is not None else "by all mailboxes"
        column.metric(
            label, count(counts[name]), said, delta_color="off", delta_arrow="off", border=True, height="stretch"
        )


def _table(rows: pd.DataFrame, by: str, label: str, names: dict[str, str]) -> None:
    groups = {str(key): totals(found.to_dict("records")) for key, found in rows.groupby(by)}
    order = sorted(groups, key=lambda key: -groups[key]["sent"])
    columns: dict[str, list[object]] = {
        label: [names.get(key, "A former mailbox") for key in order],
        "Verdict": [verdict(groups[key]) for key in order],
    }
    for name, words in SHOWN.items():
        columns[words] = [groups[key][name] for key in order]
        if name != "sent":
            columns[f"{words} %"] = [rate(groups[key], name) for key in order]
    st.dataframe(
        pd.DataFrame(columns), hide_index=True, row_height=34, key=f"deliverability_{by}",
        column_config={
            f"{words} %": st.column_config.NumberColumn("%", format="percent", width="small") for words in SHOWN.values()
        },
    )  # fmt: skip


page_title("Deliverability", "What became of the messages, by mailbox and by who runs the recipients' mail.")
days = st.segmented_control(
    "Period", list(PERIODS), default=30, format_func=PERIODS.__getitem__, required=True, key="deliverability_days",
    label_visibility="collapsed",
)  # fmt: skip
with guarded():
    answer = deliverability.outcomes(visit.organization_id, days or 30)
    if answer.is_empty:
        empty_state(
            "mark_email_read", "Nothing was sent in this time",
            answer.problem or "Messages of sequences show here after the next build, with what became of them.",
        )  # fmt: skip
    else:
        _tiles(totals(answer.rows.to_dict("records")))
        card_title("By mailbox", help=f"A rate is judged from {FEWEST} messages on.")
        _table(
            answer.rows, "mailbox_id", "Mailbox", {row["mailbox_id"]: row["address"] for row in visit.api.mailboxes()}
        )
        card_title(
            "By provider of the recipients",
            help="Told by the domain. Where a company has its mail run, it does not say.",
        )
        _table(answer.rows, "recipient_provider", "Provider", PROVIDERS)
        quiet_note(
            "Servers do not tell of delivery. What was sent and did not bounce was taken: into the inbox or not, nobody says."
        )
