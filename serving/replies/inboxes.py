"""The inboxes of mailboxes: where they are, how far each was read, and one connection each that hears of news at once."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass

from sqlalchemy.exc import DBAPIError

from domain.errors import LeadhouseError
from domain.settings import Settings
from domain.tenancy import Actor, Scope, SystemScope
from serving.mail.servers import Server, address_of
from serving.replies.imap import Cursor, Inbox
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.mailboxes import Mailboxes
from storage.ops.repositories.replies import InboxReadings
from storage.ops.store import Store

READ_INBOX = "read_inbox"
"""The kind of the job that reads one."""
SCOPE, ACTOR = SystemScope("inboxes"), Actor.system("replies")
MOST_WATCHED = 100
"""Connections that wait for news; further mailboxes are looked into every minute."""
LOOK_EVERY = 30.0
"""Seconds between two looks at which mailboxes there are, and the longest that a stop waits for a connection."""
AFTER_TROUBLE = 300.0
log = logging.getLogger("leadhouse.worker")


@dataclass(frozen=True, slots=True)
class Place:
    """Where an inbox is and how far it was read."""

    server: Server
    address: str
    """The IP address that was checked."""
    cursor: Cursor


def place_of(store: Store, settings: Settings, organization_id: str, mailbox_id: str) -> Place | None:
    """None for a mailbox without an inbox. Raises NotFound, or InvalidInput for a server that may not be spoken to."""
    with store.write(Scope.of(organization_id), ACTOR) as work:
        mailbox = Mailboxes(work).get(mailbox_id)
        reading = InboxReadings(work).of_mailbox(mailbox_id)
        cursor = Cursor(reading.uid_validity, reading.last_uid)
        if not mailbox.imap or not mailbox.imap.get("host"):
            return None
        kept = Server.of(mailbox.imap, Mailboxes(work).secrets_of(mailbox).get("imap", ""))
    return Place(kept, address_of(kept, settings.outreach.local_servers), cursor)


def queue_reading(store: Store, organization_id: str, mailbox_id: str) -> None:
    """Has an inbox read as soon as a worker is free; a look that waits already is enough."""
    with store.write(SCOPE, ACTOR) as work:
        Jobs(work).enqueue(
            READ_INBOX,
            organization_id=organization_id,
            payload={"mailbox_id": mailbox_id},
            unique_key=f"{READ_INBOX}:{mailbox_id}",
        )


class InboxWatch:
    """Waits for news in every inbox by IDLE, a thread each, and has it read. A part of the worker, until `stop` is set."""

    def __init__(self, store: Store, settings: Settings, stop: threading.Event) -> None:
        self._store, self._settings, self._stop = store, settings, stop
        self._threads: dict[str, threading.Thread] = {}

    def run(self) -> None:
        while not self._stop.is_set():
            try:
                self._begin_new()
            except DBAPIError:
                log.warning("mailboxes could not be listed; trying again", exc_info=True)
            self._stop.wait(LOOK_EVERY)

    def _begin_new(self) -> None:
        with self._store.read(SCOPE) as work:
            wanted = InboxReadings(work).connected(limit=MOST_WATCHED)
        for organization_id, mailbox_id in wanted:
            running = self._threads.get(mailbox_id)
            if running is None or not running.is_alive():
                name = f"inbox {mailbox_id}"
                thread = threading.Thread(
                    target=self._watch, args=(organization_id, mailbox_id), name=name, daemon=True
                )
                self._threads[mailbox_id] = thread
                thread.start()

    def _watch(self, organization_id: str, mailbox_id: str) -> None:
        """Ends where the mailbox is gone or has no inbox any more; a connection that fails is made again."""
        try:
            place = place_of(self._store, self._settings, organization_id, mailbox_id)
            if place is None:
                return
            with Inbox(place.server, place.address) as inbox:
                while not self._stop.is_set():
                    if inbox.wait(LOOK_EVERY):
                        queue_reading(self._store, organization_id, mailbox_id)
        except (LeadhouseError, DBAPIError, OSError) as problem:
            log.info("the inbox of mailbox %s is not watched: %s", mailbox_id, type(problem).__name__)
            self._stop.wait(AFTER_TROUBLE)
