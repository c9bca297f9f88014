"""A worker that goes through a stretch of time on a clock of its own and is killed at random:
`python -m tests.serving.sending.working_month FOLDER PORT FROM UNTIL SEED`.

Prints each moment before it works at it, so that whoever started it knows where the next one has to go on.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

from serving.sending.engine import Engine
from storage.ops.store import Store
from tests.serving.sending.killed_worker import settings_for

DAYTIME = range(6, 20)
"""Hours (UTC) that are gone through by quarters; the others by two hours at a time."""
KILLED_ONCE_IN = 250
"""Points that messages pass."""


def moments(since: datetime, until: datetime) -> Iterator[datetime]:
    while since < until:
        yield since
        since += timedelta(minutes=15) if since.hour in DAYTIME else timedelta(hours=2)


def main(folder: str, port: str, since: str, until: str, seed: str) -> None:
    """SIGKILL leaves no time for anything: no handler, no `finally`."""
    chance, settings, now = (
        random.Random(int(seed)),
        settings_for(Path(folder), int(port)),
        [datetime.fromisoformat(since)],
    )

    def probe(_: str) -> None:
        if chance.randrange(KILLED_ONCE_IN) == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    store = Store.open(settings, lambda: now[0])
    engine = Engine(store, settings, clock=lambda: now[0], probe=probe)
    for moment in moments(datetime.fromisoformat(since), datetime.fromisoformat(until)):
        now[0] = moment
        print(moment.isoformat(), flush=True)
        engine.drain()


if __name__ == "__main__":
    main(*sys.argv[1:])
