"""Questions to the marts of one organization, and when these were built."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from storage.lake import Lake

logger = logging.getLogger(__name__)

Row = dict[str, Any]
BUILT = "select max(finished_at) as at from lake.meta.builds where name = 'marts' and ? is not null"


@dataclass(frozen=True, slots=True)
class Marts:
    """Every question's first parameter is the organization."""

    lake: Lake
    organization_id: str

    def ask(self, question: str, *parameters: Any) -> list[Row]:
        """Rows; none where the mart was not built yet."""
        try:
            rows: list[Row] = self.lake.arrow(question, [self.organization_id, *parameters]).to_pylist()
        except Exception as error:  # noqa: BLE001  DuckDB is named in storage/lake only; a lake not built is no failure
            logger.info("the lake has no answer yet: %s", error)
            return []
        return rows

    def built_at(self) -> datetime | None:
        rows = self.ask(BUILT)
        moment: datetime | None = rows[0]["at"] if rows else None
        return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
