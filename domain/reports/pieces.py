"""What a report consists of: figures, charts and tables, each with what it means."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Figure:
    """One number. `note` says how it moved or stands to a target; `trend` is its line, oldest first."""

    title: str
    value: str
    definition: str
    note: str = ""
    trend: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Bar:
    """A length, and the words at its end."""

    name: str
    value: float
    words: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Names beside lengths, in their order."""

    title: str
    definition: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing by day."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Lines:
    """Several things over the same days; `names` are those of the days."""

    title: str
    definition: str
    names: tuple[str, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Words in rows; the first column names the row."""

    title: str
    definition: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


Piece = Bars | Lines | Table


@dataclass(frozen=True, slots=True)
class Report:
    """`built_at` is when the marts that all of it comes from were built; None where they never were."""

    title: str
    about: str
    """Its filters in words."""
    built_at: datetime | None
    figures: tuple[Figure, ...] = ()
    pieces: tuple[Piece, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not self.figures and not self.pieces
