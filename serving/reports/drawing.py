"""Charts as shapes that a page without script can show: everything is counted out here, in the units of the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from domain.reports.pieces import Bars, Lines

WIDTH = 720
ROW = 30
_NAMES = 170
_WORDS = 110
"""Room for names before the bars, and for words behind them."""
_TOP, _HEIGHT, _LEFT, _RIGHT = 12, 180, 44, 8
_SPARK = (120, 28)
_LEAST = 1e-6
"""Less than this is nothing to draw."""


@dataclass(frozen=True, slots=True)
class BarShape:
    name: str
    words: str
    y: int
    width: float
    words_x: float


@dataclass(frozen=True, slots=True)
class BarPicture:
    height: int
    x: int
    bars: tuple[BarShape, ...]


@dataclass(frozen=True, slots=True)
class Tick:
    words: str
    place: float


@dataclass(frozen=True, slots=True)
class LineShape:
    name: str
    points: str


@dataclass(frozen=True, slots=True)
class LinePicture:
    """`left`, `right` and `bottom` frame the plot; ticks stand at the left and below it."""

    height: int
    left: int
    right: int
    bottom: int
    rows: tuple[Tick, ...]
    columns: tuple[Tick, ...]
    lines: tuple[LineShape, ...]


def draw_bars(chart: Bars) -> BarPicture:
    longest = max((bar.value for bar in chart.bars), default=0.0) or 1.0
    room = WIDTH - _NAMES - _WORDS
    shapes = []
    for number, bar in enumerate(chart.bars):
        width = round(max(bar.value, 0.0) / longest * room, 1)
        shapes.append(BarShape(_cut(bar.name), bar.words, number * ROW, max(width, 1.0), _NAMES + width + 8))
    return BarPicture(len(chart.bars) * ROW, _NAMES, tuple(shapes))


def draw_lines(chart: Lines) -> LinePicture:
    top = max((value for line in chart.lines for value in line.values), default=0.0)
    steps = ticks(top)
    bottom, right = _TOP + _HEIGHT, WIDTH - _RIGHT

    def up(value: float) -> float:
        return round(bottom - value / steps[-1] * _HEIGHT, 1)

    last = max(len(chart.names) - 1, 1)
    named = sorted({0, last // 3, 2 * last // 3, len(chart.names) - 1})
    return LinePicture(
        height=bottom + 24,
        left=_LEFT,
        right=right,
        bottom=bottom,
        rows=tuple(Tick(f"{step:,.10g}", up(step)) for step in steps),
        columns=tuple(Tick(chart.names[place], _across(place, last)) for place in named if chart.names),
        lines=tuple(
            LineShape(line.name, " ".join(f"{_across(at, last)},{up(value)}" for at, value in enumerate(line.values)))
            for line in chart.lines
        ),
    )


def spark(values: Sequence[float]) -> str:
    """The points of a small line beside a number; empty where there is none to draw."""
    if len(values) < 2:
        return ""
    (width, height), low, high = _SPARK, min(values), max(values)
    span = (high - low) or 1.0
    return " ".join(
        f"{at / (len(values) - 1) * width:.1f},{height - 2 - (value - low) / span * (height - 4):.1f}"
        for at, value in enumerate(values)
    )


def ticks(top: float) -> tuple[float, ...]:
    """From zero to above `top` in at most five round steps."""
    if top < _LEAST:
        return (0.0, 1.0)
    rough = top / 4
    base = 10.0 ** floor(log10(rough))
    step = next(base * factor for factor in (1, 2, 5, 10) if base * factor >= rough)
    if top >= 4:
        step = max(step, 1.0)
    return tuple(number * step for number in range(ceil(top / step) + 1))


def _across(place: int, last: int) -> float:
    return round(_LEFT + place / last * (WIDTH - _LEFT - _RIGHT), 1)


def _cut(name: str, most: int = 24) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"
