"""One row in every table for an organization, made from the tables themselves, so that a new table is filled too."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from sqlalchemy import Boolean, Column, Date, Float, Integer, LargeBinary, Numeric, String, Table, insert

from domain.ids import new_id
from storage.ops.store import Store
from storage.ops.tables import Base
from storage.ops.types import UTCDateTime
from tests.factories import SYSTEM, TESTER, make_organization

CHOICES = {
    ("api_keys", "kind"): "write",
    ("contacts", "lifecycle_stage"): "lead",
    ("deals", "stage"): "opportunity",
    ("attribute_definitions", "entity"): "contact",
    ("attribute_definitions", "data_type"): "text",
    ("attribute_definitions", "role"): "feature",
    ("memberships", "role"): "viewer",
    ("jobs", "status"): "dead",
    ("decision_ledger", "kind"): "score",
    ("form_submissions", "status"): "held",
    ("scores", "band"): "hot",
    ("score_priors", "prior"): {},
}
"""What a table holds where any text would not do."""


class Tenant:
    """An organization with something in every table. `marker` stands in all its words; `rows` has them by table."""

    def __init__(self, store: Store, marker: str) -> None:
        self.marker = marker
        self.organization_id = make_organization(store, f"{marker} agency").organization_id
        self.rows: dict[str, dict[str, Any]] = {"organizations": {"organization_id": self.organization_id}}
        now = store.clock()
        with store.write(SYSTEM, TESTER) as work:
            for table in filled_tables():
                row = {column.name: self._value(table, column, now) for column in table.columns}
                self.rows[table.name] = {name: value for name, value in row.items() if value is not None}
                work.session.execute(insert(table), [self.rows[table.name]])

    def id_of(self, table: str) -> str:
        """The primary key of the row in a table."""
        return str(self.rows[table][next(iter(Base.metadata.tables[table].primary_key.columns)).name])

    def _value(self, table: Table, column: Column, now: datetime) -> Any:
        if column.name == "organization_id":
            return self.organization_id
        reference = next(iter(column.foreign_keys), None)
        if reference is not None:
            made = self.rows.get(reference.column.table.name, {})
            return made.get(reference.column.name)
        if (table.name, column.name) in CHOICES:
            return CHOICES[table.name, column.name]
        return self._made_up(table, column, now)

    def _made_up(self, table: Table, column: Column, now: datetime) -> Any:  # noqa: PLR0911  one for each type
        match column.type:
            case UTCDateTime():
                return None if column.nullable else now
            case Date():
                return date(2026, 3, 2)
            case Boolean():
                return True
            case LargeBinary():
                return self.marker.encode()
            case Integer() | Float() | Numeric():
                return None if column.name in {"transaction_id", "seq"} else 1
            case String() as text:
                return self._text(table, column, text.length)
            case _:
                return [] if column.default is not None and column.default.arg.__name__ == "list" else {}

    def _text(self, table: Table, column: Column, length: int | None) -> str | None:
        if column.name.endswith("_id") and length == 36:
            return None if column.nullable else new_id()
        if column.name in {"row", "body", "context"}:
            return f'{{"{self.marker}": "{table.name}"}}'
        return f"{self.marker}-{table.name}-{column.name}"[:length]


def filled_tables() -> Iterable[Table]:
    """Every table but the ones of the installation, in an order in which rows may refer to earlier ones."""
    return [table for table in Base.metadata.sorted_tables if table.name not in {"organizations", "fx_rates"}]
