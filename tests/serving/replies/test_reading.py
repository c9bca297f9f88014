"""From a real IMAP server into the store, by the worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select

from domain.tenancy import Scope
from serving.jobs.base import all_kinds
from serving.jobs.read_inbox import KIND, queue_inboxes
from serving.replies.inboxes import InboxWatch
from serving.worker import Worker
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.tables import InboundMessage, InboxReading, Job, Mailbox
from tests.factories import SYSTEM, TESTER
from tests.imap_server import ImapServer, imap_server
from tests.mail_servers import naming
from tests.serving.replies.conftest import SENT

ANSWER = f"Message-ID: <a@lovelace.example>\r\nFrom: ada@lovelace.example\r\nIn-Reply-To: {SENT}\r\nSubject: Re: Hi\r\n\r\nUnsubscribe me please."
PRIVATE = b"Message-ID: <p@shop.example>\r\nFrom: shop@shop.example\r\nSubject: Invoice\r\n\r\nPay"


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    with imap_server() as running:
        yield running


@pytest.fixture
def settings(settings, server):
    return naming(settings, server.port)


@pytest.fixture
def inbox(store, server, written_to, request) -> str:
    """The user whose inbox the mailbox has, of this test alone."""
    user = f"u{abs(hash(request.node.name)) % 10**8}"
    with store.write(Scope.of(written_to.organization_id), TESTER) as work:
        row = work.session.get_one(Mailbox, written_to.mailbox.mailbox_id)
        place = {"host": "127.0.0.1", "port": server.port, "security": "none", "username": user}
        Mailboxes(work).change(row, {"imap": place}, {"imap": "pw"})
    return user


def rows(store, table):
    with store.read(SYSTEM) as work:
        return list(work.session.scalars(select(table)))


def test_what_came_in_is_read_once_and_acted_on_and_stays_unread(store, settings, clock, server, written_to, inbox):
    server.deliver(inbox, PRIVATE)
    server.deliver(inbox, ANSWER.encode())
    worker = Worker(store, settings, clock=clock, kinds={KIND: all_kinds()[KIND]})
    clock.now = rows(store, Mailbox)[0].created_at
    assert queue_inboxes(store, clock) == 1
    worker.drain()
    assert sorted(row.is_answer for row in rows(store, InboundMessage)) == [False, True]
    assert written_to.state().status == "stopped"
    (reading,) = rows(store, InboxReading)
    assert (reading.last_uid, reading.problem) == (2, "")
    assert queue_inboxes(store, clock) == 0
    clock.now += timedelta(minutes=2)
    assert queue_inboxes(store, clock) == 1
    worker.drain()
    assert len(rows(store, InboundMessage)) == 2
    assert not any("S" in flags for flags in server.flags(inbox))


def test_an_inbox_that_refuses_says_so_and_is_asked_again_later(store, settings, clock, written_to, inbox):
    with store.write(Scope.of(written_to.organization_id), TESTER) as work:
        row = work.session.get_one(Mailbox, written_to.mailbox.mailbox_id)
        Mailboxes(work).change(row, {}, {"imap": "wrong"})
    queue_inboxes(store, clock)
    Worker(store, settings, clock=clock, kinds={KIND: all_kinds()[KIND]}).drain()
    (reading,) = rows(store, InboxReading)
    assert "refused the login" in reading.problem
    assert reading.next_at == clock.now + timedelta(minutes=10)


def test_news_have_the_inbox_read_at_once(store, settings, server, inbox):
    server.deliver(inbox, PRIVATE)
    stop = threading.Event()
    watch = threading.Thread(target=InboxWatch(store, settings, stop).run, daemon=True)
    watch.start()
    try:
        for number in range(40):
            server.deliver(inbox, PRIVATE.replace(b"p@", f"p{number}@".encode()))
            if stop.wait(0.5) or rows(store, Job):
                break
        assert [job.kind for job in rows(store, Job) if job.kind == KIND] == [KIND]
    finally:
        stop.set()
        watch.join(5)
