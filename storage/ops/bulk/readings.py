"""A file under its mapping: its rows as drafts, in chunks, with the planner that knows what to do with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from zoneinfo import ZoneInfo

from domain.errors import ImportRejected
from domain.imports.drafts import Draft, DraftReader, ReadingRules
from domain.imports.mapping import Column, check
from domain.imports.reading import Dialect
from domain.settings import Settings
from storage.ops.bulk.contacts import ContactPlanner
from storage.ops.bulk.deals import DealPlanner
from storage.ops.bulk.files import rows_of, upload_path
from storage.ops.bulk.plans import Planner
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Work
from storage.ops.tables import Import

CHUNK_ROWS = 500
KEYS = ("email", "external_id")
"""What a row is found again by."""
Progress = Callable[[int, int], None]
"""Told (rows done, rows in all) after every chunk."""


class Reading:
    """A file under its mapping, as drafts; can be read again from the start."""

    def __init__(self, work: Work, settings: Settings, found: Import) -> None:
        organization = Organizations(work).get(found.organization_id)
        self._rules = ReadingRules(ZoneInfo(organization.time_zone), organization.currency, work.now())
        self._path = upload_path(settings, found.import_id)
        self._dialect = Dialect.from_json(found.dialect)
        self._entity = found.entity
        self.columns = [Column.from_json(stored) for stored in found.mapping]
        check(self.columns)
        if not self._path.is_file():
            raise ImportRejected("the file of this import is gone", hint="Upload it again.")

    def drafts(self) -> Iterator[Draft]:
        """Every row of the file in order."""
        reader = DraftReader(self.columns, self._rules, entity=self._entity)
        return (reader.read(record) for record in rows_of(self._path, self._dialect))

    def row_keys(self) -> Iterator[str]:
        """`email:…` and `external_id:…` of every row that says one; no other cell is looked at."""
        named = [column if column.target in KEYS else replace(column, target="ignore") for column in self.columns]
        reader = DraftReader(named, self._rules, entity=self._entity)
        for record in rows_of(self._path, self._dialect):
            fields = reader.read(record).fields
            yield from (f"{name}:{fields[name]}" for name in KEYS if name in fields)


def planner_of(work: Work, found: Import) -> Planner:
    """The planner for an import's entity."""
    organizations = Organizations(work)
    if found.entity == "deals":
        currency = organizations.get(found.organization_id).currency
        return DealPlanner(found.organization_id, found.import_id, policy=found.duplicates, currency=currency)
    key = organizations.hash_key(found.organization_id)
    return ContactPlanner(
        found.organization_id, found.import_id, file_name=found.file_name, policy=found.duplicates, hash_key=key
    )


def chunked(drafts: Iterator[Draft], size: int) -> Iterator[list[Draft]]:
    """Lists of at most `size`."""
    chunk: list[Draft] = []
    for draft in drafts:
        chunk.append(draft)
        if len(chunk) >= size:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
