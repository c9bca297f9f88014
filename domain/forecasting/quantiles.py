"""Which part of all futures lies below each number of a forecast, and what the words promise."""

from __future__ import annotations

QUANTILES = {
    "low_95": 0.025, "worst": 0.05, "low_80": 0.10, "commit": 0.20, "best": 0.90, "high_80": 0.90, "high_95": 0.975,
}  # fmt: skip
PROMISES = {
    "commit": "Four of five futures bring at least this.",
    "best": "One of ten futures brings more than this.",
    "worst": "One of twenty futures brings less than this.",
}
