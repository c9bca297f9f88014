"""`python -m bench.sending [--messages N] [--rounds N] [--mailboxes N]`: what the worker sends beside a bare loop.

Both send to the same sink (`bench.mail_sink`, a process of its own) over as many connections, by turns, round by round:

* the bare loop hands over messages that were composed and signed before, with aiosmtplib, and knows nothing else;
* the worker is given the same bytes, and does all the rest: it looks who is due, decides by every gate, renders the
  words, writes message, ledger row and place in the sequence, claims, marks, journals and settles;
* the worker as it is also composes and signs (RSA of 2048 bits).

Ratios are of messages a second and of messages a CPU-second of this process; where the worker's time goes is listed by
the points of `serving.sending.handing_over.Probe`.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiosmtplib

from bench.keys import SECURITY
from domain.clock import utc_now
from domain.contacts import Domain, EmailAddress
from domain.outreach.sequences import parse_sequence, written
from domain.settings import DataSettings, OutreachSettings, Settings
from domain.tenancy import Actor, Scope, SystemScope
from serving.mail.composing import Sender, compose
from serving.mail.signing import new_key, sign
from serving.sending.deciding import look
from serving.sending.handing_over import HandOver
from serving.sequences.enrolling import door_of, enrol
from storage.background import collect_rarely
from storage.ops import migrate
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.mailboxes import Mailboxes, SendingDomains
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.outbox import Content, Ready
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Store

SYSTEM, ACTOR = SystemScope("bench"), Actor.system("bench")
ALWAYS = {day: ["00:00-24:00"] for day in ("mon", "tue", "wed", "thu", "fri", "sat", "sun")}
TERMS = {
    "per_day": 10_000, "per_hour": 5_000, "provider_per_day": 100_000, "min_gap_seconds": 0,
    "gap_jitter_seconds": 0, "ramp": None, "in_use_since": "2020-01-01", "window": ALWAYS,
}  # fmt: skip
LIMITS = {
    "per_day": 100_000, "new_per_day": 100_000, "per_recipient_domain_per_hour": 10_000, "active_per_company": 1_000,
}  # fmt: skip
SUBJECT = "A question about {{ contact.first_name | default: 'your' }} work"
TEXT = """Hi {{ contact.first_name | default: "there" }},

we help companies like yours to find the people who would be glad to hear from them, and nobody else.
Would fifteen minutes next week be worth it to you?

Ada
"""
DOMAIN, SELECTOR = "agency.example", "lh"
STAGES = ("claimed", "composed", "marked", "handed_over", "settled")


@dataclass(slots=True)
class Run:
    """One variant in one round."""

    messages: int
    wall: float
    cpu: float
    stages: Counter[str] = field(default_factory=Counter)
    """Wall seconds until a point was reached, since the point before."""


class Given(HandOver):
    """A hand-over whose messages were composed and signed before: all the same bytes."""

    given = b""

    def _compose(self, ready: Sequence[Ready], accounts: Mapping[str, Any]) -> dict[str, bytes]:  # noqa: ARG002
        return {one.outbox_message_id: self.given for one in ready}


class Watch:
    """Sums up how long it takes from one point to the next."""

    def __init__(self) -> None:
        self.stages: Counter[str] = Counter()
        self._last = time.perf_counter()

    def __call__(self, point: str) -> None:
        if point == "answered":  # once for each message, within the hand-over
            return
        now = time.perf_counter()
        self.stages[point] += now - self._last
        self._last = now


class House:
    """An agency with mailboxes that nothing holds back."""

    def __init__(self, folder: Path, port: int, mailboxes: int) -> None:
        outreach = OutreachSettings(local_servers=frozenset({f"127.0.0.1:{port}"}))
        self.settings = Settings(data=DataSettings(dir=folder), security=SECURITY, outreach=outreach)
        migrate.upgrade(self.settings)
        self.store = Store.open(self.settings)
        self.dkim_key = new_key()
        self.mailboxes, self._rounds = mailboxes, 0
        server = {"host": "127.0.0.1", "port": port, "security": "none", "username": ""}
        with self.store.write(SYSTEM, ACTOR) as work:
            self.organization_id = Organizations(work).create_agency("Bench").organization_id
        with self.store.write(Scope.of(self.organization_id), ACTOR) as work:
            SendingDomains(work).put(
                Domain(DOMAIN), per_day=None, dkim_selector=SELECTOR, dkim_key=self.dkim_key.decode()
            )
            for number in range(mailboxes):
                facts = {"display_name": "Ada", "smtp": server, "terms": TERMS}
                Mailboxes(work).add(EmailAddress(f"ada{number}@{DOMAIN}"), secrets={}, facts=facts)

    def enrol(self, messages: int) -> None:
        """New people in a new sequence of one message, all due now."""
        self._rounds, now = self._rounds + 1, utc_now()
        step = {"id": "hello", "type": "email", "subject": SUBJECT, "text": TEXT}
        document = {"name": f"Round {self._rounds}", "window": ALWAYS, "limits": LIMITS, "steps": [step]}
        sequence = parse_sequence(document)
        with self.store.write(Scope.of(self.organization_id), ACTOR) as work:
            made = Sequences(work).add(sequence.name, written(sequence))
            Sequences(work).set_status(made, "active")
        for first in range(0, messages, 500):
            people = [
                {
                    "email": f"person{number}@company{number}.round{self._rounds}.example",
                    "first_name": f"Person {number}",
                    "source": "bench",
                    "known_at": now,
                }
                for number in range(first, min(first + 500, messages))
            ]
            with self.store.write(Scope.of(self.organization_id), ACTOR) as work:
                ids = [row["contact_id"] for row in Contacts(work).insert_many(people)]
            with self.store.write(SYSTEM, ACTOR) as work:
                enrol(work, door_of(work, Sequences(work).get(made.sequence_id)), ids)

    def composed(self) -> bytes:
        """One message as the worker would write it."""
        content = Content("person1@company1.example", SUBJECT[:40], TEXT)
        address = f"https://mail.{DOMAIN}/unsubscribe/{'t' * 60}"
        message = compose(
            content, Sender(f"ada0@{DOMAIN}", "Ada"), message_id=f"<lh.0@{DOMAIN}>", at=utc_now(),
            unsubscribe_url=address, token="t" * 60,
        )  # fmt: skip
        return sign(message, self.dkim_key, domain=DOMAIN, selector=SELECTOR, at=utc_now())


async def _worker(house: House, kind: type[HandOver], watch: Watch) -> int:
    hand_over, handed = kind(house.store, house.settings, "bench", watch), 0
    try:
        while True:
            with house.store.read(SYSTEM) as work:
                due = Sequences(work).looks_due(house.store.clock(), limit=50)
            for found in due:
                look(house.store, house.settings, found)
            watch("decided")
            if not (done := await hand_over.run_once()):
                return handed
            handed += done
    finally:
        await hand_over.close()


async def _bare(port: int, message: bytes, messages: int, connections: int) -> int:
    numbers = iter(range(messages))

    async def carry_on() -> int:
        client, sent = aiosmtplib.SMTP(hostname="127.0.0.1", port=port, start_tls=False), 0
        await client.connect()
        for number in numbers:
            await client.sendmail(f"ada0@{DOMAIN}", [f"person{number}@company{number}.example"], message)
            sent += 1
        await client.quit()
        return sent

    return sum(await asyncio.gather(*(carry_on() for _ in range(connections))))


def _timed(what: Callable[[], int], watch: Watch | None = None) -> Run:
    wall, cpu = time.perf_counter(), time.process_time()
    messages = what()
    return Run(messages, time.perf_counter() - wall, time.process_time() - cpu, watch.stages if watch else Counter())


@contextmanager
def _sink() -> Iterator[tuple[int, subprocess.Popen[str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bench.mail_sink"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline()), process
    finally:
        if process.poll() is None:
            process.communicate()


def main() -> None:
    """Every variant by turns."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--messages", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--mailboxes", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, _sink() as (port, process):
        house = House(Path(folder), port, asked.mailboxes)
        runs = _rounds(house, port, asked.messages, asked.rounds)
        house.store.close()
        taken, _ = process.communicate()
        sent = sum(run.messages for each in runs.values() for run in each)
        assert int(taken) == sent, f"{sent} were sent, {taken.strip()} arrived"
    _report(runs)


def _rounds(house: House, port: int, messages: int, rounds: int) -> dict[str, list[Run]]:
    given = house.composed()
    connections = house.settings.outreach.connections * house.mailboxes
    collect_rarely()
    print(f"{messages} messages of {len(given)} bytes a round, {connections} connections", flush=True)
    runs: dict[str, list[Run]] = {"bare loop": [], "worker, given the bytes": [], "worker, composing and signing": []}
    Given.given = given
    for _ in range(rounds):
        runs["bare loop"].append(_timed(lambda: asyncio.run(_bare(port, given, messages, connections))))
        for name, kind in (("worker, given the bytes", Given), ("worker, composing and signing", HandOver)):
            house.enrol(messages)
            watch = Watch()
            runs[name].append(_timed(lambda kind=kind, watch=watch: asyncio.run(_worker(house, kind, watch)), watch))  # type: ignore[misc]
        for name, each in runs.items():
            run = each[-1]
            assert run.messages == messages, f"{name}: {run.messages} of {messages}"
            print(f"{name:<32}{run.messages / run.wall:8,.0f} /s  {run.messages / run.cpu:8,.0f} /CPU-s", flush=True)
    return runs


def _report(runs: Mapping[str, Sequence[Run]]) -> None:
    bare = runs["bare loop"]
    for name in list(runs)[1:]:
        by_wall = [one.messages / one.wall / (b.messages / b.wall) for one, b in zip(runs[name], bare, strict=True)]
        by_cpu = [one.messages / one.cpu / (b.messages / b.cpu) for one, b in zip(runs[name], bare, strict=True)]
        print(f"{name} per bare loop: {statistics.median(by_wall):.2f} by wall, {statistics.median(by_cpu):.2f} by CPU")
        total = sum((run.stages for run in runs[name]), Counter())
        messages = sum(run.messages for run in runs[name])
        for stage in ("decided", *STAGES):
            print(f"  {stage:<14}{total[stage] / messages * 1e6:8.0f} us a message")


if __name__ == "__main__":
    main()
