"""Pairs that may be one, in words and as a waterfall of what speaks for and against it."""

from __future__ import annotations

from collections.abc import Sequence
from math import floor
from typing import Any

import streamlit as st

from app.api_transport import ApiProblem, Json
from app.charts import BAD, GOOD, Option
from app.formatting import count
from app.session import Visit
from domain.permissions import Permission

QUIET = "rgba(120,130,150,.55)"


def open_pairs(visit: Visit) -> str:
    """How many pairs wait, for the menu; "" for none, or for somebody who may not look."""
    if not visit.may(Permission.QUALITY_READ):
        return ""
    waiting = _waiting(visit, visit.organization_id)
    return count(waiting) if waiting else ""


@st.cache_data(ttl=20, max_entries=500, show_spinner=False)
def _waiting(_visit: Visit, organization_id: str) -> int:  # noqa: ARG001  what it is kept under
    try:
        counts = _visit.api.duplicate_counts()
    except ApiProblem:
        return 0
    return int(counts["contact"]) + int(counts["company"])


def forget_waiting() -> None:
    """After a decision: the next run counts again."""
    _waiting.clear()


def waterfall(evidence: Sequence[Json], total: float) -> Option:
    """From the odds of any two records to those of this pair, a bar for each comparison; right is for one record.

    `evidence`: [{words, weight}] with the prior odds first; weights are bits, so each bar doubles or halves the odds.
    """
    begins, rows = 0.0, []
    for each in evidence:
        rows.append((_label(each), begins, float(each["weight"])))
        begins += float(each["weight"])
    rows.append(("Together", 0.0, total))
    least = min(0.0, *(min(start, start + weight) for _, start, weight in rows))
    return {
        "tooltip": {"show": False},
        "grid": {"left": 4, "right": 52, "top": 4, "bottom": 22, "containLabel": True},
        "xAxis": {
            "type": "value", "axisLabel": {"formatter": "{value}", "showMinLabel": False},"splitNumber": 4,
            "min": floor(least) - 3,  # the number left of a bar needs its place
        },
        "yAxis": {
            "type": "category", "inverse": True, "data": [label for label, _, _ in rows],
            "axisLine": {"show": False}, "axisTick": {"show": False},
            "axisLabel": {"width": 230, "overflow": "truncate"},
        },
        "series": [*_bars(rows)],
    }  # fmt: skip


def _bars(rows: Sequence[tuple[str, float, float]]) -> list[Option]:
    """A bar that crosses zero is two that are stacked on either side of it; ECharts stacks each side by itself."""
    parts: dict[str, list[Any]] = {"from": [], "weight": [], "below from": [], "below": []}
    for number, (_, begins, weight) in enumerate(rows):
        low, high = min(begins, begins + weight), max(begins, begins + weight)
        colour = QUIET if number == 0 else GOOD if weight >= 0 else BAD
        label = {"show": True, "position": "right", "formatter": f"{weight:+.1f}", "color": "inherit"}
        bar = {"itemStyle": {"color": colour, "borderRadius": 3}}
        parts["from"].append(max(low, 0.0))
        parts["weight"].append(
            {"value": max(high, 0.0) - max(low, 0.0), **bar, **({"label": label} if high > 0 else {})}
        )
        parts["below from"].append(min(high, 0.0))
        parts["below"].append(
            {
                "value": min(low, 0.0) - min(high, 0.0),
                **bar,
                **({} if high > 0 else {"label": {**label, "position": "left"}}),
            }
        )
    hidden = {"itemStyle": {"color": "transparent"}, "silent": True}
    return [
        {"type": "bar", "stack": "evidence", "barWidth": 13, "data": values, **(hidden if "from" in name else {})}
        for name, values in parts.items()
    ]


def _label(each: Json) -> str:
    return "Any two records" if each["comparison"] == "prior" else str(each["words"])
