"""A month of an agency with twenty mailboxes, whose worker is killed over and over: what the mail server saw keeps every
promise. Judged by the messages that arrived, read by the standard library, and by nothing that the product says of them."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from domain.outreach.signals import Signal
from serving.sending.signalling import react, suppress
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.store import Store
from storage.ops.tables import Enrolment, OutboxMessage
from tests.factories import SYSTEM, TESTER, make_agency_with_client, make_company, make_contact
from tests.factories.outreach import employ, enrol_all, make_mailbox, make_sequence
from tests.mail_servers import Sink, running_sink
from tests.serving.sending.killed_worker import settings_for

MAILBOXES, COMPANIES, PEOPLE_EACH, DAYS = 20, 500, 4, 30
FIRST_DAY = datetime(2026, 3, 9, tzinfo=UTC)
"""A Monday; on 29 March Berlin's clocks go forward."""
ZONES = ("Europe/Berlin", "America/New_York")
OFFICE = {day: ["09:00-12:00", "13:00-17:00"] for day in ("mon", "tue", "wed", "thu", "fri")} | {"sat": [], "sun": []}
RAMP = {"start": 5, "step": 2, "ceiling": 25}
PER_DAY, PER_HOUR, GAP = 22, 3, timedelta(minutes=10)
LIMITS = {
    "per_day": 330,
    "new_per_day": 150,
    "per_recipient_domain_per_hour": 3,
    "active_per_company": 4,
    "quiet_days": 0,
}
STEPS = (
    {"id": "first", "type": "email", "subject": "Hi {{ contact.first_name }}", "text": "Number one."},
    {"id": "pause", "type": "wait", "days": 3},
    {"id": "second", "type": "email", "text": "Number two."},
    {"id": "longer", "type": "wait", "days": 5},
    {"id": "third", "type": "email", "text": "Number three."},
)  # fmt: skip
pytestmark = [pytest.mark.slow, pytest.mark.timeout(3_600)]
KINDS = ("reject", "grey", "full", *["person"] * 37)
WINDOW_ONCE_IN = 400
"""Messages after which the sink kills who sent them, before it answers."""


class CruelSink(Sink):
    """Takes messages, and now and then kills the worker before it hears so."""

    def __init__(self) -> None:
        super().__init__()
        self.pid = self.killed = 0
        self._chance = random.Random(5)

    async def handle_DATA(self, server, session, envelope):
        answer = await super().handle_DATA(server, session, envelope)
        if self.pid and self._chance.randrange(WINDOW_ONCE_IN) == 0:
            os.kill(self.pid, signal.SIGKILL)
            self.pid, self.killed = 0, self.killed + 1
        return answer


@dataclass
class Month:
    """What happened in it."""

    kills: int = 0
    window_kills: int = 0
    silent_since: dict[str, datetime] = field(default_factory=dict)
    """Since when an address must not be written to."""
    paused: dict[str, tuple[datetime, datetime]] = field(default_factory=dict)
    """Mailboxes that somebody stopped, from when until when."""
    messages: list[tuple[datetime, str, str, str]] = field(default_factory=list)
    """When, from, to, which step."""
    arrived: Counter[str] = field(default_factory=Counter)
    """How often each Message-ID came."""
    believed: dict[str, str] = field(default_factory=dict)
    """What the product says became of each Message-ID."""


@pytest.fixture(scope="module")
def month(tmp_path_factory, place_sqlite):
    folder, found, chance = tmp_path_factory.mktemp("month"), Month(), random.Random(11)
    with running_sink(CruelSink()) as sink:
        settings = settings_for(folder, sink.port)
        place_sqlite(settings)
        now = [FIRST_DAY]
        store = Store.open(settings, lambda: now[0])
        ours = make_agency_with_client(store, "Northwind").agency.organization_id
        addresses = _set_up(store, ours, sink.port, chance)
        for half in range(2 * DAYS):
            now[0] = FIRST_DAY + half * timedelta(hours=12)
            _people_act(store, ours, addresses, chance, found, now[0], half)
            _work(folder, sink, now[0], now[0] + timedelta(hours=12), found, seed=half)
        found.window_kills = sink.killed
        for message in sink.messages:
            text = message.get_body(("plain",)).get_content()
            step = next(name for name in ("one", "two", "three") if f"Number {name}." in text)
            sender = message["From"].addresses[0].addr_spec
            found.arrived[message["Message-ID"].strip()] += 1
            found.messages.append((message["Date"].datetime, sender, message["To"].addresses[0].addr_spec, step))
        with store.read(SYSTEM) as work:
            states = work.session.execute(select(OutboxMessage.message_id, OutboxMessage.status)).tuples()
            found.believed = dict(states.all())
        store.close()
    found.messages.sort()
    print(f"{len(found.messages)} messages, {found.kills} kills, {found.window_kills} of them before an answer")
    return found


def _set_up(store: Store, ours: str, port: int, chance: random.Random) -> dict[str, str]:
    """Mailboxes, a sequence and its people; answers contact ids by address."""
    for number in range(MAILBOXES):
        terms = {
            "per_day": PER_DAY, "per_hour": PER_HOUR, "min_gap_seconds": GAP.total_seconds(), "gap_jitter_seconds": 120,
            "ramp": RAMP, "in_use_since": "2020-01-01", "window": {**OFFICE, "time_zone": ZONES[number % 2]},
        }  # fmt: skip
        make_mailbox(store, ours, port, f"ada{number}@agency{number % 4}.example", terms=terms)
    week = {**OFFICE, "sat": ["10:00-16:00"], "time_zone": "Europe/Berlin"}
    week |= {day: ["06:00-22:00"] for day in ("mon", "tue", "wed", "thu", "fri")}
    sequence = make_sequence(store, ours, *STEPS, limits=LIMITS, window=week)
    addresses = {}
    for number in range(COMPANIES):
        company = make_company(store, ours, domain=f"company{number}.example")
        for person in range(PEOPLE_EACH):
            address = f"{chance.choice(KINDS)}{person}@company{number}.example"
            contact = make_contact(store, ours, email=address, first_name="Ada")
            employ(store, company, contact.contact_id)
            addresses[address] = contact.contact_id
    enrol_all(store, sequence, list(addresses.values()))
    return addresses


def _people_act(
    store: Store, ours: str, addresses: dict[str, str], chance: random.Random, found: Month, now: datetime, half: int
) -> None:
    """Some ask to be left alone, some answer; once somebody stops a mailbox for two days."""
    with store.write(SYSTEM, TESTER) as work:
        for address in chance.sample(sorted(addresses), 6):
            if address not in found.silent_since:
                found.silent_since[address] = now
                if chance.random() < 0.5:
                    suppress(
                        work,
                        address,
                        Signal.UNSUBSCRIBE,
                        contact_id=addresses[address],
                        organization_id=ours,
                        source="test",
                    )
                else:
                    one = work.session.scalars(select(Enrolment).filter_by(contact_id=addresses[address])).one()
                    react(work, one, Signal.REPLY)
        if half in {20, 24}:
            mailbox = min(Mailboxes(work).of_organization(ours), key=lambda one: one.address)
            Mailboxes(work).set_status(mailbox, "paused" if half == 20 else "connected")
            found.paused[mailbox.address] = (FIRST_DAY + timedelta(days=10), FIRST_DAY + timedelta(days=12))


def _work(folder, sink: CruelSink, since: datetime, until: datetime, found: Month, seed: int) -> None:
    """Workers, one after the other, until the stretch is over."""
    for life in range(1000):
        worker = subprocess.Popen(
            [
                sys.executable, "-m", "tests.serving.sending.working_month", str(folder), str(sink.port),
                since.isoformat(), until.isoformat(), str(1000 * seed + life),
            ],
            stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        sink.pid = worker.pid
        said, _ = worker.communicate(timeout=600)
        if worker.returncode == 0:
            return
        assert worker.returncode == -signal.SIGKILL
        found.kills += 1
        lines = said.split()
        since = datetime.fromisoformat(lines[-1]) if lines else since
    raise AssertionError("the worker was killed at every turn")


def test_each_step_reaches_a_person_once_however_often_the_worker_is_killed(month):
    assert month.kills > 20
    twice = [key for key, count in Counter((to, step) for _, _, to, step in month.messages).items() if count > 1]
    assert twice == []
    assert len(month.messages) > 3_000


def test_what_is_said_to_be_sent_arrived_and_nothing_else_but_what_is_in_doubt(month):
    sent = {one for one, status in month.believed.items() if status == "sent"}
    doubted = {one for one, status in month.believed.items() if status == "unknown"}
    assert sent <= month.arrived.keys() <= sent | doubted
    assert month.window_kills <= len(doubted & month.arrived.keys())
    assert len(doubted) <= month.kills * MAILBOXES  # each mailbox has one line, which may be in use at a kill


def test_nobody_who_asked_to_be_left_alone_or_answered_hears_from_the_agency_again(month):
    late = [one for one in month.messages if one[2] in month.silent_since and one[0] >= month.silent_since[one[2]]]
    assert late == []


def test_no_message_leaves_outside_the_hours_of_its_mailbox(month):
    for at, sender, _, _ in month.messages:
        number = int(sender.split("@")[0].removeprefix("ada"))
        local = at.astimezone(ZoneInfo(ZONES[number % 2]))
        minutes = local.hour * 60 + local.minute
        assert local.weekday() < 5, (sender, local)
        assert 540 <= minutes < 720 or 780 <= minutes < 1020, (sender, local)


def test_a_mailbox_that_is_stopped_stays_silent(month):
    ((address, (since, until)),) = month.paused.items()
    own = [at for at, sender, _, _ in month.messages if sender == address]
    assert [at for at in own if since <= at < until] == []
    assert any(at >= until for at in own)


def test_no_limit_is_ever_passed(month):
    by_sender, by_domain = defaultdict(list), defaultdict(list)
    for at, sender, to, _ in month.messages:
        by_sender[sender].append(at)
        by_domain[to.partition("@")[2]].append(at)
    for sender, times in by_sender.items():
        zone = ZoneInfo(ZONES[int(sender.split("@")[0].removeprefix("ada")) % 2])
        first = FIRST_DAY.astimezone(zone).date()
        for place, at in enumerate(times):
            today = at.astimezone(zone).date()
            before = times[: place + 1]
            allowed = min(PER_DAY, RAMP["ceiling"], RAMP["start"] + RAMP["step"] * max(0, (today - first).days + 1))
            assert sum(one > at - timedelta(hours=24) for one in before) <= allowed, (sender, at)
            assert sum(one.astimezone(zone).date() == today for one in before) <= allowed, (sender, at)
            assert sum(one > at - timedelta(hours=1) for one in before) <= PER_HOUR, (sender, at)
            assert place == 0 or at - times[place - 1] >= GAP, (sender, at)
    for domain, times in by_domain.items():
        for place, at in enumerate(times):
            assert sum(one > at - timedelta(hours=1) for one in times[: place + 1]) <= 3, (domain, at)
    everything = [at for at, _, _, _ in month.messages]
    for place, at in enumerate(everything):
        recent = everything[max(0, place - LIMITS["per_day"]) : place + 1]
        assert sum(one > at - timedelta(hours=24) for one in recent) <= LIMITS["per_day"], at
    days = Counter(
        at.astimezone(ZoneInfo("Europe/Berlin")).date() for at, _, _, step in month.messages if step == "one"
    )
    assert max(days.values()) <= LIMITS["new_per_day"]
