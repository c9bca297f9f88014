"""A worker is killed in the middle of a run: the next one goes on, nothing is paid twice, and what is in doubt is shown."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from domain.clock import utc_now
from serving.enrichment.runs import replay
from storage.ops.repositories.enrichment_runs import EnrichmentRuns
from tests.factories import TESTER
from tests.vendor_server import Said

ROOT = Path(__file__).parents[3]
PRICE = 20_000


@pytest.mark.slow
@pytest.mark.parametrize("kills", [1, 4])
def test_a_run_goes_on_after_kills_without_paying_twice(desk, kills):
    companies = 400
    desk.companies(companies)
    enough = threading.Event()
    following = [60]

    def answer(_asked):
        if len(desk.vendors.asked) >= following[0]:
            enough.set()
        return Said({"size": 140}, after=0.01)

    desk.vendors.says("/first/", answer)
    desk.connect_api("first", price=PRICE, concurrent=8)
    run_id = desk.begin(desk.workflow({"employee_count": ["first"]}))
    for number in range(kills):
        enough.clear()
        _work_until(desk, run_id, enough)
        following[0] = len(desk.vendors.asked) + 60
        desk.clock = lambda minutes=2 * (number + 1): utc_now() + timedelta(minutes=minutes)
        desk.carry_on(run_id, 0.0)  # what the dead worker had in hand is looked into
    desk.go_on(run_id)
    outcomes = Counter(call.outcome for call in desk.calls())
    asked = Counter(each.path for each in desk.vendors.asked)
    assert desk.status(run_id) == ("finished", "")
    assert asked.most_common(1)[0][1] == 1, "nobody was asked twice"
    assert outcomes["found"] + outcomes["unknown"] == companies
    assert desk.spent() == (0, companies * PRICE)
    assert 0 < outcomes["unknown"] <= 16 * kills
    statuses = Counter(row.status for row in desk.rows())
    assert statuses == {"done": outcomes["found"], "failed": outcomes["unknown"]}
    with desk.store.write(desk.scope, TESTER) as work:
        assert replay(work, EnrichmentRuns(work).hold(run_id)) == outcomes["unknown"]
    desk.go_on(run_id)
    assert Counter(row.status for row in desk.rows()) == {"done": companies}


def _work_until(desk, run_id: str, enough: threading.Event) -> None:
    arguments = [str(desk.settings.data.dir), desk.organization_id, run_id, desk.vendors.address]
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).parent / "dying_run.py"), *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE,
    ) as worker:  # fmt: skip
        assert enough.wait(60), "the worker asked nobody"
        worker.kill()
