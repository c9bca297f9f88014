"""A worker that is killed at a named point: `python -m tests.serving.sending.killed_worker FOLDER PORT NOW POINT [STORE]`.

STORE is the address of a PostgreSQL database; without it, the store is a file in FOLDER.
"""

from __future__ import annotations

import os
import signal
import sys
from datetime import datetime
from pathlib import Path

from domain.settings import DataSettings, OutreachSettings, SecuritySettings, Settings, StoreSettings
from serving.sending.engine import Engine
from storage.ops.store import Store
from tests.conftest import TEST_KEYS


def settings_for(folder: Path, port: int, store: StoreSettings | None = None) -> Settings:
    outreach = OutreachSettings(local_servers=frozenset({f"127.0.0.1:{port}"}), connections=1, batch=5)
    return Settings(
        data=DataSettings(dir=folder), store=store or StoreSettings(), security=SecuritySettings(keys=TEST_KEYS),
        outreach=outreach,
    )  # fmt: skip


def main(folder: str, port: str, now: str, point: str, *url: str) -> None:
    """SIGKILL leaves no time for anything: no handler, no `finally`."""
    urls = StoreSettings(url=url[0]) if url else None
    settings, moment = settings_for(Path(folder), int(port), urls), datetime.fromisoformat(now)

    def probe(name: str) -> None:
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    store = Store.open(settings, lambda: moment)
    Engine(store, settings, clock=lambda: moment, probe=probe).drain()


if __name__ == "__main__":
    main(*sys.argv[1:])
