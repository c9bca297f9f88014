"""Where a deal stands."""

from __future__ import annotations

from enum import StrEnum


class DealStage(StrEnum):
    """The stages of a pipeline, in order; `won` and `lost` close it."""

    LEAD = "lead"
    MQL = "mql"
    SQL = "sql"
    OPPORTUNITY = "opportunity"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    WON = "won"
    LOST = "lost"

    @property
    def is_closed(self) -> bool:
        return self in {DealStage.WON, DealStage.LOST}
