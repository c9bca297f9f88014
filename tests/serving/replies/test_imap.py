"""Inboxes, read from a real IMAP server."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import date

import pytest

from domain.errors import ProviderBusy, ProviderRefused
from serving.mail.servers import Server
from serving.replies.imap import Cursor, Inbox
from tests.imap_server import ImapServer, imap_server

EVER = date(2020, 1, 1)


@pytest.fixture(scope="module")
def server() -> Iterator[ImapServer]:
    with imap_server() as running:
        yield running


def inbox_at(server: ImapServer, user: str, password: str = "pw") -> Inbox:
    return Inbox(Server("127.0.0.1", server.port, "none", user, password), "127.0.0.1")


def letter(number: int) -> bytes:
    return f"Message-ID: <{number}@a.example>\r\nFrom: ada@a.example\r\nSubject: {number}\r\n\r\nHello".encode()


def test_letters_are_read_once_in_order_and_stay_unread(server):
    for number in (1, 2, 3):
        server.deliver("ann", letter(number))
    with inbox_at(server, "ann") as inbox:
        first, cursor = inbox.read_since(Cursor(), first_from=EVER, limit=2)
        rest, cursor = inbox.read_since(cursor, first_from=EVER, limit=2)
        none, cursor = inbox.read_since(cursor, first_from=EVER, limit=2)
    assert [b"Subject: 3" in each.raw for each in (*first, *rest)] == [False, False, True]
    assert (none, cursor.last_uid) == ([], 3)
    assert not any("S" in flags for flags in server.flags("ann"))


def test_a_cursor_holds_over_connections(server):
    server.deliver("bob", letter(1))
    with inbox_at(server, "bob") as inbox:
        _, cursor = inbox.read_since(Cursor(), first_from=EVER, limit=10)
    server.deliver("bob", letter(2))
    with inbox_at(server, "bob") as inbox:
        (found,), _ = inbox.read_since(cursor, first_from=EVER, limit=10)
    assert found.raw.startswith(b"Message-ID: <2@a.example>")


def test_a_server_that_counts_anew_is_read_again_from_the_first_day(server):
    server.deliver("cat", letter(1))
    with inbox_at(server, "cat") as inbox:
        _, cursor = inbox.read_since(Cursor(), first_from=EVER, limit=10)
    before = Cursor((cursor.uid_validity or 0) + 1, 500)
    with inbox_at(server, "cat") as inbox:
        found, now = inbox.read_since(before, first_from=EVER, limit=10)
    assert (len(found), now) == (1, cursor)


def test_an_empty_inbox_has_an_end(server):
    with inbox_at(server, "eve") as inbox:
        assert inbox.read_since(Cursor(), first_from=EVER, limit=10)[0] == []


def test_news_ends_the_waiting(server):
    server.deliver("dan", letter(1))
    with inbox_at(server, "dan") as inbox:
        later = threading.Timer(0.3, server.deliver, ("dan", letter(2)))
        later.start()
        began = time.monotonic()
        assert inbox.wait(15)
        assert time.monotonic() - began < 12
        later.join()
        letters, _ = inbox.read_since(Cursor(), first_from=EVER, limit=10)
    assert len(letters) == 2


def test_waiting_ends_without_news(server):
    with inbox_at(server, "fay") as inbox:
        assert not inbox.wait(0.2)


def test_a_wrong_password_and_a_silent_server_are_told_apart(server):
    with pytest.raises(ProviderRefused), inbox_at(server, "ann", "wrong"):
        pass
    with pytest.raises(ProviderBusy), Inbox(Server("127.0.0.1", 9, "none", "a", "b"), "127.0.0.1"):
        pass
