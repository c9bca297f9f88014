"""Whether messages that were claimed together may still leave when their turn comes."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Sequence

from domain.settings import Settings
from domain.tenancy import SystemScope
from serving.sending.installation import is_installation_stopped
from serving.sending.switches import stopped_organizations
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.outbox import Outbox, Ready
from storage.ops.store import Store, Work

SCOPE = SystemScope("sending")
EVERY = 1.0
"""Seconds between two looks at the store: a batch may be on its way for minutes where a server is slow."""
log = logging.getLogger("leadhouse.worker")


class Permits:
    """Of one batch that was just claimed. The installation's switch is looked at before every message; switches of
    organizations, mailboxes and sequences, and who has left a sequence since, every second."""

    def __init__(self, store: Store, settings: Settings, worker: str, every: float = EVERY) -> None:
        self._store, self._settings, self._worker, self._every = store, settings, worker, every
        self._looked_at = time.monotonic()
        self._allowed: Collection[str] | None = None

    def allow(self, one: Ready) -> bool:
        """Whether it may leave now. Where the store does not answer, nothing may."""
        if is_installation_stopped(self._settings):
            return False
        if time.monotonic() - self._looked_at >= self._every:
            self._look()
        return self._allowed is None or one.outbox_message_id in self._allowed

    def _look(self) -> None:
        try:
            with self._store.read(SCOPE) as work:
                self._allowed = Outbox(work).may_still_leave(self._worker, without=stopped_organizations(work))
        except Exception:  # whatever it is: what others are sending goes on, and nothing new begins
            log.exception("the switches could not be read: the rest of the batch stays")
            self._allowed = ()
        self._looked_at = time.monotonic()


def give_back(work: Work, held_back: Sequence[Ready], worker: str) -> None:
    """Messages whose turn did not come go back to the queue, or are cancelled where their person has left the sequence."""
    Outbox(work).release([one.outbox_message_id for one in held_back], worker)
    for organization_id in sorted({one.organization_id for one in held_back}):
        own = {one.enrolment_id for one in held_back if one.organization_id == organization_id}
        live = {
            one.enrolment_id
            for one in Enrolments(work).load(own, organization_id)
            if one.status in {"active", "held"}
        }  # fmt: skip
        if gone := own - live:
            Outbox(work).cancel_of(gone, organization_id)
