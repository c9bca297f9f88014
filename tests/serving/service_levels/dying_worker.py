"""Run as a program: looks at the clocks of an organization and kills its own process at the n-th decision that it writes,
before the transaction of that decision is saved; n may be null.

Usage: dying_worker.py '["<organization>", "<now>", <n>]'
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime

from sqlalchemy import event

from domain.ids import new_id
from domain.settings import Settings
from serving.jobs import watch_service_levels
from serving.jobs.base import JobContext
from storage.ops.store import Store


def main() -> None:
    organization_id, moment, left = json.loads(sys.argv[1])
    now = datetime.fromisoformat(moment)
    settings = Settings.load(os.environ)
    store = Store.open(settings, lambda: now)

    @event.listens_for(store.engine, "after_cursor_execute")
    def _count(_connection, _cursor, statement, *_) -> None:
        nonlocal left
        if left is not None and statement.startswith("INSERT INTO decision_ledger"):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    watch_service_levels.run(JobContext(store, settings, lambda: now, organization_id, new_id()), {})
    store.close()


if __name__ == "__main__":
    main()
