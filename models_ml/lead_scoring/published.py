"""Figures that others reported, shown beside ours where an organization's leads are that very data set."""

from __future__ import annotations

from collections.abc import Collection

from models_ml.lead_scoring.report import PublishedFigure

BANK_COLUMNS = frozenset({"poutcome", "pdays", "previous", "campaign", "balance", "duration"})
"""Attributes that tell the UCI bank marketing leads (data/README.md) from any other table."""

_PAPER = "Moro, Cortez and Rita (2014), Decision Support Systems 62; more columns than the public file has"
_PLAIN = "plain LightGBM, default settings, on bank-full.csv"

BANK_FIGURES = (
    PublishedFigure("AUC, neural network, rolling windows in time", 0.80, _PAPER),
    PublishedFigure("ALIFT, neural network, rolling windows in time", 0.70, _PAPER),
    PublishedFigure("share of subscribers in the best half", 0.79, _PAPER),
    PublishedFigure("AUC over 5 folds without duration", 0.801, _PLAIN),
    PublishedFigure("AUC over 5 folds with duration (a leak)", 0.937, _PLAIN),
)


def published_for(attribute_keys: Collection[str]) -> tuple[PublishedFigure, ...]:
    """Figures for leads with these attributes; empty for everybody's own data."""
    return BANK_FIGURES if {key.casefold() for key in attribute_keys} >= BANK_COLUMNS else ()
