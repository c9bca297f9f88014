"""Group commit: one thread writes whatever queued up during its last commit, and only then are the requests answered.

There is no timer: a lone request is committed at once, a crowd shares a commit (500 rows at most). The queue is bounded;
what does not fit is refused at once and was never accepted.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections import deque
from collections.abc import Sequence
from queue import SimpleQueue

from domain.errors import StoreBusy
from storage.ops.inbox.base import MOST_ROWS, Entry, Inbox

logger = logging.getLogger(__name__)

RETRY_AFTER = 1.0
"""Seconds after which a refused client may come back: the queue empties in less."""

Waiting = tuple[Entry, "asyncio.Future[None]", int]
"""An entry, who waits for it, and how many rows it has."""


class GroupCommit:
    """The writer of one process. `submit` belongs to the event loop, the commits to a thread."""

    def __init__(self, inbox: Inbox, *, most_waiting: int) -> None:
        self.inbox = inbox
        self.most_waiting = most_waiting
        self.commit_count = 0
        self.row_count = 0
        self._waiting_rows = 0
        self._fresh: list[Waiting] = []
        self._queue: SimpleQueue[list[Waiting] | None] = SimpleQueue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread = threading.Thread(target=self._run, name="capture-writer", daemon=True)

    def start(self) -> None:
        """Called once, on the event loop."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    async def stop(self) -> None:
        """Commits what is waiting, answers it, and ends the thread."""
        self._hand_over()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.sleep(0)  # the last answers were scheduled by the thread

    @property
    def is_full(self) -> bool:
        return self._waiting_rows >= self.most_waiting

    def submit(self, entry: Entry) -> asyncio.Future[None]:
        """Done when the entry is on the disk; fails with StoreBusy when it could not be written.

        Raises StoreBusy at once when too many rows wait already: the caller's events were not accepted.
        """
        size = entry.size
        if self._waiting_rows and self._waiting_rows + size > self.most_waiting:
            raise StoreBusy("Too many events are waiting for their commit.", retry_after=RETRY_AFTER)
        assert self._loop is not None, "the writer was not started"
        future: asyncio.Future[None] = self._loop.create_future()
        self._waiting_rows += size
        if not self._fresh:
            # At the end of this round of the loop: one wake of the thread for all requests that came in together.
            self._loop.call_soon(self._hand_over)
        self._fresh.append((entry, future, size))
        return future

    def _hand_over(self) -> None:
        if self._fresh:
            self._queue.put(self._fresh)
            self._fresh = []

    def _run(self) -> None:
        waiting: deque[Waiting] = deque()
        is_open = True
        while is_open or waiting:
            if not waiting:
                is_open = self._take(waiting, wait=True)
            while is_open and not self._queue.empty():
                is_open = self._take(waiting, wait=False)
            group = _next_group(waiting)
            if group:
                self._commit(group)
        self.inbox.close()

    def _take(self, waiting: deque[Waiting], *, wait: bool) -> bool:
        """Moves one hand-over into `waiting`; False when it was the last."""
        fresh = self._queue.get(block=wait)
        if fresh is None:
            return False
        waiting.extend(fresh)
        return True

    def _commit(self, group: Sequence[Waiting]) -> None:
        error = self._try(group)
        if error is not None and len(group) > 1 and self.inbox.blames_a_row(error):
            # One entry may be what the database cannot take; the others shall not suffer for it.
            for waiting in group:
                self._answer([waiting], self._try([waiting]))
        else:
            self._answer(group, error)

    def _try(self, group: Sequence[Waiting]) -> Exception | None:
        try:
            self.inbox.commit([entry for entry, _, _ in group])
        except Exception as error:  # noqa: BLE001  the edge of the thread: whoever waits is told
            logger.warning("a commit of %d requests failed: %s", len(group), error)
            return error
        self.commit_count += 1
        self.row_count += sum(size for _, _, size in group)
        return None

    def _answer(self, group: Sequence[Waiting], error: Exception | None) -> None:
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._resolve, group, error)

    def _resolve(self, group: Sequence[Waiting], error: Exception | None) -> None:
        for _, future, size in group:
            self._waiting_rows -= size
            if future.done():  # the client went away
                continue
            if error is None:
                future.set_result(None)
            else:
                future.set_exception(StoreBusy("The store did not take the events.", retry_after=RETRY_AFTER))


def _next_group(waiting: deque[Waiting]) -> list[Waiting]:
    """The oldest entries that fit into one transaction; always one, however large."""
    group: list[Waiting] = []
    rows = 0
    while waiting and (not group or rows + waiting[0][2] <= MOST_ROWS):
        taken = waiting.popleft()
        rows += taken[2]
        group.append(taken)
    return group
