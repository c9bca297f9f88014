"""What a look for drift found, in words for people: which lines carry a badge, what it costs, and what to do."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from app.api_transport import Json
from app.formatting import plural
from domain.drift import BASE_RATE, RANKING, Part, in_words, is_pull, what_it_costs, what_to_do

ALARM = "alarm"
MOST_TOLD = 3
"""Drifted features told in words; the others are in the chart."""


@dataclass(frozen=True, slots=True)
class DriftWords:
    """`lines` are (level, sentence), each with a badge; the others are sentences, empty where there is nothing to say."""

    lines: tuple[tuple[str, str], ...]
    more: str
    cost: str
    advice: str


def drift_words(rows: Sequence[Json]) -> DriftWords:
    """Of one run's rows as the lake keeps them: the base rate as it is, every pull that changed, the ranking and features where
    they alarm. A steady look tells the ranking too; where something else alarms, the ranking is told as what that costs."""
    told = {row["subject"]: json.loads(row["detail"]) for row in rows}
    drifted = [row for row in rows if row["level"] == ALARM]
    pulls = sorted((row for row in rows if is_pull(row["subject"])), key=lambda row: str(row["subject"]))
    whole = [
        row
        for row in rows
        if row["subject"] == BASE_RATE or (row["subject"] == RANKING and (row["level"] == ALARM or not drifted))
    ]
    features = [row for row in drifted if row not in pulls and row not in whole]
    lines = tuple((row["level"], _words(row, told[row["subject"]])) for row in (*whole, *pulls, *features[:MOST_TOLD]))
    ranking = told.get(RANKING) if drifted and not any(row["subject"] == RANKING for row in whole) else None
    more = len(features) - MOST_TOLD
    return DriftWords(
        lines,
        f"{plural(more, 'more alarm')} below." if more > 0 else "",
        what_it_costs(ranking[0][1], ranking[0][2]) if ranking else "",
        " ".join(what_to_do([(row["subject"], row["label"]) for row in drifted])),
    )


def _words(row: Json, parts: Sequence[Part]) -> str:
    since = row.get("since")
    moment = since if pd.notna(since) else None
    return in_words(row["subject"], row["label"], row["drift"], row["by_chance"], parts, moment)
