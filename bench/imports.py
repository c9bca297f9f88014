"""`python -m bench.imports`: how fast a file of 100,000 leads comes in, and how long it holds SQLite's write lock.

`python -m bench.imports [rows] [--plain]` prints wall and CPU seconds of every step. A tenth of the rows are people who come
twice; the run is compared with the bare insert of the same contacts by the csv module and sqlite3, without mapping,
duplicates, history, change log or undo. Three columns become custom fields that lists filter by; `--plain` leaves them out.
"""

from __future__ import annotations

import argparse
import csv
import io
import random
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.keys import SECURITY
from domain.ids import new_id
from domain.settings import DataSettings, Settings
from domain.tenancy import Actor, Scope, SystemScope
from storage.ops import migrate
from storage.ops.bulk.imports import create_import, preview_import, run_import, undo_import
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store

HEADER = [
    "Email",
    "First Name",
    "Last Name",
    "Job Title",
    "Company",
    "Country",
    "Phone",
    "Industry",
    "Employees",
    "Score",
    "Created",
]
CUSTOM = frozenset({"Industry", "Employees", "Score"})
ACTOR = Actor.system("bench")


def leads(rows: int, seed: int = 1, *, is_plain: bool = False) -> bytes:
    """A CSV of leads; every tenth row is about somebody who may be in the file already. Plain, without custom fields."""
    chance = random.Random(seed)
    stream = io.StringIO()
    writer = csv.writer(stream)
    kept = [place for place, name in enumerate(HEADER) if not (is_plain and name in CUSTOM)]
    writer.writerow(HEADER[place] for place in kept)
    for number in range(rows):
        who = chance.randrange(rows) if chance.random() < 0.1 else number
        row = [
            f"person{who}@company{who % 5000}.example",
            f"First{who % 500}",
            f"Last{who % 3000}",
            f"Title {who % 50}",
            f"Company {who % 5000}, Inc",
            ("DE", "US", "FR")[who % 3],
            f"+49 30 {who:07d}",
            ("tech", "retail")[who % 2],
            who % 1000,
            round(chance.random(), 3),
            f"2025-0{1 + who % 9}-1{who % 10}",
        ]
        writer.writerow(row[place] for place in kept)
    return stream.getvalue().encode()


@contextmanager
def timed(what: str) -> Iterator[None]:
    """Prints wall and CPU seconds of a step."""
    wall, cpu = time.perf_counter(), time.process_time()
    yield
    print(f"{what:<28}{time.perf_counter() - wall:8.2f} s wall{time.process_time() - cpu:8.2f} s CPU", flush=True)


def main() -> None:
    """Every step once, on a store of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("rows", nargs="?", type=int, default=100_000)
    parser.add_argument("--plain", action="store_true", help="without custom fields")
    asked = parser.parse_args()
    rows, content = asked.rows, leads(asked.rows, is_plain=asked.plain)
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=DataSettings(dir=Path(folder)), security=SECURITY)
        migrate.upgrade(settings)
        store = Store.open(settings)
        with store.write(SystemScope("bench"), ACTOR) as work:
            scope = Scope.of(Organizations(work).create_agency("Bench").organization_id)
        print(f"{rows} rows, {len(content) / 1e6:.1f} MB")
        with timed("bare csv + sqlite3"):
            _bare(Path(folder) / "bare.sqlite", content)
        with timed("take in and detect"):
            made = create_import(store, settings, scope, ACTOR, content=content, file_name="leads.csv")
        with timed("preview"):
            preview_import(store, settings, scope, made.import_id)
        with timed("import"):
            result = run_import(store, settings, made.import_id)
        _report(result.holds)
        print(f"created {result.created_count}, updated {result.updated_count}, skipped {result.skipped_count}")
        with timed("import again (all known)"):
            again = create_import(
                store, settings, scope, ACTOR, content=content, file_name="leads.csv", even_if_imported=True
            )
            run_import(store, settings, again.import_id)
        with timed("undo"):
            undone = undo_import(store, made.import_id)
        _report(undone.holds)
        print(f"deleted {undone.deleted_count}, restored {undone.restored_count}, kept {undone.kept_count}")
        store.close()


def _report(holds: list[float]) -> None:
    ordered = sorted(1000 * held for held in holds)
    over = sum(1 for held in ordered if held > 25)
    p50, p99 = (ordered[int(len(ordered) * share)] for share in (0.5, 0.99))
    print(
        f"  {len(ordered)} transactions held the lock: p50 {p50:.1f} ms, p99 {p99:.1f} ms, longest {ordered[-1]:.1f} ms, "
        f"{over} above 25 ms"
    )


def _bare(path: Path, content: bytes) -> None:
    """What one would write in ten lines: one table, one unique key, 500 rows a transaction."""
    connection = sqlite3.connect(path, isolation_level=None)
    for statement in ("PRAGMA journal_mode=WAL", "PRAGMA synchronous=FULL"):
        connection.execute(statement)
    reader = csv.reader(io.StringIO(content.decode()))
    width = len(next(reader))
    columns = ", ".join(f"c{number} text" for number in range(width))
    connection.execute(f"create table contacts (id text primary key, {columns}, unique (c0))")
    marks = ", ".join("?" * (width + 1))
    batch: list[tuple[str, ...]] = []
    for row in reader:
        batch.append((new_id(), *row))
        if len(batch) == 500:
            _insert(connection, marks, batch)
            batch = []
    _insert(connection, marks, batch)
    connection.close()


def _insert(connection: sqlite3.Connection, marks: str, batch: list[tuple[str, ...]]) -> None:
    connection.execute("begin immediate")
    connection.executemany(f"insert into contacts values ({marks}) on conflict do nothing", batch)
    connection.execute("commit")


if __name__ == "__main__":
    main()
