"""An import killed at any moment goes on where its last commit left it, and ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from domain.errors import Conflict
from storage.ops.bulk.imports import run_import, undo_import
from storage.ops.bulk.running import ImportPaused
from storage.ops.tables import Activity, Contact, Import, LifecycleChange
from tests.factories import SYSTEM, make_organization
from tests.storage.ops.bulk.imported import all_of, counts, imported, row_count, uploaded

ROOT = Path(__file__).parents[4]
CHILD = """
import os, sys
from domain.settings import Settings
from storage.ops.store import Store
from storage.ops.bulk.imports import run_import, undo_import
settings = Settings.load(os.environ)
store = Store.open(settings)
if sys.argv[1] == "run":
    run_import(store, settings, sys.argv[2])
else:
    undo_import(store, sys.argv[2])
"""


def file_of(count: int) -> str:
    """Rows with addresses, rows told apart by content only, and people who come twice."""
    lines = ["email,first name,size"]
    for number in range(count):
        match number % 5:
            case 0:
                lines.append(f"p{number % 97}@example.com,Twice {number},{number}")
            case 1:
                lines.append(f",Same,{number % 7}")
            case _:
                lines.append(f"p{number}@example.com,Once,{number}")
    return "\n".join(lines) + "\n"


def outcome(store, organization_id) -> list:
    people = all_of(store, organization_id, Contact)
    return sorted((row["email"] or row["external_id"], row["first_name"], str(row["attributes"])) for row in people)


def environment(settings) -> dict[str, str]:
    values = {
        "LEADHOUSE_DATA__DIR": str(settings.data.dir),
        "LEADHOUSE_SECURITY__KEYS": settings.security.keys.get_secret_value(),
        "PYTHONPATH": str(ROOT),
    }
    if settings.store.url:
        values["LEADHOUSE_STORE__URL"] = settings.store.url
    return {**os.environ, **values}


def killed(settings, what: str, import_id: str, store, *, after: int) -> bool:
    """Starts the work in a process and kills it once so many rows are done; answers whether it was alive until then."""
    child = subprocess.Popen([sys.executable, "-c", CHILD, what, import_id], env=environment(settings))
    deadline = time.monotonic() + 60
    try:
        while child.poll() is None and time.monotonic() < deadline:
            with store.read(SYSTEM) as work:
                found = work.session.get(Import, import_id)
                done = found.rows_done if found.status in {"running", "undoing"} else 0
            if (what == "run" and done >= after) or (what == "undo" and 0 < done <= after):
                child.send_signal(signal.SIGKILL)
                return child.wait(timeout=10) == -signal.SIGKILL
        return False
    finally:
        if child.poll() is None:
            child.kill()
            child.wait(timeout=10)


def test_a_killed_import_goes_on_and_ends_as_if_nothing_had_happened(store, settings):
    count = 3000
    calm, rough = (make_organization(store).organization_id for _ in range(2))
    expected = imported(store, settings, calm, file_of(count))
    made = uploaded(store, settings, rough, file_of(count))
    chance = random.Random(7)
    kills = sum(
        killed(settings, "run", made.import_id, store, after=chance.randrange(1, 700) + step * 800) for step in range(3)
    )
    assert kills >= 1, "the process was too quick to be killed"

    result = run_import(store, settings, made.import_id)

    assert counts(result) == counts(expected)
    assert outcome(store, rough) == outcome(store, calm)
    assert row_count(store, rough, made.import_id) == count
    assert (
        len(all_of(store, rough, LifecycleChange))
        == len(all_of(store, rough, Contact))
        == len(all_of(store, rough, Activity))
    )


def test_a_killed_undo_goes_on_to_the_end(store, settings):
    organization_id = make_organization(store).organization_id
    result = imported(store, settings, organization_id, file_of(3000))
    killed(settings, "undo", result.import_id, store, after=2000)

    undone = undo_import(store, result.import_id)

    assert undone.kept_count == 0
    assert all_of(store, organization_id, Contact) == []


def test_an_import_asked_to_rest_goes_on_later(store, settings):
    organization_id = make_organization(store).organization_id
    made = uploaded(store, settings, organization_id, file_of(1000))
    rests = iter([False, True])
    with pytest.raises(ImportPaused):
        run_import(store, settings, made.import_id, is_stopping=lambda: next(rests, False))

    assert sum(counts(run_import(store, settings, made.import_id))) == 1000
    assert row_count(store, organization_id, made.import_id) == 1000


def test_two_workers_on_one_import_do_not_write_a_row_twice(store, settings):
    organization_id = make_organization(store).organization_id
    made = uploaded(store, settings, organization_id, file_of(1000))

    def meanwhile(done: int, total: int) -> None:
        if done < 300:
            run_import(store, settings, made.import_id)

    with pytest.raises(Conflict):
        run_import(store, settings, made.import_id, progress=meanwhile)
    assert sum(counts(run_import(store, settings, made.import_id))) == 1000
    assert row_count(store, organization_id, made.import_id) == 1000
