"""Rows that belong to the chosen organization itself, where an agency may read its clients' as well."""

from __future__ import annotations

from domain.errors import NotFound
from storage.ops.store import Work


def require_own(work: Work, organization_id: str, what: str) -> None:
    """Raises NotFound for another organization's row, which is written as that organization; `what`: `sequence`."""
    if organization_id != work.scope.organization_id:  # type: ignore[union-attr]
        raise NotFound(f"There is no such {what} here.", hint="Choose the organization that it belongs to.")
