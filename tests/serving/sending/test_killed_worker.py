"""A worker is killed at each named point and another one takes over: each message leaves once, and of what nobody can know
it is said so."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from sqlalchemy import select

from serving.sending.engine import Engine
from storage.ops.store import Store
from storage.ops.tables import DecisionLedger, Enrolment, MessageEvent, OutboxMessage
from tests.factories import SYSTEM, make_agency_with_client
from tests.factories.outreach import HELLO, make_enrolment, make_mailbox, make_sequence
from tests.mail_servers import Sink, running_sink
from tests.serving.sending.killed_worker import settings_for

PEOPLE = 7
"""More than one batch of 5."""
QUICK = ("answered", "in_the_window")
POINTS = ("decided", "claimed", "composed", "marked", "handed_over", "settled", *QUICK)


class KillingSink(Sink):
    """Takes a message for `window…`, and kills who sent it before it is answered."""

    pid = 0

    async def handle_DATA(self, server, session, envelope):
        answer = await super().handle_DATA(server, session, envelope)
        if self.pid and envelope.rcpt_tos[0].startswith("window"):
            os.kill(self.pid, signal.SIGKILL)
            self.pid = 0
        return answer


@pytest.fixture(scope="module")
def sink():
    with running_sink(KillingSink()) as found:
        yield found


def each_point():
    for point in POINTS:
        yield pytest.param("sqlite", point, marks=[] if point in QUICK else pytest.mark.slow)
        yield pytest.param("postgresql", point, marks=[pytest.mark.postgresql, pytest.mark.slow])


@pytest.mark.parametrize(("kind", "point"), each_point())
def test_each_message_leaves_once_whenever_a_worker_is_killed(tmp_path, request, clock, sink, kind, point):
    sink.clear()
    urls = request.getfixturevalue("postgresql_database") if kind == "postgresql" else None
    settings = settings_for(tmp_path, sink.port, urls)
    if urls is None:
        request.getfixturevalue("place_sqlite")(settings)
    store = Store.open(settings, clock)
    ours = make_agency_with_client(store, "Northwind").agency.organization_id
    make_mailbox(store, ours, sink.port)
    sequence = make_sequence(store, ours, HELLO)
    is_window = point == "in_the_window"
    for number in range(PEOPLE):
        make_enrolment(
            store, sequence, f"{'window' if is_window and number == 3 else 'person'}{number}@lovelace.example"
        )
    killed = subprocess.Popen(
        [
            sys.executable, "-m", "tests.serving.sending.killed_worker", str(tmp_path), str(sink.port),
            clock.now.isoformat(), point, *([urls.url] if urls else []),
        ]
    )  # fmt: skip
    sink.pid = killed.pid
    assert killed.wait(60) == -signal.SIGKILL
    clock.now += timedelta(seconds=settings.outreach.lease_seconds + 1)
    Engine(store, settings, clock=clock).drain()
    arrived = Counter(recipients[0] for _, recipients, _ in sink.envelopes)
    assert (len(arrived), max(arrived.values())) == (PEOPLE, 1)
    with store.read(SYSTEM) as work:
        messages = Counter(work.session.scalars(select(OutboxMessage.status)))
        people = Counter(work.session.scalars(select(Enrolment.status)))
        events = Counter(work.session.scalars(select(MessageEvent.kind)))
        sends = Counter(work.session.scalars(select(DecisionLedger.subject_id).where(DecisionLedger.outcome == "send")))
    in_doubt = 1 if is_window else 0
    assert messages == Counter(sent=PEOPLE - in_doubt, unknown=in_doubt)
    assert people == Counter(finished=PEOPLE - in_doubt, held=in_doubt)
    assert events == Counter(sent=PEOPLE - in_doubt, unknown=in_doubt)
    assert max(sends.values()) == 1
    store.close()
