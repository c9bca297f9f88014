"""What waits in the store to be landed in the lake: read in an order that skips nothing, trimmed once it is there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Self

from sqlalchemy import bindparam, text

from storage.ops.store import Work

READ_SQLITE = "select {columns} from {table} q {joins} where {filter} and q.seq > :seq order by q.seq limit :limit"
READ_POSTGRESQL = """
select {columns} from {table} q {joins}
where {filter} and (coalesce(q.transaction_id, 0), q.seq) > (:transaction_id, :seq)
    and coalesce(q.transaction_id, 0) < cast(cast(pg_snapshot_xmin(pg_current_snapshot()) as text) as bigint)
order by coalesce(q.transaction_id, 0), q.seq limit :limit
"""


@dataclass(frozen=True, slots=True, order=True)
class Mark:
    """How far a queue has been landed: everything up to and including this row.

    PostgreSQL hands out sequence numbers and transaction ids in no common order, so neither alone is safe: a row may
    commit late with a low number. Rows of transactions below the oldest running one are final, and (transaction, seq)
    orders those for good. On SQLite the transaction is 0: one writer, in order.
    """

    transaction_id: int = 0
    seq: int = 0

    @classmethod
    def parse(cls, text_: str) -> Self:
        transaction_id, _, seq = text_.partition(":")
        return cls(int(transaction_id), int(seq))

    def __str__(self) -> str:
        return f"{self.transaction_id}:{self.seq}"


class LandingQueue(ABC):
    """Rows of one table on their way to the lake. The first two columns read are `transaction_id` and `seq`."""

    table: ClassVar[str]
    columns: ClassVar[tuple[str, ...]]
    """Names of what `read` answers, in order."""

    def __init__(self, work: Work) -> None:
        self._session = work.session
        self._is_sqlite = work.session.get_bind().dialect.name == "sqlite"

    def read(self, after: Mark, limit: int) -> list[tuple[Any, ...]]:
        """The next rows that no open transaction can still precede; times as the driver gives them (UTC text on SQLite).

        Raw driver rows: a million of them pass here in one landing.
        """
        statement = (READ_SQLITE if self._is_sqlite else READ_POSTGRESQL).format(
            columns=", ".join(self._selected()), table=self.table, joins=self._joins(), filter=self._filter()
        )
        params = {"seq": after.seq, "limit": limit, **self._params()}
        if not self._is_sqlite:
            params["transaction_id"] = after.transaction_id
        result = self._session.connection().execute(text(statement), params)
        return list(result.cursor.fetchall())

    def count(self) -> int:
        """Rows waiting, those of open transactions and those landed but not yet trimmed included."""
        statement = text(f"select count(*) from {self.table} q where {self._filter()}")
        return int(self._session.execute(statement, self._params()).scalar_one())

    def trim(self, upto: Mark, limit: int, now: datetime) -> int:
        """Removes up to `limit` landed rows, oldest first, and answers how many; the caller repeats until 0."""
        landed_rows = (
            "q.seq <= :seq" if self._is_sqlite else "(coalesce(q.transaction_id, 0), q.seq) <= (:transaction_id, :seq)"
        )
        chosen = (
            f"select q.seq from {self.table} q where {self._filter()} and {landed_rows} order by q.seq limit :limit"
        )
        params = {"seq": upto.seq, "limit": limit, **self._params()}
        if not self._is_sqlite:
            params["transaction_id"] = upto.transaction_id
        landed: list[int] = list(self._session.execute(text(chosen), params).scalars())
        if landed:
            self._remember(landed, now)
            removed = text(f"delete from {self.table} where seq in :seqs").bindparams(bindparam("seqs", expanding=True))
            self._session.execute(removed, {"seqs": landed})
        return len(landed)

    @abstractmethod
    def _selected(self) -> Sequence[str]: ...

    def _joins(self) -> str:
        return ""

    def _filter(self) -> str:
        return "1 = 1"

    def _params(self) -> dict[str, Any]:
        return {}

    def _remember(self, seqs: list[int], now: datetime) -> None:  # noqa: B027  nothing, unless a queue says otherwise
        """What must outlive the trimmed rows, in the same transaction."""


class EventQueue(LandingQueue):
    """The event inbox of one source."""

    table = "event_inbox"
    columns = ("transaction_id", "seq", "organization_id", "event_id", "received_at", "body", "context", "is_known")

    def __init__(self, work: Work, source: str) -> None:
        super().__init__(work)
        self._source = source

    def _selected(self) -> Sequence[str]:
        plain = ("coalesce(q.transaction_id, 0)", "q.seq", "q.organization_id", "q.event_id", "q.received_at")
        return (*plain, "q.body", "q.context", "k.event_id is not null")

    def _joins(self) -> str:
        """An id that has landed before: on PostgreSQL a retry may slip in while the first one is being trimmed."""
        return "left join event_keys k on k.organization_id = q.organization_id and k.event_id = q.event_id"

    def _filter(self) -> str:
        return "q.source = :source"

    def _params(self) -> dict[str, Any]:
        return {"source": self._source}

    def _remember(self, seqs: list[int], now: datetime) -> None:
        statement = text(
            "insert into event_keys (organization_id, event_id, landed_at) "
            "select organization_id, event_id, :now from event_inbox where seq in :seqs "
            "on conflict (organization_id, event_id) do nothing"
        ).bindparams(bindparam("seqs", expanding=True))
        self._session.execute(statement, {"seqs": seqs, "now": self._instant(now)})

    def _instant(self, moment: datetime) -> datetime | str:
        return moment.strftime("%Y-%m-%d %H:%M:%S.%f") if self._is_sqlite else moment

    def forget_keys(self, landed_before: datetime, limit: int) -> int:
        """Drops up to `limit` remembered ids that landed before then; answers how many."""
        chosen = (
            "select organization_id, event_id from event_keys where landed_at < :before order by landed_at limit :limit"
        )
        statement = text(f"delete from event_keys where (organization_id, event_id) in ({chosen})")
        gone = self._session.execute(statement, {"before": self._instant(landed_before), "limit": limit})
        return int(gone.rowcount)  # type: ignore[attr-defined]  # a DELETE answers with a cursor


class ChangeQueue(LandingQueue):
    """The change log."""

    table = "change_log"
    columns = ("transaction_id", "seq", "organization_id", "entity", "entity_id", "op", "row", "changed_at")

    def _selected(self) -> Sequence[str]:
        plain = ("coalesce(q.transaction_id, 0)", "q.seq", "q.organization_id", "q.entity", "q.entity_id", "q.op")
        return (*plain, 'q."row"', "q.changed_at")
