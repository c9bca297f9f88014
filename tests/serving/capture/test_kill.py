"""kill -9 at random moments under load: what was acknowledged is there, and a retry of the rest is counted once."""

from __future__ import annotations

import http.client
import json
import os
import random
import re
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from domain.clock import utc_now
from domain.ids import new_id
from storage.ops.repositories.api_keys import ApiKeys
from tests.conftest import TEST_KEYS
from tests.factories import SYSTEM, TESTER, make_organization
from tests.factories.events import make_event

ROOT = Path(__file__).parents[3]
CLIENTS = 8


@contextmanager
def server(folder: Path):
    """A real process, ended by SIGKILL; yields its host and port once it is ready."""
    environ = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "LEADHOUSE_DATA__DIR": str(folder),
        "LEADHOUSE_WEB__ROLE": "capture",
        "LEADHOUSE_WEB__PORT": "0",
        "LEADHOUSE_SECURITY__KEYS": TEST_KEYS,
    }
    command = [sys.executable, "-m", "serving.main"]
    with subprocess.Popen(command, env=environ, cwd=folder, stdout=subprocess.PIPE, text=True) as process:
        try:
            address = re.search(r"http://\S+", process.stdout.readline())
            parts = urlsplit(address[0])
            connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=60)
            connection.request("GET", "/ready")  # waits in the listener's queue until the server runs
            assert connection.getresponse().status == 200
            connection.close()
            yield parts.hostname, parts.port
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(20)


class Sender(threading.Thread):
    """Sends one request after the other until the server is gone; remembers what was sent and what was acknowledged."""

    def __init__(self, address: tuple[str, int], key: str, seed: int) -> None:
        super().__init__()
        self.address, self.key, self.chance = address, key, random.Random(seed)
        self.sent: list[str] = []
        self.acknowledged: list[str] = []

    def run(self) -> None:
        connection = http.client.HTTPConnection(*self.address, timeout=30)
        try:
            while True:
                ids = [new_id() for _ in range(self.chance.choice([1, 1, 1, 5, 20]))]
                self.sent += ids
                moment = utc_now().isoformat()
                events = [make_event(event_id=event_id, occurred_at=moment) for event_id in ids]
                connection.request("POST", f"/v1/collect?k={self.key}", json.dumps({"batch": events}))
                answer = connection.getresponse()
                results = json.loads(answer.read())["results"]
                self.acknowledged += [result["event_id"] for result in results if result["status"] == "accepted"]
        except (OSError, http.client.HTTPException):
            connection.close()


def stored_ids(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "store.sqlite")) as connection:
        assert connection.execute("pragma integrity_check").fetchone()[0] == "ok"
        return [row[0] for row in connection.execute("select event_id from event_inbox")]


def kill_repeatedly(store, settings, kills: int) -> None:
    folder = settings.data.dir
    organization_id = make_organization(store).organization_id
    with store.write(SYSTEM, TESTER) as work:
        key = ApiKeys(work).create_write_key(organization_id=organization_id)
    store.close()
    chance = random.Random(11)
    sent: list[str] = []
    acknowledged: list[str] = []
    for round_number in range(kills):
        with server(folder) as address:
            senders = [Sender(address, key, round_number * CLIENTS + number) for number in range(CLIENTS)]
            for sender in senders:
                sender.start()
            time.sleep(chance.uniform(0.1, 0.8))  # the moment of the kill is the subject
        for sender in senders:
            sender.join(60)
            sent += sender.sent
            acknowledged += sender.acknowledged
    stored = stored_ids(folder)
    assert len(acknowledged) > 20 * kills
    assert set(acknowledged) <= set(stored)
    assert len(stored) == len(set(stored))
    with server(folder) as (host, port):
        unanswered = sorted(set(sent) - set(acknowledged))
        moment = utc_now().isoformat()
        connection = http.client.HTTPConnection(host, port, timeout=30)
        for start in range(0, len(unanswered), 100):
            again = [make_event(event_id=event_id, occurred_at=moment) for event_id in unanswered[start : start + 100]]
            connection.request("POST", f"/v1/collect?k={key}", json.dumps({"batch": again}))
            assert json.loads(connection.getresponse().read())["rejected"] == 0
        connection.close()
    assert sorted(stored_ids(folder)) == sorted(sent)


def test_what_was_acknowledged_survives_kills(sqlite_store, settings):
    kill_repeatedly(sqlite_store, settings, kills=3)


@pytest.mark.slow
@pytest.mark.timeout(2_400)
def test_what_was_acknowledged_survives_a_hundred_kills(sqlite_store, settings):
    kill_repeatedly(sqlite_store, settings, kills=100)
