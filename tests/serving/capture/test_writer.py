"""Group commit: what is answered is on the disk, what is not on the disk is not answered as if it were."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
from datetime import UTC, datetime

import hypothesis
import pytest
from hypothesis import HealthCheck, example, given
from hypothesis import strategies as st

from domain.errors import StoreBusy
from domain.ids import new_id
from serving.capture.writer import GroupCommit
from storage.ops.inbox.base import MOST_ROWS, Entry, EventRow
from storage.ops.inbox.sqlite import SqliteInbox

pytestmark = pytest.mark.filterwarnings("error")


class HeldInbox:
    """An inbox whose commits wait until they are let go; remembers what each one held."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.is_asked = threading.Event()
        self.commits: list[int] = []
        self.poison: set[str] = set()
        self.error: Exception = ValueError("cannot be bound")

    def stamp(self, at: datetime) -> datetime:
        return at

    def commit(self, entries) -> None:
        self.is_asked.set()
        assert self.gate.wait(30)
        rows = [row for entry in entries for row in entry.events]
        if self.poison & {row.event_id for row in rows}:
            raise self.error
        self.commits.append(len(rows))

    def blames_a_row(self, error: Exception) -> bool:
        return not isinstance(error, sqlite3.OperationalError)

    def close(self) -> None:
        self.gate.set()


def entry(*ids: str) -> Entry:
    return Entry([EventRow("o", event_id, "s", None, "{}", "{}") for event_id in ids])


def run(scenario, inbox=None, most_waiting=100):
    inbox = inbox or HeldInbox()

    async def within_a_loop():
        writer = GroupCommit(inbox, most_waiting=most_waiting)
        writer.start()
        try:
            return await scenario(writer)
        finally:
            inbox.gate.set()
            await writer.stop()

    return asyncio.run(within_a_loop())


def test_requests_that_come_during_a_commit_share_the_next_one():
    inbox = HeldInbox()

    async def scenario(writer):
        first = writer.submit(entry("a"))
        await asyncio.sleep(0)  # handed over
        assert await asyncio.to_thread(inbox.is_asked.wait, 30)
        later = [writer.submit(entry(str(number))) for number in range(20)]
        await asyncio.sleep(0)
        inbox.gate.set()
        await asyncio.gather(first, *later)

    run(scenario, inbox)
    assert inbox.commits == [1, 20]


def test_nothing_is_answered_before_its_commit():
    inbox = HeldInbox()

    async def scenario(writer):
        waiting = writer.submit(entry("a"))
        done, _ = await asyncio.wait([waiting], timeout=0.05)
        assert not done
        inbox.gate.set()
        await waiting

    run(scenario, inbox)


def test_a_full_queue_refuses_at_once_and_takes_again_when_it_has_room():
    inbox = HeldInbox()

    async def scenario(writer):
        waiting = [writer.submit(entry("a", "b")), writer.submit(entry("c", "d"))]
        with pytest.raises(StoreBusy) as refused:
            writer.submit(entry("e"))
        assert refused.value.retry_after
        assert writer.is_full
        inbox.gate.set()
        await asyncio.gather(*waiting)
        await writer.submit(entry("e"))

    run(scenario, inbox, most_waiting=4)
    assert sum(inbox.commits) == 5


def test_a_request_larger_than_the_queue_is_taken_when_it_is_empty():
    inbox = HeldInbox()
    inbox.gate.set()

    async def scenario(writer):
        await writer.submit(entry(*map(str, range(10))))

    run(scenario, inbox, most_waiting=4)
    assert inbox.commits == [10]


def test_what_the_database_cannot_take_does_not_harm_its_neighbours():
    inbox = HeldInbox()
    inbox.poison = {"poison"}
    inbox.gate.set()

    async def scenario(writer):
        good, bad, other = (writer.submit(entry(name)) for name in ("good", "poison", "other"))
        await good
        await other
        with pytest.raises(StoreBusy):
            await bad

    run(scenario, inbox)
    assert sum(inbox.commits) == 2


def test_a_store_that_is_away_is_not_asked_once_for_each_request():
    inbox = HeldInbox()
    inbox.poison, inbox.error = {"a"}, sqlite3.OperationalError("database is locked")
    inbox.gate.set()

    async def scenario(writer):
        waiting = [writer.submit(entry(name)) for name in ("a", "b")]
        found = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(error) for error in found] == [StoreBusy, StoreBusy]
        await writer.submit(entry("b"))

    run(scenario, inbox)
    assert inbox.commits == [1]


def test_a_transaction_holds_no_more_rows_than_others_can_wait_for():
    inbox = HeldInbox()

    async def scenario(writer):
        waiting = [writer.submit(entry(*(f"{n}-{k}" for k in range(200)))) for n in range(6)]
        await asyncio.sleep(0)
        inbox.gate.set()
        await asyncio.gather(*waiting)

    run(scenario, inbox, most_waiting=10_000)
    assert sum(inbox.commits) == 1200
    assert max(inbox.commits) <= MOST_ROWS


def test_stopping_commits_what_waits():
    inbox = HeldInbox()

    async def scenario(writer):
        waiting = [writer.submit(entry(str(number))) for number in range(3)]
        inbox.gate.set()
        await writer.stop()
        assert all(future.done() for future in waiting)

    run(scenario, inbox)
    assert sum(inbox.commits) == 3


def test_a_client_that_went_away_harms_nobody():
    inbox = HeldInbox()

    async def scenario(writer):
        gone, stays = writer.submit(entry("a")), writer.submit(entry("b"))
        gone.cancel()
        inbox.gate.set()
        await stays

    run(scenario, inbox)
    assert sum(inbox.commits) == 2


def test_the_hot_path_opens_its_connection_for_power_cuts(sqlite_store, settings):
    inbox = SqliteInbox.at(settings.data.dir / "store.sqlite")
    assert inbox._connection.execute("PRAGMA synchronous").fetchone() == (2,)
    assert inbox._connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    inbox.close()


def test_a_moment_is_written_as_sqlalchemy_reads_it(sqlite_store, settings):
    inbox = SqliteInbox.at(settings.data.dir / "store.sqlite")
    assert inbox.stamp(datetime(2026, 3, 2, 12, 0, 0, tzinfo=UTC)) == "2026-03-02 12:00:00.000000"
    inbox.close()


@given(st.lists(st.lists(st.integers(0, 150), max_size=40), max_size=12), st.sets(st.integers(0, 150), max_size=3))
@example([list(range(150)), [7]], set())
@hypothesis.settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_of_a_crowd_each_event_is_kept_once_and_each_duplicate_told(sqlite_store, settings, crowd, known):
    client = new_id()  # every example among ids of its own
    inbox = SqliteInbox.at(settings.data.dir / "store.sqlite")
    names = [[f"{client}.{number}" for number in numbers] for numbers in [known, *crowd]]
    before, *entries = [stamped(inbox, *ids) for ids in names]
    inbox.commit([before])
    inbox.commit(entries)
    seen = set(names[0])
    for one in entries:
        told = [place for place, row in enumerate(one.events) if row.event_id in seen or seen.add(row.event_id)]
        assert list(one.duplicates) == told
    kept = inbox._connection.execute(
        "select event_id from event_inbox where event_id like ?", [f"{client}.%"]
    ).fetchall()
    assert sorted(row[0] for row in kept) == sorted(seen)
    inbox.close()


def stamped(inbox: SqliteInbox, *ids: str) -> Entry:
    at = inbox.stamp(datetime(2026, 3, 2, tzinfo=UTC))
    return Entry([EventRow("o", event_id, "s", at, "{}", "{}") for event_id in ids])
