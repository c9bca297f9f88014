"""What a source is: raw tables, how what comes in becomes their rows, and the rules a row and a batch must keep.

A source is a folder under `ingest/sources` (or a plug-in) whose `source.py` holds `SOURCE`. See docs/how-to/add-a-source.md.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import pyarrow as pa

from domain.contacts import EmailAddress
from domain.errors import InvalidInput
from storage.lake.schemas import Table

Record = Mapping[str, Any]
"""One row, line or object of a file, as the file has it."""


class Door(StrEnum):
    """Where a feed comes in by itself; any feed with `read` also takes files."""

    INBOX = "event_inbox"
    CHANGES = "change_log"


class Repeats(StrEnum):
    """What becomes of a row whose key is in the lake already."""

    SKIP = "skip"
    """The first one stays."""
    REPLACE = "replace"
    """The newer file is right, as with spend that is restated."""


@dataclass(frozen=True, slots=True)
class RowRule:
    """Something every row must satisfy. A row for which `holds` is not true goes to quarantine with `reason`."""

    name: str
    holds: str
    """SQL over the shaped columns and `_loading_at`, the moment of the landing, as the caller's clock says; write nullable
    ones so that null is meant (`x is null or x > 0`)."""
    reason: str
    """Words for the person who finds the row in quarantine."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A Great Expectations expectation about a batch, by the name of its class."""

    name: str
    kind: str
    """For instance `ExpectColumnValuesToBeUnique`."""
    arguments: Mapping[str, Any] = field(default_factory=dict)
    is_error: bool = True
    """Whether its failure refuses a file and fails the run, or is only a warning."""


@dataclass(frozen=True, slots=True)
class FileContext:
    """What is known about a file before it is read."""

    organization_id: str
    file_name: str
    batch_id: str
    received_at: datetime
    hash_key: bytes = field(repr=False)
    """The organization's key for HMACs."""
    facts: Mapping[str, str] = field(default_factory=dict)
    """What the caller adds: `import_id` for an upload, `currency` or `channel` for spend without one."""

    def hash_email(self, raw: str | None) -> str | None:
        """The HMAC by which events know an address; None for what is no address."""
        try:
            return EmailAddress.parse(raw).hashed(self.hash_key) if raw else None
        except InvalidInput:
            return None

    def hash_text(self, text: str) -> str:
        """The same for another identifier of a person, such as the address of a profile."""
        return hmac.new(self.hash_key, text.strip().casefold().encode(), hashlib.sha256).hexdigest()


FileReader = Callable[[Path, FileContext], Iterator[Record]]
RecordParser = Callable[[Record, FileContext], Iterable[Mapping[str, Any]]]


ColumnReader = Callable[[Path, FileContext], Iterator[pa.Table] | None]
"""The tables of a file of columns, or None where this file is to be read record by record."""


@dataclass(frozen=True, slots=True)
class Columnar:
    """A way around records for files of columns, where volume counts: tables go to SQL as they are.

    `shape` and `original` are as those of a Feed, over the columns that `read` yields.
    """

    read: ColumnReader
    shape: str
    original: str


@dataclass(frozen=True, slots=True)
class Feed:
    """One raw table of a source, and all that leads to it.

    What comes in is shaped in one of two ways. `shape`: SQL from `incoming` (columns `organization_id, event_id, seq,
    received_at, body, context` of the inbox or of lines of a file; the change log's own columns for that door) to the
    table's columns; for volume. `parse`: Python from one record to rows, raising InvalidInput for what it cannot read;
    for formats. Helper columns of a shape begin with `_` and may be used in rules.
    """

    table: Table
    key: tuple[str, ...]
    """What makes a row the same row when it comes again."""
    rules: tuple[RowRule, ...] = ()
    suite: tuple[Expectation, ...] = ()
    repeats: Repeats = Repeats.SKIP
    door: Door | None = None
    shape: str | None = None
    parse: RecordParser | None = None
    read: FileReader | None = None
    original: str = "_row"
    """SQL over the shaped columns: what came in, as JSON text that a replay can shape again."""
    columnar: Columnar | None = None
    combine: str | None = None
    """SQL over `passed` that folds rows of one file with the same key into one, in the table's columns."""


@dataclass(frozen=True, slots=True)
class Source:
    """A folder of the outside world."""

    name: str
    title: str
    feeds: tuple[Feed, ...]
    has_personal_data: bool = False
    """Tags its tables `pii`: direct identifiers of people are in them."""

    def feed(self, table: str | None = None) -> Feed:
        """The feed of a table (`events`, or the full `website_events__events`); the first where none is named."""
        for found in self.feeds:
            if table is None or table in {found.table.name, found.table.name.partition("__")[2]}:
                return found
        raise KeyError(table)
