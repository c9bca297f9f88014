"""The Forecast page's charts as ECharts options."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.charts import BAD, BESIDE, GOOD, GRID, LEGEND, Option, names_axis

SUM = "#7b8798"
LINE, WIDE, NARROW = "#5b7cfa", "rgba(91,124,250,.16)", "rgba(91,124,250,.34)"
"""Of what is expected, and of the 95 % and the 80 % interval around it."""
SERIES = ("low_95", "high_95", "low_80", "high_80", "expected", "won")
THOUSANDS = 20_000


def band(days: Sequence[str], rows: Sequence[dict[str, float]], actual: float | None, symbol: str) -> Option:
    """What was forecast on each day with both intervals, what was won by then, and what it came to; in whole units of the
    currency. `rows` have the names of SERIES."""
    by = 1_000 if max(row["high_95"] for row in rows) >= THOUSANDS else 1
    rows = [{name: row[name] / by for name in SERIES} for row in rows]
    lines = [
        *_filled(rows, "low_95", "high_95", "95 % interval", WIDE),
        *_filled(rows, "low_80", "high_80", "80 % interval", NARROW),
        _line("Expected", [row["expected"] for row in rows], LINE),
        _line("Won by then", [row["won"] for row in rows], GOOD),
    ]
    if actual is not None:
        lines[-2]["markLine"] = {
            "silent": True,
            "symbol": "none",
            "lineStyle": {"type": "dashed", "color": GOOD, "width": 1.5},
            "label": {"formatter": "came to", "position": "insideEndTop", "color": "inherit"},
            "data": [{"yAxis": actual / by}],
        }
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {**LEGEND, "data": ["95 % interval", "80 % interval", "Expected", "Won by then"]},
        "grid": {**GRID, "right": 40},
        "xAxis": {
            "type": "category",
            "data": list(days),
            "boundaryGap": False,
            "axisTick": {"show": False},
            "axisLabel": {"hideOverlap": True},
        },
        "yAxis": {
            "type": "value",
            "splitNumber": 4,
            "axisLabel": {"formatter": f"{symbol}{{value}}{'k' if by > 1 else ''}"},
        },
        "series": lines,
    }


def _filled(rows: Sequence[dict[str, float]], low: str, high: str, name: str, color: str) -> list[Option]:
    """Two lines on top of each other: an unseen one up to the low end, and the filled rest."""
    unseen = {"type": "line", "stack": name, "silent": True, "showSymbol": False, "lineStyle": {"opacity": 0}}
    return [
        {**unseen, "tooltip": {"show": False}, "data": [row[low] for row in rows]},
        {
            **unseen,
            "name": name,
            "color": color,
            "areaStyle": {"color": color, "opacity": 1},
            "tooltip": {"show": False},
            "data": [row[high] - row[low] for row in rows],
        },
    ]


def _line(name: str, values: Sequence[float], color: str) -> dict[str, Any]:
    return {
        "type": "line",
        "name": name,
        "showSymbol": False,
        "lineStyle": {"width": 2.5},
        "color": color,
        "data": [round(value, 1) for value in values],
    }


def waterfall(
    before: float, changes: Sequence[tuple[str, float, str]], after: float, words: tuple[str, str], good: str = ""
) -> Option:
    """From one sum down to the other: (cause, change, words beside the bar); `words` stand beside both sums, `good` is the
    cause that lowers the sum and is welcome: what was won is open no more."""
    unseen, bars, level = [0.0], [_bar(before, SUM, words[0])], before
    for cause, change, said in changes:
        unseen.append(min(level, level + change))
        bars.append(_bar(abs(change), GOOD if change > 0 or cause == good else BAD, said))
        level += change
    unseen.append(0.0)
    bars.append(_bar(after, SUM, words[1]))
    return {
        "tooltip": {"show": False},
        "grid": {"left": 4, "right": 84, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "show": False},
        "yAxis": names_axis(["A week before", *(name for name, _, _ in changes), "Now"]),
        "series": [
            {"type": "bar", "stack": "all", "silent": True, "itemStyle": {"color": "transparent"}, "data": unseen},
            {"type": "bar", "stack": "all", "barMaxWidth": 20, "silent": True, "data": bars},
        ],
    }


def _bar(value: float, color: str, words: str) -> Option:
    return {
        "value": value,
        "itemStyle": {"color": color, "borderRadius": 4},
        "label": {"show": True, "position": "right", "formatter": words, **BESIDE},
    }
