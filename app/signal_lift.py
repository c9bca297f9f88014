"""What signals are worth, on the Signals page: how much more often companies with one reached an outcome than others alike."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app import session
from app.components import as_of, empty_state, quiet_note
from app.formatting import plural
from app.queries import signals as questions
from app.queries.freshness import freshness
from app.signal_words import OUTCOMES, VERDICTS, between_words, by_kind, kind_words, share_words
from domain.lift import LEAST_COMPANIES, LEAST_REACHED, Lift, Verdict, lift

DAYS = (30, 60, 90, 180)
HOW = (
    "Each time a kind of signal was first known of a company, after 90 days without one, the company stands beside up to five "
    "others that had reached the same stage then, had met us or not as it had, were known about as long, and had no such "
    "signal in 90 days. Only what came after counts, and only where the days are over. It is no proof that the signal is the "
    "cause: what you did because of it counts too, and companies may differ in what is not known here."
)


def show_lift() -> None:
    """The tab."""
    organization_id = session.current().organization_id
    with st.container(horizontal=True, vertical_alignment="bottom"):
        outcome = st.segmented_control(
            "Reached", list(OUTCOMES), default="opportunity", format_func=OUTCOMES.__getitem__, required=True,
            key="lift_outcome",
        )  # fmt: skip
        days = st.segmented_control(
            "Within", DAYS, default=90, format_func=lambda each: f"{each} days", required=True, key="lift_days"
        )
        st.space("stretch")
        st.caption(as_of(freshness(organization_id)["marts"], "built"), width="content")
    answer = questions.counted(organization_id, outcome, days)
    if answer.problem:
        quiet_note(answer.problem)
        return
    found = {kind: lift(rows) for kind, rows in by_kind(answer.rows.to_dict("records")).items()}
    if not found:
        empty_state("balance", "Nothing to compare yet", _why_nothing(organization_id, days))
        return
    _table(found)
    said = sum(each.ratio is not None for each in found.values())
    if said < len(found):
        st.caption(
            f"Nothing is said before {LEAST_COMPANIES} companies had the signal and {LEAST_REACHED} reached it on either side."
        )
    if said > 1:
        st.caption(
            f"Of {said} kinds that change nothing, at least one would be called more or less often by chance in "
            f"{1 - 0.95**said:.0%} of looks like this one."
        )
    if left := _left_out(organization_id, days):
        st.caption(left)
    with st.expander("How it is counted, and what it does not show"):
        st.markdown(HOW)


def _table(found: dict[str, Lift]) -> None:
    kinds = sorted(found, key=lambda kind: (-(found[kind].low or -1), kind))
    lifts: Sequence[Lift] = [found[kind] for kind in kinds]
    text = st.column_config.TextColumn
    st.dataframe(
        pd.DataFrame(
            {
                "Signal": [kind_words(kind) for kind in kinds],
                "With it": [share_words(each.rate, each.reached, each.with_signal) for each in lifts],
                "Alike, without": ["–" if each.other_rate is None else f"{each.other_rate:.1%}" for each in lifts],
                "Times as often": ["–" if each.ratio is None else f"{each.ratio:.2f}" for each in lifts],
                "95 % interval": [between_words(each.low, each.high) for each in lifts],
                "What can be said": [VERDICTS[each.verdict] for each in lifts],
            }
        ),
        hide_index=True, row_height=36, alt="What came of companies by the kind of signal they had",
        column_config={
            "With it": text(help="How often it was reached after the signal: reached, of moments.", width=150),
            "Alike, without": text(help="How often by companies that stood there then without the signal.", width=110),
            "Times as often": text(width=110),
            "95 % interval": text(width=120),
            "What can be said": text(width=220),
        },
    )  # fmt: skip
    if all(each.verdict is Verdict.CANNOT_KNOW_YET for each in lifts):
        quiet_note("There is too little to say anything yet. It fills in as signals come in and their days pass.")


def _left_out(organization_id: str, days: int) -> str:
    rows = questions.left_out(organization_id, days).rows
    if rows.empty:
        return ""
    still, alone = int(rows["open_count"].iloc[0]), int(rows["alone_count"].iloc[0])
    told = [f"{plural(still, 'signal')} came less than {days} days ago"] if still else []
    if alone:
        told.append(f"{plural(alone, 'signal')} had no company alike beside them")
    return f"Left out: {' and '.join(told)}." if told else ""


def _why_nothing(organization_id: str, days: int) -> str:
    return _left_out(organization_id, days) or "It fills in once signals of companies have come in and been built."
