"""ECharts options, one builder a chart. JSON only; colours and fonts come from the theme."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

Option = dict[str, Any]

GRID = {"left": 4, "right": 12, "top": 36, "bottom": 4, "containLabel": True}
GOOD, BAD = "#12a670", "#e5484d"
LEGEND = {"top": 0, "right": 0, "icon": "roundRect", "itemWidth": 10, "itemHeight": 10}


def trend(days: pd.DataFrame, series: Sequence[str]) -> Option:
    """Daily lines over the column `day` (text); the first is filled, the others thinner."""
    lines = []
    for index, name in enumerate(series):
        line: Option = {
            "type": "line",
            "name": name,
            "smooth": 0.25,
            "smoothMonotone": "x",
            "showSymbol": False,
            "lineStyle": {"width": 2.5 if index == 0 else 2},
            "encode": {"x": "day", "y": name},
        }
        if index == 0:
            line["areaStyle"] = {"opacity": 0.10}
        lines.append(line)
    return {
        "tooltip": {"trigger": "axis"},
        "legend": LEGEND,
        "grid": GRID,
        "dataset": {"source": days},
        "xAxis": {
            "type": "category",
            "boundaryGap": False,
            "axisTick": {"show": False},
            "axisLabel": {"hideOverlap": True},
        },
        "yAxis": {"type": "value", "splitNumber": 4, "minInterval": 1},
        "series": lines,
    }


BESIDE = {"color": "inherit", "opacity": 1}
"""Words beside a bar in the bar's own colour: ECharts' own grey cannot be read on a dark page."""


def funnel(stages: Sequence[tuple[str, int, str]]) -> Option:
    """Bars from top to bottom: (stage, people, words on the step). Small values stay readable, unlike in a trapezoid."""
    most = max((people for _, people, _ in stages), default=1) or 1
    return {
        "tooltip": {"show": False},
        "grid": {"left": 4, "right": 118, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "show": False, "max": most},
        "yAxis": names_axis([stage for stage, _, _ in stages]),
        "series": [
            {
                "type": "bar",
                "barWidth": "58%",
                "showBackground": True,
                "backgroundStyle": {"color": "rgba(120,130,150,.10)", "borderRadius": 5},
                "itemStyle": {"borderRadius": 5},
                "data": [
                    {
                        "value": people,
                        "itemStyle": {"opacity": 1 - index * 0.08},
                        "label": {"show": True, "position": "right", "formatter": words, **BESIDE},
                    }
                    for index, (_, people, words) in enumerate(stages)
                ],
            }
        ],
    }


def ranking(rows: Sequence[tuple[str, float, str]]) -> Option:
    """Horizontal bars, longest first: (name, value, words at the end of the bar)."""
    return {
        "tooltip": {"show": False},
        "grid": {"left": 4, "right": 96, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "show": False},
        "yAxis": names_axis([name for name, _, _ in rows], width=130),
        "series": [
            {
                "type": "bar",
                "barMaxWidth": 18,
                "itemStyle": {"borderRadius": [0, 5, 5, 0]},
                "data": [
                    {"value": value, "label": {"show": True, "position": "right", "formatter": words, **BESIDE}}
                    for _, value, words in rows
                ],
            }
        ],
    }


def stacked_days(days: pd.DataFrame, series: Sequence[tuple[str, str]]) -> Option:
    """Daily stacked bars over the column `day` (text), one (column, colour) each."""
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": LEGEND,
        "grid": GRID,
        "dataset": {"source": days},
        "xAxis": {"type": "category", "axisTick": {"show": False}, "axisLabel": {"hideOverlap": True}},
        "yAxis": {"type": "value", "splitNumber": 3, "minInterval": 1},
        "series": [
            {
                "type": "bar",
                "stack": "all",
                "name": name,
                "barMaxWidth": 22,
                "encode": {"x": "day", "y": name},
                "itemStyle": {"color": color},
            }
            for name, color in series
        ],
    }


def recalls(rows: Sequence[tuple[str, float, float, float]], chance: float) -> Option:
    """Horizontal bars with their intervals, and chance as a line: (name, share, low, high), all 0 to 1."""
    return {
        "tooltip": {"show": False},
        "grid": {"left": 4, "right": 110, "top": 24, "bottom": 4, "containLabel": True},
        "xAxis": {
            "type": "value",
            "min": 0,
            "max": max(0.2, min(1.0, round(max((high for *_, high in rows), default=1.0) + 0.05, 2))),
            "splitNumber": 4,
            "show": False,
        },
        "yAxis": names_axis([name for name, *_ in rows]),
        "series": [
            {
                "type": "bar",
                "barMaxWidth": 20,
                "itemStyle": {"borderRadius": [0, 5, 5, 0]},
                "data": [
                    {
                        "value": share,
                        "itemStyle": {"opacity": 1.0 if index == 0 else 0.45},
                        "label": {
                            "show": True,
                            "position": "right",
                            "formatter": f"{share:.0%}  ({low:.0%} to {high:.0%})",
                        },
                    }
                    for index, (_, share, low, high) in enumerate(rows)
                ],
                "markLine": {
                    "silent": True,
                    "symbol": "none",
                    "lineStyle": {"type": "dashed", "opacity": 0.7},
                    "label": {"formatter": f"chance {chance:.0%}", "position": "start"},
                    "data": [{"xAxis": chance}],
                },
            }
        ],
    }


def intervals(rows: Sequence[tuple[str, float | None, float, float]]) -> Option:
    """A point in its interval, one line each from top to bottom: (name, share or None, low, high), all 0 to 1."""
    shares = [rate for _, rate, _, _ in rows if rate is not None]
    # an interval of very few is wide; the axis ends where the rest can still be told apart
    most = min(1.0, max([0.02, *(high for *_, high in rows if high < 0.9), *(rate * 1.5 for rate in shares)]) * 1.05)
    return {
        "tooltip": {"show": False},
        "grid": {"left": 4, "right": 170, "top": 4, "bottom": 4, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "max": round(most, 3), "show": False},
        "yAxis": names_axis([name for name, *_ in rows], width=130),
        "series": [
            {
                "type": "bar",
                "stack": "interval",
                "silent": True,
                "barWidth": 8,
                "itemStyle": {"color": "transparent"},
                "data": [low for _, _, low, _ in rows],
            },
            {
                "type": "bar",
                "stack": "interval",
                "silent": True,
                "barWidth": 8,
                "itemStyle": {"borderRadius": 4},
                "data": [
                    {
                        "value": max(min(high, most) - low, 0.0),
                        "label": {
                            "show": True,
                            "position": "right",
                            "formatter": f"{'nothing yet' if rate is None else format(rate, '.1%')}  ({low:.1%} to {high:.1%})",
                            **BESIDE,
                        },
                    }
                    for _, rate, low, high in rows
                ],
            },
            {
                "type": "scatter",
                "symbolSize": 14,
                "silent": True,
                "itemStyle": {"borderColor": "#ffffff", "borderWidth": 2},
                "data": [[rate, name] for name, rate, _, _ in rows if rate is not None],
            },
        ],
    }


def grouped_bars(rows: pd.DataFrame, groups: Sequence[str], *, most_shown: int = 8) -> Option:
    """Bars side by side over the column `name` (text), one series a group: channels under several models."""
    return {
        "tooltip": {"trigger": "axis", "axisPointer": {"type": "shadow"}},
        "legend": LEGEND,
        "grid": GRID,
        "dataset": {"source": rows.head(most_shown)},
        "xAxis": {
            "type": "category",
            "axisTick": {"show": False},
            "axisLabel": {"interval": 0, "width": 96, "overflow": "break", "hideOverlap": True},
        },
        "yAxis": {"type": "value", "splitNumber": 4},
        "series": [
            {
                "type": "bar",
                "name": group,
                "barMaxWidth": 16,
                "barGap": "15%",
                "itemStyle": {"borderRadius": [3, 3, 0, 0]},
                "encode": {"x": "name", "y": group},
            }
            for group in groups
        ],
    }


def sankey(links: Sequence[tuple[str, str, float]], names: dict[str, str], colors: dict[str, str]) -> Option:
    """Flows from node to node: (from, to, how many). `names` are shown for node keys, `colors` go by shown name."""
    nodes = list(dict.fromkeys(key for source, target, _ in links for key in (source, target)))
    return {
        "tooltip": {"trigger": "item"},
        "series": [
            {
                "type": "sankey",
                "left": 4,
                "right": 110,
                "top": 10,
                "bottom": 10,
                "nodeWidth": 12,
                "nodeGap": 12,
                "nodeAlign": "right",
                "draggable": False,
                "emphasis": {"focus": "adjacency"},
                "lineStyle": {"color": "gradient", "opacity": 0.28, "curveness": 0.5},
                "label": {"fontSize": 12},
                "data": [
                    {
                        "name": key,
                        "itemStyle": {"color": colors.get(names[key], "#94a3b8")},
                        "label": {"formatter": names[key]},
                    }
                    for key in nodes
                ],
                "links": [{"source": source, "target": target, "value": value} for source, target, value in links],
            }
        ],
    }


def names_axis(names: Sequence[str], width: int | None = None) -> Option:
    """The axis of horizontal bars, from top to bottom; longer names than `width` pixels are cut."""
    cut = {"width": width, "overflow": "truncate"} if width else {}
    return {
        "type": "category",
        "inverse": True,
        "data": list(names),
        "axisLine": {"show": False},
        "axisTick": {"show": False},
        "axisLabel": {"fontWeight": 500, **cut},
    }
