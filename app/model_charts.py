"""The Model page's charts as ECharts options."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.charts import BAD, GRID, LEGEND, Option

PALE = "rgba(120,130,150,.55)"


LIMITS = (2.0, 4.0, 8.0, 10.0, 20.0, 40.0, 60.0, 80.0, 100.0)
"""Ends of an axis of percentages that four even steps reach."""


def calibration(tenths: Sequence[Mapping[str, Any]]) -> Option:
    """What was promised against what came, a point for each tenth with its 95 % interval, and the line of perfection."""
    most = max((max(_percent(one["predicted_rate"]), _percent(one["high"])) for one in tenths), default=0.0)
    limit = next(limit for limit in LIMITS if limit >= most)
    bars = [
        {
            "type": "line",
            "data": [[_percent(one["predicted_rate"]), _percent(one[end])] for end in ("low", "high")],
            "showSymbol": False,
            "lineStyle": {"width": 2, "color": PALE},
            "tooltip": {"show": False},
            "silent": True,
        }
        for one in tenths
    ]
    return {
        "tooltip": {"trigger": "item"},
        "grid": {**GRID, "top": 16, "left": 8, "right": 24, "bottom": 22},
        "xAxis": _axis(limit, "chance promised"),
        "yAxis": _axis(limit),
        "series": [
            {
                "type": "line",
                "data": [[0, 0], [limit, limit]],
                "showSymbol": False,
                "silent": True,
                "lineStyle": {"type": "dashed", "width": 1.5, "color": PALE},
            },
            *bars,
            {
                "type": "scatter",
                "name": "came",
                "symbolSize": 10,
                "data": [[_percent(one["predicted_rate"]), _percent(one["observed_rate"])] for one in tenths],
            },
        ],
    }


def gains(curves: Sequence[tuple[str, Sequence[float]]]) -> Option:
    """Share of good outcomes found among the best so many leads, a line a model; the first is the one to look at."""
    lines = [
        {
            "type": "line",
            "name": name,
            "showSymbol": False,
            "smooth": 0.1,
            "lineStyle": {"width": 3 if place == 0 else 1.6, "type": "solid" if place < 2 else "dashed"},
            "data": [[round(100 * at / (len(curve) - 1)), _percent(share)] for at, share in enumerate(curve)],
            **({"areaStyle": {"opacity": 0.08}} if place == 0 else {}),
        }
        for place, (name, curve) in enumerate(curves)
    ]
    return {
        "tooltip": {"trigger": "axis"},
        "legend": {**LEGEND, "right": "auto", "left": 0},
        "grid": {**GRID, "left": 8, "right": 24, "bottom": 22},
        "xAxis": _axis(100.0, "leads called, best first"),
        "yAxis": _axis(100.0),
        "series": lines,
    }


def parts(shares: Sequence[tuple[str, float, float]]) -> Option:
    """A distribution then and now, side by side."""
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": {**LEGEND, "right": "auto", "left": 0},
        "grid": GRID,
        "xAxis": {
            "type": "category",
            "data": [name for name, _, _ in shares],
            "axisTick": {"show": False},
            "axisLabel": {"hideOverlap": True},
        },
        "yAxis": {"type": "value", "splitNumber": 3, "axisLabel": {"formatter": "{value} %"}},
        "series": [
            {"type": "bar", "name": name, "barMaxWidth": 18, "data": values, **style}
            for name, values, style in (
                ("learned from", [round(100 * then, 2) for _, then, _ in shares], {"itemStyle": {"color": PALE}}),
                ("newest", [round(100 * now, 2) for _, _, now in shares], {}),
            )
        ],
    }


def drift(rows: Sequence[tuple[str, float, str]]) -> Option:
    """Population stability by subject, longest first: (label, index, level); the limits of 0.1 and 0.25 as lines."""
    colors = {"alarm": BAD, "moved": "#e8a33d"}
    return {
        "tooltip": {"show": False},
        "grid": {"left": 4, "right": 56, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "show": False, "max": max([0.3, *(index for _, index, _ in rows)])},
        "yAxis": {
            "type": "category",
            "inverse": True,
            "data": [label for label, _, _ in rows],
            "axisLine": {"show": False},
            "axisTick": {"show": False},
            "axisLabel": {"width": 170, "overflow": "truncate"},
        },
        "series": [
            {
                "type": "bar",
                "barMaxWidth": 14,
                "data": [
                    {
                        "value": index,
                        "itemStyle": {"color": colors.get(level, PALE), "borderRadius": [0, 4, 4, 0]},
                        "label": {"show": True, "position": "right", "formatter": f"{index:.2f}"},
                    }
                    for _, index, level in rows
                ],
                "markLine": {
                    "silent": True,
                    "symbol": "none",
                    "label": {"show": False},
                    "lineStyle": {"type": "dashed", "color": PALE},
                    "data": [{"xAxis": 0.1}, {"xAxis": 0.25}],
                },
            }
        ],
    }


def _percent(share: float) -> float:
    return round(100 * share, 2)


def _axis(limit: float, name: str = "") -> Option:
    """An axis of percentages up to a whole step."""
    named = {"name": name, "nameLocation": "middle", "nameGap": 26} if name else {}
    return {
        "type": "value",
        "min": 0,
        "max": limit,
        "interval": limit / 4,
        "axisLabel": {"formatter": "{value} %"},
        **named,
    }
