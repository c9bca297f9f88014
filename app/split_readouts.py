"""What may be concluded of the A/B steps of a sequence, at a glance: the answer in words, then each arm with its interval."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from app.api_transport import Json
from app.arm_readouts import TABLE_WORDS, against_first, chances, show_harms, show_intervals
from app.campaigns_api import CampaignsApi
from app.components import empty_state, quiet_note
from app.formatting import count, escaped, plural
from app.split_words import GOALS, UNITS, verdict_words
from domain.outreach.send_times import ARM

NAMES = {ARM: "Send time: the best hour against a random one"}
LIFTS = (0.1, 0.25, 0.5, 1.0)


def show_splits(api: CampaignsApi, sequence_id: str) -> None:
    """Draws every A/B step of a sequence, or says that it has none."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        goal = st.segmented_control(
            "Judged by", list(GOALS), default="reply", required=True, format_func=GOALS.__getitem__, key="splits_goal",
            help="Opens judge nothing: machines open, too.",
        )  # fmt: skip
        lift = st.selectbox(
            "Smallest change that matters", LIFTS, index=1, format_func="{:.0%}".format, key="splits_lift", width=220,
            help="Relative: from 4 to 5 % of answers is a change by 25 %. Larger ones are found with fewer messages.",
        )  # fmt: skip
    found = api.splits(sequence_id, str(goal), lift)
    if not found:
        empty_state("alt_route", "No A/B step", "Add a step of type split to try two ways side by side.")
    for split in found:
        _one(split)


def _one(split: Json) -> None:
    icon, color, headline, detail = verdict_words(split)
    with st.container(border=True):
        st.markdown(
            f"**{escaped(NAMES.get(str(split['split_id'])) or str(split['split_id']))}** · :{color}[:material/{icon}: **{escaped(headline)}**]"
        )
        st.markdown(f":gray[{escaped(detail)}]")
        show_intervals(split["arms"], f"split_{split['split_id']}")
        st.dataframe(_table(split), hide_index=True, row_height=34, alt=TABLE_WORDS)
        _notes(split)


def _table(split: Json) -> pd.DataFrame:
    arms, units = split["arms"], UNITS[split["unit"]][1].capitalize()
    return pd.DataFrame(
        {
            "Arm": [arm["arm_id"] if arm["is_enabled"] else f"{arm['arm_id']} (off)" for arm in arms],
            f"{units} written to": [arm["exposed"] for arm in arms],
            "Had time to answer": [arm["matured"] for arm in arms],
            GOALS[split["goal"]]: [arm["successes"] for arm in arms],
            "Against the first": [against_first(arm) for arm in arms],
            **chances(arms),
        }
    )


def _notes(split: Json) -> None:
    show_harms(split["guardrails"])
    if split["clash_count"]:
        companies = plural(split["clash_count"], "company", "companies")
        quiet_note(
            f"{companies} met more than one arm and {'is' if split['clash_count'] == 1 else 'are'} counted nowhere."
        )
    lift = split["detectable_lift"]
    can_find = f" These can show a rise to {1 + lift:.1f} times the share, or more." if lift is not None else ""
    st.caption(
        f"An answer counts within {count(split['horizon_days'])} days; younger messages wait. Intervals of 95 % hold however "
        f"often one looks.{can_find} :material/bolt: live"
    )
