"""Deals as they were known at one moment, looked at once a week backwards from it.

Whole weeks back from the moment: a chain that is looked at once a week passes several stages in a step, and none of its
stays is rounded up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
import polars as pl

from domain.deals import DealStage

Ints = np.ndarray[tuple[int, ...], np.dtype[np.int64]]
Floats = np.ndarray[tuple[int, ...], np.dtype[np.float64]]
Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
OPEN = tuple(stage.value for stage in DealStage if not stage.is_closed)
WON, LOST, NONE = len(OPEN), len(OPEN) + 1, -1
"""A state is the place of an open stage, or one of these."""
PLACES = {name: place for place, name in enumerate((*OPEN, DealStage.WON.value, DealStage.LOST.value))}
WEEK = 7 * 86_400.0
WEEKS_LEARNED = 104
"""History older than this says nothing about how deals move today."""


@dataclass(frozen=True, slots=True)
class Looked:
    """Deals × moments from the oldest to the one it is all known at; `states[:, -1]` is how it stands."""

    deal_ids: list[str]
    pipelines: list[str]
    states: Ints
    ages: Ints
    """Whole weeks in the stage."""
    amounts: Floats
    """As known at the moment, in minor units; NaN where it has none."""
    won_at: Floats
    """Seconds from the moment (0 or less) at which it was won; NaN where it was not."""


def known_at(entries: pl.DataFrame, states: pl.DataFrame, moment: datetime) -> Looked:
    """Of `entries` (deal_id, stage, entered_at, known_at, seq) and `states` (deal_id, pipeline, is_deleted, amount_minor,
    known_at, known_until): only what was known at the moment is looked at."""
    standing = states.filter(
        (pl.col("known_at") <= moment)
        & (pl.col("known_until").is_null() | (pl.col("known_until") > moment))
        & ~pl.col("is_deleted")
    ).sort("deal_id")
    deal_ids = standing["deal_id"].to_list()
    rows = (
        entries.filter((pl.col("known_at") <= moment) & (pl.col("entered_at") <= moment))
        .join(standing.select("deal_id").with_row_index("row"), on="deal_id")
        .with_columns(ago=(pl.lit(moment) - pl.col("entered_at")).dt.total_microseconds() / 1e6)
        .with_columns(place=pl.col("stage").replace_strict(PLACES, default=None, return_dtype=pl.Int64))
        .drop_nulls("place")
        .sort("row", "entered_at", "seq")
    )
    row, place = rows["row"].to_numpy().astype(np.int64), rows["place"].to_numpy().astype(np.int64)
    ago = rows["ago"].to_numpy().astype(np.float64)
    weeks = min(WEEKS_LEARNED, int(ago.max() // WEEK) + 1) if len(ago) else 1
    found, since = np.full((len(deal_ids), weeks + 1), NONE), np.zeros((len(deal_ids), weeks + 1))
    # In order of time, so that what came later writes over what was before.
    first = np.maximum(weeks - (ago // WEEK).astype(np.int64), 0)
    for one, begins, stage, past in zip(row.tolist(), first.tolist(), place.tolist(), ago.tolist(), strict=True):
        if begins <= weeks:
            found[one, begins:] = stage
            since[one, begins:] = past
    to_go = WEEK * np.arange(weeks, -1, -1.0)
    ages = np.maximum((since - to_go) // WEEK, 0).astype(np.int64)
    won_at = np.full(len(deal_ids), np.nan)
    is_won = place == WON
    won_at[row[is_won]] = -ago[is_won]
    if len(deal_ids):
        won_at[found[:, -1] != WON] = np.nan
    amounts = standing["amount_minor"].cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return Looked(deal_ids, standing["pipeline"].fill_null("").to_list(), found, ages, amounts, won_at)
