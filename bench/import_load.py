"""A long import beside the server, in a process of its own: `python -m bench.import_load ORGANIZATION ROWS`.

Prints `importing` when the first rows are about to be written, and the rows a second at the end.
"""

from __future__ import annotations

import os
import sys
import time

from domain.settings import Settings
from domain.tenancy import Actor, Scope
from storage.background import stand_back
from storage.ops.bulk.imports import create_import, run_import
from storage.ops.store import Store


def leads(count: int) -> bytes:
    """A CSV of people with an address, a name, a company and an attribute."""
    lines = ["email,first_name,last_name,company,plan"]
    lines += [
        f"lead{number}@company{number % 5000}.example,Ada,Number {number},Company {number % 5000},pro"
        for number in range(count)
    ]
    return "\n".join(lines).encode()


def main() -> None:
    organization_id, count = sys.argv[1], int(sys.argv[2])
    settings = Settings.load(os.environ)
    stand_back(settings.worker.niceness, whole_session=True)  # as the worker does, in a session of its own
    store = Store.open(settings)
    scope, actor = Scope.of(organization_id), Actor.system("bench")
    made = create_import(store, settings, scope, actor, content=leads(count), file_name="leads.csv")
    print("importing", flush=True)
    began = time.perf_counter()
    run_import(store, settings, made.import_id)
    print(f"{count / (time.perf_counter() - began):.0f}", flush=True)
    store.close()


if __name__ == "__main__":
    main()
