"""Run as a program: lands, and kills its own process the n-th time a named step of the protocol is reached.

Usage: dying_landing.py SETTINGS_AS_JSON STEP N
"""

from __future__ import annotations

import json
import os
import signal
import sys

from domain.clock import utc_now
from domain.settings import Settings
from ingest.landing import land
from storage.lake import Lake
from storage.ops.store import Store


def main() -> None:
    settings = Settings.model_validate(json.loads(sys.argv[1]))
    step, left = sys.argv[2], int(sys.argv[3])

    def reached(name: str) -> None:
        nonlocal left
        left -= name == step
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    land(Store.open(settings), Lake.open(settings), clock=utc_now, chunk_rows=40, reached=reached)


if __name__ == "__main__":
    main()
