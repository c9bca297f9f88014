"""Run as a program: puts a batch of people into a sequence and kills its own process at the n-th part, before the
transaction of that part is saved; n may be null.

Usage: dying_enrolment.py '["<organization>", "<batch>", <n>]'
"""

from __future__ import annotations

import json
import os
import signal
import sys

from sqlalchemy import event

from domain.settings import Settings
from serving.sequences.batches import carry_on
from storage.ops.store import Store
from tests.factories import TESTER


def main() -> None:
    organization_id, batch_id, left = json.loads(sys.argv[1])
    store = Store.open(Settings.load(os.environ))

    @event.listens_for(store.engine, "after_cursor_execute")
    def _count(_connection, _cursor, statement, *_) -> None:
        nonlocal left
        if left is not None and statement.startswith("UPDATE enrolment_batch_parts"):
            left -= 1
            if not left:
                os.kill(os.getpid(), signal.SIGKILL)

    carry_on(store, TESTER, organization_id, batch_id)
    store.close()


if __name__ == "__main__":
    main()
