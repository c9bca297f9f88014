"""Arms that are compared, as every page shows them: their intervals, what sets them apart, and what they harm."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app import charts
from app.api_transport import Json
from app.components import quiet_note
from app.formatting import escaped
from app.split_words import HARMS

TABLE_WORDS = "Arms with counts, chances and costs of a mistake"


def show_intervals(arms: Sequence[Json], key: str) -> None:
    """Nothing where no arm's outcomes are in."""
    if not any(arm["matured"] for arm in arms):
        return
    rows = [(arm["arm_id"], arm["rate"], arm["low"], arm["high"]) for arm in arms]
    words = "; ".join(
        f"{name} {'no share yet' if rate is None else format(rate, '.1%')}, between {low:.1%} and {high:.1%}"
        for name, rate, low, high in rows
    )
    st.echarts_chart(charts.intervals(rows), height=56 + 40 * len(rows), key=key, alt=words)


def against_first(arm: Json) -> str:
    if arm["difference"] is None:
        return "–"
    low, high = arm["difference_low"] * 100, arm["difference_high"] * 100
    return f"{arm['difference'] * 100:+.1f} pp ({low:+.1f} to {high:+.1f})"


def chances(arms: Sequence[Json]) -> dict[str, list[str]]:
    """The last columns of a table of arms."""
    return {
        "Chance to be best": [f"{arm['chance_best']:.0%}" for arm in arms],
        "Lost if it is chosen": [f"{arm['expected_loss'] * 100:.2f} pp" for arm in arms],
    }


def show_harms(guardrails: Sequence[Json]) -> None:
    for each in guardrails:
        if each["state"] == "harmed":
            quiet_note(
                f"{HARMS[each['name']]} more often with {escaped(each['arm_id'])}: {each['rate']:.1%} beside "
                f"{each['control_rate']:.1%}.",
                "warning",
            )
