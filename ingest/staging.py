"""Between reading and the lake: a chunk takes the shape of its table, and every row meets every rule, in one query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pyarrow as pa

from domain.clock import Clock
from ingest.base import Feed, Repeats
from storage.lake.schemas import LOADED, QUARANTINE

LOADED_COLUMNS = tuple(part.strip().partition(" ")[0] for part in LOADED.split(","))


@dataclass(frozen=True, slots=True)
class Staged:
    """A chunk made ready in temporary tables of one cursor, outside any transaction: `insert` is all that is left."""

    cursor: Any
    feed: Feed
    source: str
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
        columns = ", ".join(f'"{name}"' for name in _own_columns(self.feed))
        same = " and ".join(f'k."{name}" is not distinct from s."{name}"' for name in self.feed.key)
        known = f"exists (select 1 from {table} k where {same})"
        source = f"select {columns}, ?, ? from temp.passed s"
        if check_known and self.feed.repeats is Repeats.SKIP:
            source += f" where not {known}"
        elif check_known:
            self.cursor.execute(f"delete from {table} k where exists (select 1 from temp.passed s where {same})")
        loaded = ", ".join(LOADED_COLUMNS)
        answer = self.cursor.execute(
            f"insert into {table} ({columns}, {loaded}) {source}", [self.loaded_at, self.batch_id]
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


def stage(cursor: Any, source: str, feed: Feed, incoming: pa.Table, *, batch_id: str, clock: Clock) -> Staged:
    """Shapes `incoming` and sorts its rows into `temp.passed` and `temp.failed`. Takes no lock and writes no lake."""
    cursor.register("incoming", incoming)
    try:
        cursor.execute(
            f"create or replace temp table shaped as select *, {_verdict(feed)} as _rule from ({_shape(feed)})"
        )
    finally:
        cursor.unregister("incoming")
    cursor.execute(f"create or replace temp view passed as {_passed(feed)}")
    failed = cursor.execute("select count(*) from temp.shaped where _rule is not null").fetchone()[0]
    if failed:
        cursor.execute(
            "create or replace temp table failed as any_value(organization_id) as organization_id, row, "
            "any_value(rule) as rule, any_value(reason) as reason, quarantine_id from ("
            f"select organization_id, {feed.original} as row, _rule as rule, {_reason(feed)} as reason, "
            "md5(concat_ws(chr(0), ?, organization_id, row)) as quarantine_id from temp.shaped where _rule is not null"
            ") group by quarantine_id, row",
            [f"{source}.{feed.table.name}"],
        )
    passed = cursor.execute("select count(*) from temp.passed").fetchone()[0]
    return Staged(cursor, feed, source, batch_id, clock(), int(passed), int(failed))


def _shape(feed: Feed) -> str:
    if feed.shape is not None:
        return feed.shape
    casts = (f'try_cast("{name}" as {kind}) as "{name}"' for name, kind in _own_columns(feed).items())
    return f"select {', '.join(casts)}, _problem, _row from incoming"


def _passed(feed: Feed) -> str:
    """One row a key: of repeats within a chunk the last counts, unless the feed says how to combine them."""
    passing = "select * from temp.shaped where _rule is null"
    if feed.combine is not None:
        return f"with passed as ({passing}) {feed.combine}"
    return passing


def _verdict(feed: Feed) -> str:
    """The first rule a row breaks, or null."""
    cases = [f"when ({rule.holds}) is not true then {_text(rule.name)}" for rule in feed.rules]
    if feed.parse is not None and feed.shape is None:
        cases.insert(0, "when _problem is not null then 'readable'")
    return f"case {' '.join(cases)} end" if cases else "cast(null as text)"


def _reason(feed: Feed) -> str:
    cases = [f"when {_text(rule.name)} then {_text(rule.reason)}" for rule in feed.rules]
    if feed.parse is not None and feed.shape is None:
        cases.append("when 'readable' then _problem")
    return f"case _rule {' '.join(cases)} end" if cases else "cast(null as text)"


def _own_columns(feed: Feed) -> dict[str, str]:
    return {name: kind for name, kind in feed.table.columns.items() if name not in LOADED_COLUMNS}


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def rows_of(columns: Sequence[str], rows: list[tuple[Any, ...]]) -> pa.Table:
    """Driver rows as an Arrow table; UTC times stay as they came (text or instants)."""
    arrays = [pa.array(values) for values in zip(*rows, strict=True)] if rows else [pa.array([]) for _ in columns]
    return pa.table(arrays, names=list(columns))
