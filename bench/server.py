"""A server under measurement: started in a folder of its own, its CPU time read from outside, ended by its id."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from domain.settings import Settings
from domain.tenancy import Actor, SystemScope
from storage.ops import migrate
from storage.ops.repositories.api_keys import ApiKeys
from storage.ops.repositories.organizations import Organizations
from storage.ops.sealing import ensure_keys
from storage.ops.store import Store


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and the key of its one organization."""

    url: str
    write_key: str
    organization_id: str
    pid: int
    settings: Settings
    environ: dict[str, str]

    def cpu_seconds(self) -> float:
        """User and system time of the process and its children so far."""
        process = psutil.Process(self.pid)
        family = [process, *process.children(recursive=True)]
        return sum(member.cpu_times().user + member.cpu_times().system for member in family)


@contextmanager
def running(folder: Path, role: str, module: str = "bench.capture_app") -> Iterator[Server]:
    """An empty, migrated store in `folder`, and a server of this role on a free port of the loopback."""
    environ = {
        **os.environ,
        "LEADHOUSE_DATA__DIR": str(folder),
        "LEADHOUSE_WEB__ROLE": role,
        "LEADHOUSE_WEB__PORT": "0",
        "LEADHOUSE_CAPTURE__RATE_PER_MINUTE": "1000000000",
    }
    settings = Settings.load(environ)
    ensure_keys(settings)
    migrate.upgrade(settings)
    store = Store.open(settings)
    with store.write(SystemScope("bench"), Actor.system("bench")) as work:
        organization_id = Organizations(work).create_agency("Bench").organization_id
        key = ApiKeys(work).create_write_key(
            "bench", allowed_origins=["https://www.example.com"], organization_id=organization_id
        )
    store.close()
    command = [sys.executable, "-m", module, "--organization", organization_id]
    with subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            address = re.search(r"http://\S+", line)
            assert address, f"the server did not start: {line!r}"
            httpx.get(f"{address[0]}/ready", timeout=60).raise_for_status()  # what starting costs is not measured
            yield Server(address[0], key, organization_id, process.pid, settings, environ)
        finally:
            process.terminate()
            process.wait(20)
