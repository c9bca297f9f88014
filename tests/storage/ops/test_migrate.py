"""Migrations: up, down, and never apart from the tables in code."""

from __future__ import annotations

import sqlite3
from contextlib import closing

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from domain.errors import Conflict
from domain.settings import DataSettings, SecuritySettings, Settings, StoreSettings
from storage.ops import fences, migrate
from storage.ops.store import Store, open_engine
from storage.ops.tables import Base
from tests.factories import SYSTEM, make_organization


@pytest.fixture
def empty(request, dialect, tmp_path) -> Settings:
    """Settings of a store that nobody has migrated."""
    urls = StoreSettings() if dialect == "sqlite" else request.getfixturevalue("fresh_postgresql")
    return Settings(data=DataSettings(dir=tmp_path / "data"), store=urls)


def tables_of(settings: Settings) -> set[str]:
    engine = open_engine(settings.store.owner_url or settings.store_url)
    try:
        return set(inspect(engine).get_table_names())
    finally:
        engine.dispose()


def test_the_migrations_make_the_tables_of_the_code_and_take_them_away_again(empty):
    migrate.upgrade(empty)
    assert migrate.differences(empty) == []
    assert {name for name in tables_of(empty) if migrate.is_of_the_code(name, "table", {})} == set(
        Base.metadata.tables
    ) | {"alembic_version"}
    migrate.downgrade(empty, "base")
    assert tables_of(empty) == {"alembic_version"}
    migrate.upgrade(empty)
    assert migrate.differences(empty) == []


def test_migrating_twice_does_nothing(empty):
    first, second = migrate.upgrade(empty), migrate.upgrade(empty)
    assert (first.before, first.after) == (None, migrate.newest_revision())
    assert (second.before, second.after, second.backup) == (first.after, first.after, None)


def test_the_migrations_form_one_line():
    assert len(ScriptDirectory(str(migrate.SCRIPTS)).get_heads()) == 1


def test_an_empty_store_gets_its_keys_with_the_first_migration(empty):
    migrate.upgrade(empty)
    path = empty.data.dir / "keys"
    assert path.stat().st_mode & 0o777 == 0o600
    store = Store.open(empty)
    make_organization(store)
    store.close()


def test_a_filled_sqlite_store_is_copied_before_it_is_migrated(tmp_path):
    settings = Settings(data=DataSettings(dir=tmp_path))
    migrate.upgrade(settings)
    store = Store.open(settings)
    make_organization(store, "Kept")
    store.close()
    report = migrate.downgrade(settings, "-1")
    assert report.backup is not None
    with closing(sqlite3.connect(report.backup)) as copy:
        assert copy.execute("select name from organizations").fetchall() == [("Kept",)]
    assert migrate.upgrade(settings).backup is not None


def test_tables_without_a_version_are_left_alone(tmp_path):
    settings = Settings(data=DataSettings(dir=tmp_path), security=SecuritySettings())
    with closing(sqlite3.connect(tmp_path / "store.sqlite")) as foreign:
        foreign.execute("create table organizations (x)")
    with pytest.raises(Conflict, match="no schema version"):
        migrate.upgrade(settings)


def test_every_table_stands_behind_its_fence_on_postgresql(store):
    if store.dialect != "postgresql":
        pytest.skip("row-level security is PostgreSQL's")
    with store.read(SYSTEM) as work:
        fenced = work.session.execute(
            text(
                "select c.relname, count(p.*) from pg_class c join pg_policies p on p.tablename = c.relname"
                " where c.relrowsecurity and (c.relforcerowsecurity or c.relname = any(:searched)) group by c.relname"
            ),
            {"searched": list(fences.SEARCHED_BY_THEIR_OWNER)},
        ).all()
    assert dict(map(tuple, fenced)) == dict.fromkeys(Base.metadata.tables, 4)


def test_the_tables_that_belong_to_no_organization_are_these():
    without = {name for name, table in Base.metadata.tables.items() if "organization_id" not in table.c}
    of_people = {"users", "login_sessions", "login_attempts", "second_factors", "recovery_codes"}
    assert without == of_people | {"fx_rates"} == set(fences.WITHOUT_ORGANIZATION)
