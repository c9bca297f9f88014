"""The loop of sending, a thread of the worker: look at what is due, hand over what is decided, and look after the rest."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
from datetime import datetime, timedelta

from sqlalchemy.exc import DBAPIError

from domain.clock import Clock, utc_now
from domain.ids import new_id
from domain.settings import Settings
from domain.tenancy import Actor, SystemScope
from serving.sending.deciding import look
from serving.sending.handing_over import HandOver, Probe, unwatched
from serving.sending.recovering import recover, refresh
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.outbox import Outbox
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Store

SCOPE, ACTOR = SystemScope("sending"), Actor.system("outreach")
CARE_EVERY = timedelta(seconds=15)
LOOKS_AT_ONCE = 50
log = logging.getLogger("leadhouse.worker")


class Engine:
    """Runs in one thread; several workers may have one each."""

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        clock: Clock = utc_now,
        stop: threading.Event | None = None,
        probe: Probe = unwatched,
    ) -> None:
        self._store, self._settings, self._clock, self._probe = store, settings, clock, probe
        self._stop = stop or threading.Event()
        self.name = f"{socket.gethostname()}:{os.getpid()}:sending:{new_id()[-6:]}"
        self._cared_at: datetime | None = None

    def run(self) -> None:
        """Until `stop` is set; what is on the wire is settled first."""
        asyncio.run(self._run())

    def drain(self, *, limit: int = 1000) -> int:
        """Decides and hands over what is due until nothing is; answers how many messages were handed over. For tests."""
        return asyncio.run(self._drain(limit))

    async def _run(self) -> None:
        hand_over = HandOver(self._store, self._settings, self.name, self._probe)
        beat = threading.Thread(target=self._keep_leases, name=f"{self.name} leases", daemon=True)
        beat.start()
        try:
            while not self._stop.is_set():
                try:
                    if not await self._round(hand_over):
                        await asyncio.to_thread(self._stop.wait, self._settings.worker.poll_seconds)
                except DBAPIError:
                    log.exception("the store did not answer; trying again in a second")
                    await asyncio.to_thread(self._stop.wait, 1)
        finally:
            await hand_over.close()

    async def _drain(self, limit: int) -> int:
        hand_over, handed = HandOver(self._store, self._settings, self.name, self._probe), 0
        self._cared_at = None
        try:
            for _ in range(limit):
                done = await self._round(hand_over)
                handed += done
                if not done and not self._decide():
                    break
        finally:
            await hand_over.close()
        return handed

    async def _round(self, hand_over: HandOver) -> int:
        """Answers how many messages were handed over."""
        if self._cared_at is None or self._clock() - self._cared_at >= CARE_EVERY:
            self._care()
            self._cared_at = self._clock()
        self._decide()
        return await hand_over.run_once()

    def _decide(self) -> int:
        """Looks at every sequence that is due; answers how many messages were decided."""
        with self._store.read(SCOPE) as work:
            due = Sequences(work).looks_due(self._clock(), limit=LOOKS_AT_ONCE)
        decided = 0
        for found in due:
            if self._stop.is_set():
                break
            decided += look(self._store, self._settings, found).sent
            self._probe("decided")
        return decided

    def _care(self) -> None:
        recover(self._store, self._settings)
        refresh(self._store)
        with self._store.write(SCOPE, ACTOR) as work:
            woken = Enrolments(work).wake_paused(self._clock(), limit=500)
            for sequence_id, organization_id in sorted(set(woken)):
                Sequences(work).hasten([sequence_id], self._clock(), organization_id)

    def _keep_leases(self) -> None:
        lease = timedelta(seconds=self._settings.outreach.lease_seconds)
        while not self._stop.wait(lease.total_seconds() / 3):
            try:
                with self._store.write(SCOPE, ACTOR) as work:
                    Outbox(work).extend(self.name, self._clock() + lease)
            except DBAPIError:
                log.warning("leases of messages could not be renewed; trying again", exc_info=True)
