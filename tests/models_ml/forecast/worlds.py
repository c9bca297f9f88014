"""Agencies whose deals are drawn from a known truth, as the tables that a forecast reads, and what they won later."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from domain.forecasting.periods import Period, ends_at, spans

STAGES = ("opportunity", "proposal", "negotiation")
AS_OF = date(2026, 2, 8)
MOMENT = ends_at(AS_OF, "UTC")


@dataclass(frozen=True, slots=True)
class Nature:
    """How deals come and go. `luck`: standard deviation of what a quarter's deals share; `steady`: shape of the gamma
    distribution of stays, 1 for the exponential."""

    a_week: float = 3.0
    win_chance: float = 0.35
    days_a_stage: float = 15.0
    steady: float = 1.0
    luck: float = 0.0
    years: float = 2.0
    size_spread: float = 0.6


@dataclass(frozen=True, slots=True)
class Agency:
    entries: pl.DataFrame
    states: pl.DataFrame

    def won_minor(self, period: Period) -> int:
        """What was really won in the period, known at last."""
        span = spans(AS_OF)[period]
        first, last = (datetime.combine(day, datetime.min.time(), UTC) for day in (span.starts_on, span.ends_on))
        won = self.entries.filter(
            (pl.col("stage") == "won")
            & (pl.col("entered_at") >= first)
            & (pl.col("entered_at") < last + timedelta(days=1))
        )
        return int(won.join(self.states, on="deal_id")["amount_minor"].sum())


def draw_agency(nature: Nature, seed: int) -> Agency:
    """Its whole past and the year after AS_OF; all of it known when it happened."""
    chance = np.random.default_rng(seed)
    past, ahead = nature.years * 365.0, 380.0
    quarters = int((past + ahead) // 91) + 2
    come = np.exp(nature.luck * chance.standard_normal(quarters) - nature.luck**2 / 2)
    win = np.exp(nature.luck * chance.standard_normal(quarters) - nature.luck**2 / 2)
    count = chance.poisson(nature.a_week / 7 * 91 * come)
    opened = np.concatenate([91 * at + 91 * chance.random(size) for at, size in enumerate(count)]) - past
    rows: list[tuple[str, str, float, int]] = []
    for number, begins in enumerate(np.sort(opened).tolist()):
        at = begins
        for place, stage in enumerate(STAGES):
            rows.append((f"d{number:05}", stage, at, len(rows)))
            at += float(chance.gamma(nature.steady, nature.days_a_stage / nature.steady))
            # Each stage is survived by the same part; luck is that of the quarter in which a deal is decided.
            quarter = min(max(int((at + past) // 91), 0), quarters - 1)
            share = nature.win_chance ** (1 / len(STAGES))
            if place == len(STAGES) - 1:
                share = min(share * win[quarter], 1.0)
            if chance.random() > share:
                rows.append((f"d{number:05}", "lost", at, len(rows)))
                break
        else:
            rows.append((f"d{number:05}", "won", at, len(rows)))
    moment = [MOMENT + timedelta(days=day) for _, _, day, _ in rows]
    entries = pl.DataFrame(
        {"deal_id": [row[0] for row in rows], "stage": [row[1] for row in rows], "entered_at": moment,
         "known_at": moment, "seq": [row[3] for row in rows]}
    )  # fmt: skip
    first = entries.group_by("deal_id", maintain_order=True).agg(pl.col("known_at").min())
    size = np.exp(nature.size_spread * chance.standard_normal(first.height))
    states = first.with_columns(
        known_until=pl.lit(None, dtype=entries["known_at"].dtype),
        pipeline=pl.lit("default"),
        is_deleted=pl.lit(value=False),
        amount_minor=pl.Series((1_000_000 * size).astype(np.int64)),
    )
    return Agency(entries, states)
