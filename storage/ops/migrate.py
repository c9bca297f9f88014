"""Brings the operational store to the schema of this version, and back. `python -m storage.ops.migrate --help`.

A migration on main is never edited; a new one is written by `python -m storage.ops.migrate new "what it does"`, which
compares the tables in code with the newest migration. On SQLite a store with content is copied first (online backup).
"""

from __future__ import annotations

import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, event, inspect, text
from sqlalchemy.engine import make_url

from domain.clock import Clock, utc_now
from domain.errors import Conflict
from domain.settings import DataSettings, Settings
from storage.ops import fences
from storage.ops.sealing import ensure_keys
from storage.ops.store import open_engine
from storage.ops.tables import Base

SCRIPTS = Path(__file__).parent / "migrations"
_FULL_TEXT = re.compile(r"_words_index(_\w+)?$|^ix_\w+_words_words$")
LOCK = 4_815_162_342
"""Advisory lock on PostgreSQL: one migration at a time."""


@dataclass(frozen=True, slots=True)
class MigrationReport:
    """Where the schema stood and stands, and the copy made before (SQLite with content)."""

    before: str | None
    after: str | None
    backup: Path | None = None


def upgrade(settings: Settings, revision: str = "head", *, clock: Clock = utc_now) -> MigrationReport:
    """Brings the schema up, applies the fences, and writes the key file of an empty store; repeating it does nothing."""
    before = current_revision(settings)
    if before is None:
        ensure_keys(settings)
    elif before == newest_revision():
        return MigrationReport(before, before)
    backup = _backup(settings, before, clock) if before else None
    with _migrating(settings) as connection:
        if before is None and _has_tables(connection):
            raise Conflict(
                "the store has tables but no schema version", hint="Restore a backup, or use an empty store."
            )
        fences.lift(connection)
        command.upgrade(_config(connection), revision)
        fences.apply(connection, _app_role(settings))
    return MigrationReport(before, current_revision(settings), backup)


def downgrade(settings: Settings, revision: str, *, clock: Clock = utc_now) -> MigrationReport:
    """Takes the schema back to a revision (`base` for nothing); what only the newer schema holds is lost."""
    before = current_revision(settings)
    backup = _backup(settings, before, clock) if before else None
    with _migrating(settings) as connection:
        fences.lift(connection)
        command.downgrade(_config(connection), revision)
        fences.apply(connection, _app_role(settings))
    return MigrationReport(before, current_revision(settings), backup)


def current_revision(settings: Settings) -> str | None:
    """The schema version of the store; None where there is none."""
    url = make_url(settings.store_url)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        return None
    with _engine(settings) as engine, engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def newest_revision() -> str | None:
    """The schema version of this code."""
    return ScriptDirectory(str(SCRIPTS)).get_current_head()


def differences(settings: Settings) -> list[Any]:
    """What the tables in code have that the migrated store has not, and the other way round; empty when they agree."""
    with _engine(settings) as engine, engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "include_name": is_of_the_code})
        return list(compare_metadata(context, Base.metadata))


def is_of_the_code(name: str | None, kind: str, _parents: Any) -> bool:
    """Whether the tables in code know of a table or index: full-text indexes are made by migrations alone."""
    return not (kind in {"table", "index"} and name is not None and _FULL_TEXT.search(name))


def write_revision(message: str) -> None:
    """Writes the next migration file: the difference between the tables in code and all migrations so far."""
    number = f"{len(list(ScriptDirectory(str(SCRIPTS)).walk_revisions())) + 1:04d}"
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=DataSettings(dir=Path(folder)))
        upgrade(settings)
        with _migrating(settings) as connection:
            command.revision(_config(connection), message=message, autogenerate=True, rev_id=number)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    config.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


@contextmanager
def _engine(settings: Settings) -> Iterator[Engine]:
    engine = open_engine(settings.store.owner_url or settings.store_url)
    try:
        yield engine
    finally:
        engine.dispose()


@contextmanager
def _migrating(settings: Settings) -> Iterator[Connection]:
    """One transaction under one lock: all migrations, or none."""
    if settings.store_url.startswith("sqlite"):
        settings.data.dir.mkdir(parents=True, exist_ok=True)
    with _engine(settings) as engine:
        if engine.dialect.name == "sqlite":
            _rebuild_freely(engine)
        with engine.connect().execution_options(leadhouse_writes=True) as connection, connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(text("select pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
            yield connection
            if engine.dialect.name == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
                if broken:
                    raise Conflict(f"the migration would leave {len(broken)} rows without the row they refer to")


def _rebuild_freely(engine: Engine) -> None:
    """A table that is rebuilt is dropped for a moment; foreign keys are checked once at the end instead."""

    @event.listens_for(engine, "connect")
    def _off(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")


def _has_tables(connection: Connection) -> bool:
    return "organizations" in inspect(connection).get_table_names()


def _app_role(settings: Settings) -> str | None:
    """The app's role, where another role owns the tables."""
    if not settings.store.owner_url:
        return None
    role = make_url(settings.store_url).username
    return role if role != make_url(settings.store.owner_url).username else None


def _backup(settings: Settings, revision: str | None, clock: Clock) -> Path | None:
    """An online copy of a SQLite store; PostgreSQL has its own tools (docs: pg_dump before `leadhouse migrate`)."""
    url = make_url(settings.store_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return None
    folder = settings.data.dir / "backups"
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"store-{revision}-{clock():%Y%m%dT%H%M%SZ}.sqlite"
    with closing(sqlite3.connect(url.database)) as source, closing(sqlite3.connect(target)) as copy:
        source.backup(copy)
    target.chmod(0o600)
    return target


if __name__ == "__main__":
    import argparse
    import os

    parser = argparse.ArgumentParser(prog="python -m storage.ops.migrate", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("act", choices=["up", "down", "new", "show"])
    parser.add_argument("what", nargs="?", default="", help="revision for down, message for new")
    asked = parser.parse_args()
    loaded = Settings.load(os.environ, Path(".env"))
    match asked.act:
        case "up":
            print(upgrade(loaded))
        case "down":
            print(downgrade(loaded, asked.what or "-1"))
        case "new":
            write_revision(asked.what)
        case _:
            print(current_revision(loaded), "of", newest_revision())
