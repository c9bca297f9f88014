"""Long work in short transactions, so that nobody waits long for SQLite's one write lock."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Self

from domain.tenancy import Actor, AnyScope
from storage.ops.store import Store, Work

HOLD_SECONDS, BRIEF_SECONDS = 0.012, 0.004
"""How long a transaction should hold the lock; allowed are 25 ms (DESIGN §4), but disks have slow moments. The shorter
one holds while events come in: each of their commits waits for one of ours, and 64 connections with an event each are
4,000 a second at 16 ms a turn."""
COMPANY_SECONDS = 0.1
"""So long after the last event that had to be let first, more are expected."""
CHECKPOINT_PAGES, CHECKPOINT_PAGES_BESIDE = 10_000, 2_500
"""At about so many pages the write-ahead log is copied back: seldom, for pages that change again and again are copied once,
and by a thread beside the work (a sixth of an import's time), which must not fall behind until a commit has to do it (the
store's `wal_autocheckpoint`); often, and between two transactions, while events come in, before one of their commits would
have to do it at 4,000 and answer 30 ms later. A row of a large store changes more pages than one of a small store."""
FEWEST_ROWS, MOST_ROWS = 25, 500
MOST_ROWS_UNCOPIED = 20 * MOST_ROWS
"""However few pages a row seemed to change when the log was last copied."""


class Pace:
    """Learns from every commit how many rows fit into the next. `holds` are the times so far, in seconds. Work that is over
    leaves it as a context manager, so that no thread of it uses the store any more."""

    def __init__(self, store: Store) -> None:
        self.rows = 100
        self.holds: list[float] = []
        self._store = store
        self._since_checkpoint = 0
        self._pages_a_row = CHECKPOINT_PAGES_BESIDE / MOST_ROWS
        self._aside = ThreadPoolExecutor(1, thread_name_prefix="checkpoint")
        self._copying: Future[int] | None = None
        self._rows_copied = 0
        self._alone_from = 0.0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._aside.shutdown()

    @contextmanager
    def write(self, scope: AnyScope, actor: Actor, row_count: int) -> Iterator[Work]:
        """One transaction about so many rows, once those who answer somebody have had their turn."""
        if self._store.give_way():
            self._alone_from = time.monotonic() + COMPANY_SECONDS
        with self._store.write(scope, actor, is_durable=False) as work:
            taken = time.perf_counter()
            yield work
        self._took(row_count, time.perf_counter() - taken)

    @property
    def _has_company(self) -> bool:
        return time.monotonic() < self._alone_from

    def _took(self, row_count: int, held: float) -> None:
        self.holds.append(held)
        if row_count:
            hold = BRIEF_SECONDS if self._has_company else HOLD_SECONDS
            fitting = row_count * hold / max(held, 0.0005)
            self.rows = int(max(FEWEST_ROWS, min(MOST_ROWS, fitting, self.rows * 1.5)))
        self._since_checkpoint += row_count
        if self._copying is not None and self._copying.done():
            self._learn(self._copying)
        pages = CHECKPOINT_PAGES_BESIDE if self._has_company else CHECKPOINT_PAGES
        if self._copying is None and self._since_checkpoint >= min(pages / self._pages_a_row, MOST_ROWS_UNCOPIED):
            self._rows_copied, self._since_checkpoint = self._since_checkpoint, 0
            self._copying = self._aside.submit(self._store.checkpoint)
            if self._has_company:
                self._learn(self._copying)

    def _learn(self, copied: Future[int]) -> None:
        self._pages_a_row = max(copied.result(), 1) / self._rows_copied
        self._copying = None
