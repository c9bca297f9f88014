"""Reads what came into one mailbox: `read_inbox {"mailbox_id": …}`. Every message is a transaction of its own, and known
again if the worker dies before the cursor moves."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from domain.clock import Clock
from domain.errors import LeadhouseError, NotFound
from domain.replies.intents import Intent
from domain.settings import Settings
from models_ml.reply_intent.predict import embedded_reader
from serving.jobs.base import JobContext, JobPaused
from serving.replies.imap import Cursor, Inbox
from serving.replies.inboxes import READ_INBOX, SCOPE, place_of, queue_reading
from serving.replies.language_model import reader_of
from serving.replies.receiving import ACTOR, receive
from storage.ops.repositories.replies import InboxReadings
from storage.ops.store import Store

KIND = READ_INBOX
LANE = "long"
AT_ONCE = 50
FIRST_LOOK_BACK = timedelta(days=7)
"""How far back a mailbox is read that never was, or that counts anew."""
AGAIN_AFTER = timedelta(seconds=60)
AFTER_TROUBLE = timedelta(minutes=10)
log = logging.getLogger("leadhouse.worker")


def run(context: JobContext, payload: dict[str, Any]) -> None:
    """Raises JobPaused when the worker stops; what was not read yet stays where it is."""
    mailbox_id = str(payload["mailbox_id"])
    try:
        place = place_of(context.store, context.settings, context.organization_id, mailbox_id)
        if place is None:
            return
        with Inbox(place.server, place.address) as inbox:
            _read(context, mailbox_id, inbox, place.cursor)
    except (JobPaused, NotFound):
        raise
    except LeadhouseError as problem:
        _note(context, mailbox_id, None, AFTER_TROUBLE, problem=str(problem))
        log.warning("the inbox of mailbox %s could not be read: %s", mailbox_id, problem.code)


def queue_inboxes(store: Store, clock: Clock) -> int:
    """Queues a look into every inbox whose time is up; answers how many."""
    with store.read(SCOPE) as work:
        due = InboxReadings(work).connected(due_by=clock())
    for organization_id, mailbox_id in due:
        queue_reading(store, organization_id, mailbox_id)
    return len(due)


class LazyReader:
    """The reader of intents, loaded with the first answer: most looks into an inbox find none."""

    def __init__(self, settings: Settings) -> None:
        self.name = ""
        self._settings = settings

    def probabilities(self, texts: Sequence[str]) -> list[Mapping[Intent, float]]:
        reader = reader_of(self._settings.ai, embedded_reader())
        self.name = reader.name
        return reader.probabilities(texts)


def _read(context: JobContext, mailbox_id: str, inbox: Inbox, cursor: Cursor) -> None:
    """Takes in whatever is new; the cursor is kept after every few letters."""
    reader = LazyReader(context.settings)
    first_from = (context.clock() - FIRST_LOOK_BACK).date()
    is_at_end = False
    while not is_at_end:
        letters, cursor = inbox.read_since(cursor, first_from=first_from, limit=AT_ONCE)
        for letter in letters:
            if context.is_stopping():
                raise JobPaused
            context.store.give_way()
            receive(context.store, context.organization_id, mailbox_id, letter, reader)
        is_at_end = len(letters) < AT_ONCE
        _note(context, mailbox_id, cursor, AGAIN_AFTER)


def _note(context: JobContext, mailbox_id: str, cursor: Cursor | None, wait: timedelta, *, problem: str = "") -> None:
    with context.store.write(context.scope, ACTOR) as work:
        kept = InboxReadings(work).of_mailbox(mailbox_id)
        reached = cursor or Cursor(kept.uid_validity, kept.last_uid)
        InboxReadings(work).moved(
            mailbox_id, uid_validity=reached.uid_validity, last_uid=reached.last_uid,
            next_at=context.clock() + wait, problem=problem,
        )  # fmt: skip
