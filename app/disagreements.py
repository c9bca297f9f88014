"""Where attribution models disagree by more than chance would make them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from app.formatting import MODEL_LABELS, escaped

MOST_SAID = 3
SMALLEST = 0.005
"""Half a percentage point: less is of no use to anybody, however sure."""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A channel whose share of all conversions a model sees above or below last touch's; shares 0 to 1, `low` and `high`
    95 % of what chance allows."""

    channel: str
    model: str
    difference: float
    low: float
    high: float


def disagreements(
    shares: Mapping[tuple[str, str], float], intervals: pd.DataFrame, models: Sequence[str], baseline: str
) -> list[Disagreement]:
    """Those beyond chance, the largest first. `shares` by channel and model; `intervals` as `attribution.intervals`
    answers them."""
    found = [
        Disagreement(
            row["channel"],
            row["model"],
            shares.get((row["channel"], row["model"]), 0.0) - shares.get((row["channel"], baseline), 0.0),
            row["share_above_last_touch_low"],
            row["share_above_last_touch_high"],
        )
        for row in intervals.to_dict("records")
        if row["model"] in models
    ]
    sure = [one for one in found if (one.low > 0 or one.high < 0) and abs(one.difference) >= SMALLEST]
    return sorted(sure, key=lambda one: (-abs(one.difference), one.channel, one.model))


def said(found: Sequence[Disagreement]) -> str:
    """The largest of them in a sentence."""
    if not found:
        return (
            "None of these models differs from last touch by more than chance would make it: with this many conversions "
            "they say the same."
        )
    parts = [
        f"{MODEL_LABELS[one.model]} gives {escaped(one.channel)} {abs(one.difference) * 100:.1f} points "
        f"{'more' if one.difference > 0 else 'less'}"
        for one in found[:MOST_SAID]
    ]
    return f"{'; '.join(parts)} than last touch does."


def table(found: Sequence[Disagreement]) -> pd.DataFrame:
    """Channel, model, difference and its interval, in percentage points."""
    return pd.DataFrame(
        {
            "Channel": [one.channel for one in found],
            "Model": [MODEL_LABELS[one.model] for one in found],
            "Against last touch": [f"{one.difference * 100:+.1f} pp" for one in found],
            "95 %": [f"{one.low * 100:+.1f} to {one.high * 100:+.1f}" for one in found],
        }
    )
