"""`python -m bench.contacts`: how long a page of a million contacts takes, for twelve kinds of questions, on both databases.

`python -m bench.contacts [--contacts N] [--rounds N] [--dialect sqlite|postgresql]` fills a store (`bench.people`), starts the
product's server, and asks every shape of `bench.contact_shapes` in turn, its first page with the total and the page after
it, over HTTP. A tenant of fifty is asked too: it must not pay for its neighbour. PostgreSQL is a throw-away cluster of the
binaries that are installed, behind row-level security, asked as the app's own role.
"""

from __future__ import annotations

import argparse
import math
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx
from sqlalchemy import text

from bench.contact_shapes import SHAPES, Question
from bench.people import ACTOR, fill
from bench.server import running
from domain.settings import Settings
from domain.tenancy import Scope, SystemScope
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store, open_engine
from tests import postgresql

LARGE = True
AIM_MS = 300
TINY = 50


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.contacts", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--dialect", choices=["sqlite", "postgresql"])
    asked = parser.parse_args()
    for dialect in [asked.dialect] if asked.dialect else ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as folder, _database(dialect):
            _measure(Path(folder), dialect, asked.contacts, asked.rounds)


def _measure(folder: Path, dialect: str, contacts: int, rounds: int) -> None:
    with running(folder, "api") as server:
        store = Store.open(server.settings)
        began = time.perf_counter()
        _fill(store, server.settings, server.organization_id, contacts)
        tiny = _neighbour(store)
        print(f"\n{dialect}: {contacts:,} contacts written in {time.perf_counter() - began:.0f} s", flush=True)
        keys = {organization_id: _key(store, organization_id) for organization_id in (server.organization_id, tiny)}
        store.close()
        with httpx.Client(base_url=server.url, timeout=120) as http:
            for organization_id, name in ((server.organization_id, "of a million"), (tiny, "of fifty, beside it")):
                headers = {"Authorization": f"Bearer {keys[organization_id]}"}
                shapes = SHAPES if organization_id == server.organization_id else {"search": SHAPES["search"]}
                print(f"{'shape':<34}{'p50':>9}{'p95':>9}{'worst':>9}   slowest question ({name})", flush=True)
                for shape, questions in shapes.items():
                    _report(shape, _asked(http, headers, questions, rounds))


def _fill(store: Store, settings: Settings, organization_id: str, contacts: int) -> None:
    owner = open_engine(settings.store.owner_url or settings.store_url)
    with owner.connect() as connection:
        if owner.dialect.name == "sqlite":
            driver = connection.connection.driver_connection
            assert driver is not None
            for pragma in ("synchronous=OFF", "cache_size=-1000000", "temp_store=MEMORY"):
                driver.execute(f"PRAGMA {pragma}")
        else:
            connection.execute(
                text(
                    "select set_config('leadhouse.readable', '*', false), set_config('leadhouse.writable', '*', false)"
                )
            )
        fill(store, connection, organization_id, contacts)
        connection.commit()
    if owner.dialect.name == "postgresql":
        with owner.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("vacuum analyze"))  # as autovacuum would have, by the time anybody asks
    owner.dispose()


def _neighbour(store: Store) -> str:
    with store.write(SystemScope("bench"), ACTOR) as work:
        organization_id = Organizations(work).create_agency("Neighbour").organization_id
    with store.write(Scope.of(organization_id), ACTOR) as work:
        names = [("Baba" if number % 2 else "Head", f"Bekoli{number}") for number in range(TINY)]
        Contacts(work).insert_many(
            {"email": f"{first}.{last}@mail.example", "first_name": first, "last_name": last, "known_at": work.now()}
            for first, last in names
        )
    return organization_id


def _key(store: Store, organization_id: str) -> str:
    with store.write(Scope.of(organization_id), ACTOR) as work:
        return ApiKeys(work).create_secret_key("bench", rate_per_minute=1_000_000)


def _asked(
    http: httpx.Client, headers: dict[str, str], questions: Sequence[Question], rounds: int
) -> list[tuple[float, str]]:
    """(milliseconds, question) of every request; each question is asked once before, as anybody's page was."""
    taken: list[tuple[float, str]] = []
    for number in range(rounds + 1):
        for question in questions:
            parameters = dict(question)
            for page in ("first", "second"):
                began = time.perf_counter()
                answer = http.get("/v1/contacts", params=parameters, headers=headers)
                took = 1000 * (time.perf_counter() - began)
                answer.raise_for_status()
                if number:
                    taken.append((took, f"{page} page of {dict(question) or 'everybody'}"))
                cursor = answer.json()["next_cursor"]
                if cursor is None:
                    break
                parameters["cursor"] = cursor
    return taken


def _report(shape: str, taken: list[tuple[float, str]]) -> None:
    ordered = sorted(taken)
    p50, p95 = (ordered[max(0, math.ceil(len(ordered) * share) - 1)][0] for share in (0.5, 0.95))
    worst, question = ordered[-1]
    mark = "" if p95 < AIM_MS else "  MISSED"
    print(f"{shape:<34}{p50:>6.0f} ms{p95:>6.0f} ms{worst:>6.0f} ms   {question}{mark}", flush=True)


@contextmanager
def _database(dialect: str) -> Iterator[None]:
    """The settings of the server's environment, for the length of a measurement."""
    if dialect == "sqlite":
        yield
        return
    with postgresql.running() as server:
        if server is None:
            raise SystemExit("no PostgreSQL: install the package postgresql")
        server.create_database("bench")
        urls = {
            "LEADHOUSE_STORE__URL": server.role_url(postgresql.APP, "bench"),
            "LEADHOUSE_STORE__OWNER_URL": server.role_url(postgresql.OWNER, "bench"),
        }
        os.environ.update(urls)
        try:
            yield
        finally:
            for name in urls:
                del os.environ[name]


if __name__ == "__main__":
    main()
