"""Between reading and the lake: a chunk takes the shape of its table, and every row meets every rule, in one query."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from ingest.base import Feed, Repeats
from storage.lake.schemas import LOADED, QUARANTINE

LOADED_COLUMNS = tuple(part.strip().partition(" ")[0] for part in LOADED.split(","))
INBOX_COLUMNS = pa.schema(
    [
        ("organization_id", pa.string()),
        ("event_id", pa.string()),
        ("seq", pa.int64()),
        ("received_at", pa.string()),
        ("body", pa.string()),
        ("context", pa.string()),
    ]
)
"""What a shape reads from `incoming` when the rows do not come from the store."""

FAILED = (
    # One row for rows that are the same to the last character; the id is of its content, so it is kept once.
    "select any_value(organization_id) as organization_id, row, any_value(rule) as rule, "
    "any_value(reason) as reason, quarantine_id from ("
    "select organization_id, _row as row, _rule as rule, _reason as reason, "
    "md5(concat_ws(chr(0), ?, organization_id, _row)) as quarantine_id from temp.shaped where _rule is not null"
    ") group by quarantine_id, row"
)


@dataclass(frozen=True, slots=True)
class Staged:
    """Rows made ready in temporary tables of one cursor, outside any transaction: `insert` is all that is left."""

    cursor: Any
    source: str
    feed: Feed
    batch_id: str
    loaded_at: datetime
    passed_count: int
    failed_count: int

    def insert(self, *, check_known: bool) -> int:
        """Inside the caller's transaction: passing rows to their table, failing ones to quarantine; how many landed.

        With `check_known`, a row whose key is in the lake is skipped, or replaces the old one, as the feed says.
        """
        landed = self._insert_passed(check_known=check_known) if self.passed_count else 0
        if self.failed_count:
            self._insert_failed()
        return landed

    def _insert_passed(self, *, check_known: bool) -> int:
        table = self.feed.table.full_name
        columns = ", ".join(f'"{name}"' for name in own_columns(self.feed))
        same = " and ".join(f'k."{name}" is not distinct from s."{name}"' for name in self.feed.key)
        chosen = f"select {columns}, ?, ? from temp.passed s"
        if check_known and self.feed.repeats is Repeats.SKIP:
            chosen += f" where not exists (select 1 from {table} k where {same})"
        elif check_known:
            self.cursor.execute(f"delete from {table} k where exists (select 1 from temp.passed s where {same})")
        loaded = ", ".join(LOADED_COLUMNS)
        answer = self.cursor.execute(
            f"insert into {table} ({columns}, {loaded}) {chosen}", [self.loaded_at, self.batch_id]
        ).fetchone()
        return int(answer[0])

    def _insert_failed(self) -> None:
        self.cursor.execute(
            f"insert into {QUARANTINE.full_name} "
            "select organization_id, quarantine_id, ?, ?, rule, reason, row, ?, null, ?, ? from temp.failed f "
            f"where not exists (select 1 from {QUARANTINE.full_name} k "
            "where k.quarantine_id = f.quarantine_id and k.replayed_at is null)",
            [self.source, self.feed.table.name, self.loaded_at, self.loaded_at, self.batch_id],
        )


def stage(
    cursor: Any,
    source: str,
    feed: Feed,
    incoming: Iterable[pa.Table],
    *,
    batch_id: str,
    loaded_at: datetime,
    is_unique: bool = False,
) -> Staged:
    """Shapes the chunks of `incoming` and sorts their rows into `temp.passed` and `temp.failed`; takes no lock.

    `is_unique` says that no key comes twice, as from the inbox; otherwise the first of them stays, or the last one
    where a repeat replaces, or they are combined as the feed says.
    """
    is_first = True
    for chunk in incoming:
        cursor.register("incoming", chunk)
        try:
            verb = "create or replace temp table shaped as" if is_first else "insert into temp.shaped"
            cursor.execute(f"{verb} {_judged(feed, loaded_at)}")
        finally:
            cursor.unregister("incoming")
        is_first = False
    if is_first:
        return Staged(cursor, source, feed, batch_id, loaded_at, 0, 0)
    cursor.execute(f"create or replace temp {'view' if is_unique else 'table'} passed as {_passed(feed, is_unique)}")
    failed = _count(cursor, "temp.shaped where _rule is not null")
    if failed:
        cursor.execute(f"create or replace temp table failed as {FAILED}", [f"{source}.{feed.table.name}"])
    passed = _count(cursor, "temp.passed")
    return Staged(cursor, source, feed, batch_id, loaded_at, passed, failed)


def own_columns(feed: Feed) -> dict[str, str]:
    """The columns a feed fills, with their types: all but those that say when and how a row was loaded."""
    return {name: kind for name, kind in feed.table.columns.items() if name not in LOADED_COLUMNS}


def table_of(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> pa.Table:
    """Driver rows as an Arrow table; UTC times stay as they came (text or instants)."""
    return pa.table([pa.array(values) for values in zip(*rows, strict=True)], names=list(columns))


def _count(cursor: Any, relation: str) -> int:
    return int(cursor.execute(f"select count(*) from {relation}").fetchone()[0])


def _shape(feed: Feed) -> str:
    if feed.shape is not None:
        return feed.shape
    casts = (f'try_cast("{name}" as {kind}) as "{name}"' for name, kind in own_columns(feed).items())
    return f"select {', '.join(casts)}, _problem, _row from incoming"


def _passed(feed: Feed, is_unique: bool) -> str:
    passing = "select * from temp.shaped where _rule is null"
    if feed.combine is not None:
        return f"with passed as ({passing}) {feed.combine}"
    if is_unique:
        return passing
    key = ", ".join(f'"{name}"' for name in feed.key)
    order = "desc" if feed.repeats is Repeats.REPLACE else "asc"
    return f"{passing} qualify row_number() over (partition by {key} order by rowid {order}) = 1"


def _judged(feed: Feed, loaded_at: datetime) -> str:
    """A chunk in the columns of its table, with the first rule a row breaks, why, and what came in, for those alone:
    carrying every body along would double the memory a chunk takes."""
    columns = ", ".join(f'"{name}"' for name in own_columns(feed))
    return (
        f"select {columns}, _rule, {_reason(feed)} as _reason, "
        f"case when _rule is not null then {feed.original} end as _row "
        f"from (select *, {_verdict(feed)} as _rule from ("
        f"select *, timestamptz '{loaded_at.isoformat()}' as _loading_at from ({_shape(feed)})))"
    )


def _verdict(feed: Feed) -> str:
    """The first rule a row breaks, or null."""
    cases = [f"when ({rule.holds}) is not true then {_text(rule.name)}" for rule in feed.rules]
    if feed.shape is None:
        cases.insert(0, "when _problem is not null then 'readable'")
    return f"case {' '.join(cases)} end" if cases else "cast(null as text)"


def _reason(feed: Feed) -> str:
    cases = [f"when {_text(rule.name)} then {_text(rule.reason)}" for rule in feed.rules]
    if feed.shape is None:
        cases.append("when 'readable' then _problem")
    return f"case _rule {' '.join(cases)} end" if cases else "cast(null as text)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
