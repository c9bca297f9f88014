"""One door to the operational store: open it, then read or write in a unit of work under a scope."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from domain.clock import Clock, utc_now
from domain.settings import Settings
from domain.tenancy import Actor, AnyScope, Scope
from storage.ops import changes, contact_index, requests
from storage.ops.sealing import Sealer, load_sealer
from storage.ops.turns import Turns

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=30000",
    "cache_size=-32000",  # KiB: with the default of 2 MB, a large import reads its indexes again and again
    "wal_autocheckpoint=40000",  # pages: long work copies them back before a commit has to; the inbox does at 4,000
)


_CATCHING_UP = 3


class Overtaken(Exception):
    """Somebody else committed between reading and writing: what was read may hold no more."""


@dataclass(frozen=True, slots=True)
class Work:
    """One request, job or asset run: its session, whose rows it may touch, who acts, and the store it belongs to."""

    session: Session
    scope: AnyScope
    actor: Actor
    store: Store

    def now(self) -> datetime:
        """The present moment by the store's clock."""
        return self.store.clock()

    @property
    def sealer(self) -> Sealer:
        """Raises NotConfigured where there are no keys."""
        return self.store.sealer


class Store:
    """The operational store on SQLite (WAL, `synchronous=FULL`) or PostgreSQL (row-level security)."""

    def __init__(self, engine: Engine, settings: Settings, clock: Clock = utc_now) -> None:
        self.engine = engine
        self.clock = clock
        self._settings = settings
        self.dialect = engine.dialect.name
        self._sessions = sessionmaker(engine, expire_on_commit=False, autoflush=True)
        changes.record(self._sessions)
        contact_index.record(self._sessions)

    @classmethod
    def open(cls, settings: Settings, clock: Clock = utc_now) -> Store:
        """The store the settings name; its folder is made if it is a file. Migrations are `storage.ops.migrate`'s."""
        if settings.store_url.startswith("sqlite"):
            settings.data.dir.mkdir(parents=True, exist_ok=True)
        return cls(open_engine(settings.store_url), settings, clock)

    @cached_property
    def sealer(self) -> Sealer:
        """Opened when first needed: most processes never touch a sealed value."""
        return load_sealer(self._settings)

    @cached_property
    def _turns(self) -> Turns | None:
        """Only a file on SQLite has turns; opened by the first who gives way."""
        path = self.engine.url.database if self.dialect == "sqlite" else None
        return Turns(path) if path else None

    @contextmanager
    def write(self, scope: AnyScope, actor: Actor, *, is_durable: bool = True) -> Iterator[Work]:
        """All of it is saved, or none; the only commit. On SQLite it takes the write lock at once (BEGIN IMMEDIATE).

        Work that goes on by itself where its last commit left off needs no `is_durable` commit but its last: a power cut
        may undo the latest of the others, in order and each as a whole, and a durable commit makes all before it so too.
        """
        with self._writing(scope, actor, is_durable=is_durable, reads_first=False) as work:
            yield work

    @property
    def can_begin_by_reading(self) -> bool:
        """Whether `write_after_reading` is to be had: PostgreSQL does not say that nothing was committed meanwhile."""
        return self.dialect == "sqlite"

    @contextmanager
    def write_after_reading(self, scope: AnyScope, actor: Actor, *, is_durable: bool = True) -> Iterator[Work]:
        """A unit of work that holds nobody up before its first statement that writes. What it read until then holds still,
        or it raises Overtaken and saves nothing: SQLite gives the write lock to no transaction that sees an older store."""
        assert self.can_begin_by_reading
        try:
            with self._writing(scope, actor, is_durable=is_durable, reads_first=True) as work:
                yield work
        except OperationalError as error:
            if getattr(error.orig, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_BUSY:
                raise Overtaken from error
            raise

    @contextmanager
    def _writing(self, scope: AnyScope, actor: Actor, *, is_durable: bool, reads_first: bool) -> Iterator[Work]:
        options = {"leadhouse_writes": "FULL" if is_durable else "NORMAL", "leadhouse_reads_first": reads_first}
        with self._sessions(info={"writes": True}) as session, session.begin():
            session.connection(execution_options=options)
            _fence(session, scope)
            if self.dialect == "postgresql" and not is_durable:
                session.execute(text("set local synchronous_commit = off"))
            yield Work(session, scope, actor, self)
            if isinstance(scope, Scope):
                requests.mark_done(session)

    @contextmanager
    def read(self, scope: AnyScope) -> Iterator[Work]:
        """A consistent view; nothing is saved. What was read stays readable after it."""
        with self._sessions() as session:
            _fence(session, scope)
            yield Work(session, scope, Actor.system("read"), self)
            session.expunge_all()  # a rollback would empty the rows that the caller took with him
            session.rollback()

    def give_way(self) -> bool:
        """Before a transaction that nobody waits for: on SQLite, those that gate an answer go first. Whether there were any."""
        return self._turns is not None and self._turns.give_way()

    def checkpoint(self) -> int:
        """Copies SQLite's write-ahead log back into the file, holding nobody up; what is written meanwhile is caught up
        with, so that the log can begin anew. Answers how many pages the log had (0 on PostgreSQL)."""
        if self.dialect != "sqlite":
            return 0
        pages = 0
        with closing(self.engine.raw_connection()) as connection:
            for _ in range(_CATCHING_UP):
                _, pages, copied = connection.cursor().execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
                if copied == pages:
                    break
        return int(pages)

    def close(self) -> None:
        self.engine.dispose()
        turns: Turns | None = self.__dict__.pop("_turns", None)
        if turns is not None:
            turns.close()


def open_engine(url: str) -> Engine:
    """An engine whose SQLite connections keep their promises: WAL, FULL, foreign keys, and an immediate write lock."""
    if not url.startswith("sqlite"):
        return create_engine(url, pool_pre_ping=True)
    engine = create_engine(
        url, connect_args={"timeout": 30, "check_same_thread": False}, pool_use_lifo=True, json_deserializer=_read_json
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # SQLAlchemy sends BEGIN itself, below
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        synchronous = options.get("leadhouse_writes")
        if synchronous:
            connection.exec_driver_sql(f"PRAGMA synchronous={synchronous}")
        takes_lock = synchronous and not options.get("leadhouse_reads_first")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if takes_lock else "BEGIN")

    return engine


def _read_json(text: str) -> Any:
    """`json` takes some things for JSON that are none, and is five times slower."""
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return json.loads(text)


def _fence(session: Session, scope: AnyScope) -> None:
    """On PostgreSQL, row-level security reads these for the length of the transaction."""
    if session.get_bind().dialect.name != "postgresql":
        return
    readable = ",".join(sorted(scope.readable_ids)) if isinstance(scope, Scope) else "*"
    writable = scope.organization_id if isinstance(scope, Scope) else "*"
    session.execute(
        text(
            "select set_config('leadhouse.readable', :readable, true), set_config('leadhouse.writable', :writable, true)"
        ),
        {"readable": readable, "writable": writable},
    )
