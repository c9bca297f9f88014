"""What every test may ask for: settings in a folder of its own, the store on both dialects, and a clock that stands.

`store` runs a test twice, on SQLite and on PostgreSQL; `settings` is then that store's. `sqlite_store` runs it once.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import hypothesis
import pytest

from domain.settings import DataSettings, SecuritySettings, Settings, StoreSettings
from storage.ops import migrate
from storage.ops.store import Store
from tests import postgresql, vendor_server
from tests.both_stores import DIALECTS, take_turns
from tests.browsers import chromium, page
from tests.dealing_out import BySharedThings
from tests.simulated import default_world

__all__ = ["chromium", "default_world", "page"]
"""Fixtures that tests everywhere ask for."""

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
"""A Monday."""
hypothesis.settings.register_profile("leadhouse", deadline=None)
hypothesis.settings.load_profile("leadhouse")
"""A busy machine is no wrong answer: no example is timed."""

TEST_KEYS = "test:" + "dGVzdC1rZXktdGVzdC1rZXktdGVzdC1rZXktdGVzdC0="


class FixedClock:
    """Answers one moment until it is told to move on: `clock.now += timedelta(hours=1)`."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> FixedClock:
    return FixedClock()


@pytest.fixture(params=[DIALECTS[0], pytest.param(DIALECTS[1], marks=pytest.mark.postgresql)])
def dialect(request) -> str:
    """Asking for it runs a test once for each database."""
    return request.param


@pytest.fixture
def settings(request, tmp_path) -> Settings:
    """Settings whose data lie in a folder of this test; on PostgreSQL, of an empty migrated database."""
    urls = StoreSettings()
    if "dialect" in request.fixturenames and request.getfixturevalue("dialect") == "postgresql":
        urls = request.getfixturevalue("postgresql_database")
    return Settings(data=DataSettings(dir=tmp_path / "data"), store=urls, security=SecuritySettings(keys=TEST_KEYS))


@pytest.fixture
def store(settings, dialect, clock, request) -> Iterator[Store]:
    """An empty, migrated store on each dialect, opened as the app opens it (on PostgreSQL: without special rights)."""
    if dialect == "sqlite":
        request.getfixturevalue("place_sqlite")(settings)
    opened = Store.open(settings, clock)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(settings, place_sqlite, clock) -> Iterator[Store]:
    """An empty, migrated store on SQLite only, for tests whose subject is elsewhere."""
    place_sqlite(settings)
    opened = Store.open(settings, clock)
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def place_sqlite(tmp_path_factory) -> Callable[[Settings], None]:
    """Puts a copy of a migrated, empty SQLite file where the settings expect it."""
    folder = tmp_path_factory.mktemp("template")
    template = Settings(data=DataSettings(dir=folder), security=SecuritySettings(keys=TEST_KEYS))
    migrate.upgrade(template)

    def place(settings: Settings) -> None:
        settings.data.dir.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / "store.sqlite", settings.data.dir / "store.sqlite")

    return place


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[postgresql.Server]:
    """The server of the session; missing, it is a skip on a laptop and a failure where CI=true."""
    with postgresql.running() as server:
        if server is None:
            message = "no PostgreSQL: set LEADHOUSE_TEST_POSTGRES or install the package postgresql"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        yield server


@pytest.fixture(scope="session")
def migrated_postgresql(postgresql_server, tmp_path_factory) -> Iterator[StoreSettings]:
    name = f"leadhouse_test_{os.getpid()}"
    postgresql_server.create_database(name)
    urls = StoreSettings(
        url=postgresql_server.role_url(postgresql.APP, name),
        owner_url=postgresql_server.role_url(postgresql.OWNER, name),
    )
    folder = tmp_path_factory.mktemp("postgresql")
    migrate.upgrade(Settings(data=DataSettings(dir=folder), store=urls, security=SecuritySettings(keys=TEST_KEYS)))
    yield urls
    postgresql_server.drop_database(name)


@pytest.fixture
def postgresql_database(migrated_postgresql, postgresql_server) -> Iterator[StoreSettings]:
    """The migrated database, emptied after the test: only tables that hold something."""
    yield migrated_postgresql
    database = f"leadhouse_test_{os.getpid()}"
    with postgresql_server.superuser(database) as run:
        run(EMPTY)


EMPTY = """
do $$
declare
    name text;
    filled text[] := '{}';
    is_filled boolean;
    gone bigint;
    most bigint := 0;
begin
    -- Rows go in any order. Of few that is cheaper than `truncate cascade`, which makes anew every table that refers to one.
    set local session_replication_role = replica;
    for name in select tablename from pg_tables where schemaname = 'public' and tablename <> 'alembic_version' loop
        execute format('select exists (select 1 from %I)', name) into is_filled;
        if is_filled then
            filled := filled || quote_ident(name);
            execute format('delete from %I', name);
            get diagnostics gone = row_count;
            most := greatest(most, gone);
        end if;
    end loop;
    if most > 1000 then  -- or the next tests would read past all the dead ones
        execute 'truncate ' || array_to_string(filled, ', ') || ' cascade';
    end if;
    perform setval(format('public.%I', sequencename)::regclass, 1, false)
        from pg_sequences where schemaname = 'public' and last_value is not null;
end $$
"""


@pytest.fixture
def fresh_postgresql(postgresql_server, request) -> Iterator[StoreSettings]:
    """A database of its own with nothing in it, for tests of migrations."""
    name = f"leadhouse_fresh_{os.getpid()}"
    postgresql_server.create_database(name)
    yield StoreSettings(
        url=postgresql_server.role_url(postgresql.APP, name),
        owner_url=postgresql_server.role_url(postgresql.OWNER, name),
    )
    postgresql_server.drop_database(name)


@pytest.fixture(scope="session")
def vendors() -> Iterator[vendor_server.Vendors]:
    """Providers of data on loopback."""
    with vendor_server.running() as found:
        yield found


@pytest.hookimpl(tryfirst=True)  # before -m looks at the marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    take_turns(items)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> BySharedThings:
    return BySharedThings(config, log)
