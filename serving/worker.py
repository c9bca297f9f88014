"""The job loop: `python -m serving.worker`. Short jobs, long ones and those that wait for somebody else's server
have a lane (a thread) each, so that a lead is scored within a second while a large import runs."""

from __future__ import annotations

import logging
import os
import random
import signal
import socket
import threading
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import get_args

from sqlalchemy.exc import DBAPIError

from domain.clock import Clock, utc_now
from domain.errors import LeadhouseError
from domain.ids import new_id
from domain.jobs import after_failure
from domain.settings import Settings
from domain.tenancy import Actor, SystemScope
from serving.jobs.base import JobContext, JobKind, JobPaused, Lane, all_kinds
from serving.jobs.judge_health import queue_health
from serving.jobs.read_feed import queue_feeds
from serving.jobs.read_inbox import queue_inboxes
from serving.jobs.watch_service_levels import EVERY_SECONDS, queue_looks
from serving.replies.inboxes import InboxWatch
from serving.sending.engine import Engine
from storage.background import collect_rarely, stand_back
from storage.ops.repositories.jobs import ClaimedJob, Jobs, describe_error
from storage.ops.store import Store
from storage.ops.wake import Wake

log = logging.getLogger("leadhouse.worker")
SCOPE = SystemScope("worker")
ACTOR = Actor.system("worker")
_AT_ONCE: Mapping[Lane, int] = {"long": 1, "outside": 5, "leads": 1, "enrich": 1}
"""Jobs that one worker claims at once where each may take its time."""
_THREADS: Mapping[Lane, int] = {"leads": 4}
"""Workers of a lane in which somebody waits for one who waits for somebody else; one where it is not named."""
_KEEP_DONE = timedelta(days=3)
_SWEEP_EVERY = timedelta(hours=1)
_DUE: Mapping[str, Callable[[Store, Clock], int]] = {
    "clocks of service levels": queue_looks,
    "inboxes": queue_inboxes,
    "the health of mailboxes": queue_health,
    "feeds": queue_feeds,
}
"""What queues the jobs whose time is up."""


class Worker:
    """Runs jobs of one lane, or of all (`lane=None`), at least once each.

    A job that raises is retried with back-off when its error says that this can help (any error that is not ours is
    taken to be passing), and buried as a dead letter with its reason when not, or after `worker.max_attempts`.
    """

    def __init__(
        self,
        store: Store,
        settings: Settings,
        *,
        clock: Clock = utc_now,
        kinds: Mapping[str, JobKind] | None = None,
        lane: Lane | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self._store, self._settings, self._clock = store, settings, clock
        self._kinds = dict(kinds if kinds is not None else all_kinds())
        self._stop = stop or threading.Event()
        self.name = f"{socket.gethostname()}:{os.getpid()}:{lane or 'all'}:{new_id()[-6:]}"
        mine = frozenset(kind.name for kind in self._kinds.values() if kind.lane == lane)
        others = frozenset(kind.name for kind in self._kinds.values() if kind.lane != "short")
        self._only = frozenset[str]() if lane in {None, "short"} else mine or frozenset({"-"})
        self._without = others if lane == "short" else frozenset[str]()
        self._batch = settings.worker.batch if lane is None or lane == "short" else _AT_ONCE[lane]
        self._held: set[str] = set()
        self._held_lock = threading.Lock()

    def run_once(self) -> int:
        """Claims one batch, carries it out in this thread and returns how many jobs it held; 0 when nothing is due."""
        with self._store.read(SCOPE) as work:
            if not Jobs(work).is_due(now=self._clock(), only=self._only, without=self._without):
                return 0
        now = self._clock()
        with self._store.write(SCOPE, ACTOR) as work:
            jobs = Jobs(work)
            lapsed = jobs.release_lapsed(now=now, max_attempts=self._settings.worker.max_attempts)
            claimed = jobs.claim(
                self.name,
                limit=self._batch,
                now=now,
                leased_until=now + self._lease,
                only=self._only,
                without=self._without,
            )
        if lapsed:
            log.warning("%d jobs had outlived their lease", lapsed)
        with self._held_lock:
            self._held |= {job.job_id for job in claimed}
        try:
            self._carry_out(claimed)
        finally:
            with self._held_lock:
                self._held -= {job.job_id for job in claimed}
        return len(claimed)

    def drain(self, *, limit: int = 10_000) -> int:
        """Carries out what is due until nothing is; returns how many jobs that were. For tests and one-off commands."""
        done = 0
        while done < limit and (count := self.run_once()):
            done += count
        return done

    def run(self) -> None:
        """Until `stop` is set: the job in hand is finished, those claimed and not begun are given back."""
        wake = Wake(self._store)
        ended = threading.Event()
        beat = threading.Thread(target=self._keep_leases, args=(ended,), name=f"{self.name} leases", daemon=True)
        beat.start()
        try:
            while not self._stop.is_set():
                try:
                    if not self.run_once():
                        wake.wait(self._settings.worker.poll_seconds, self._stop)
                except DBAPIError:
                    log.exception("the store did not answer; trying again in a second")
                    self._stop.wait(1)
        finally:
            ended.set()
            beat.join()
            wake.close()

    @property
    def _lease(self) -> timedelta:
        return timedelta(seconds=self._settings.worker.lease_seconds)

    def _carry_out(self, claimed: list[ClaimedJob]) -> None:
        done: list[str] = []
        for position, job in enumerate(claimed):
            if self._stop.is_set():
                self._finish(done, give_back=[left.job_id for left in claimed[position:]])
                return
            if self._run(job):
                done.append(job.job_id)
        self._finish(done)

    def _run(self, job: ClaimedJob) -> bool:
        """Whether the job is done; a failure is settled here."""
        kind = self._kinds.get(job.kind)
        if kind is None:
            self._bury(job, f"unknown_kind: this version has no job called {job.kind!r}")
            return False
        context = JobContext(
            self._store,
            self._settings,
            self._clock,
            job.organization_id,
            job.job_id,
            extend_lease=lambda: self._extend([job.job_id]) == {job.job_id},
            is_stopping=self._stop.is_set,
        )
        try:
            kind.run(context, job.payload)
        except JobPaused:
            self._finish([], give_back=[job.job_id])
            return False
        except LeadhouseError as error:
            self._settle(job, error, retryable=error.retryable, retry_after=error.retry_after)
            return False
        except Exception as error:
            log.exception("job %s (%s) failed", job.job_id, job.kind)
            self._settle(job, error, retryable=True)
            return False
        return True

    def _settle(self, job: ClaimedJob, error: Exception, *, retryable: bool, retry_after: float | None = None) -> None:
        verdict = after_failure(
            job.attempts,
            max_attempts=self._settings.worker.max_attempts,
            retryable=retryable,
            chance=random.random(),
            retry_after=retry_after,
        )
        if not verdict.again:
            self._bury(job, f"{verdict.reason}: {describe_error(error)}")
            return
        now = self._clock()
        with self._store.write(SCOPE, ACTOR) as work:
            Jobs(work).retry(job.job_id, self.name, at=now + verdict.delay, error=describe_error(error), now=now)

    def _bury(self, job: ClaimedJob, reason: str) -> None:
        log.error("job %s (%s) is a dead letter: %s", job.job_id, job.kind, reason)
        with self._store.write(SCOPE, ACTOR) as work:
            Jobs(work).bury(job.job_id, self.name, error=reason, now=self._clock())

    def _finish(self, done: list[str], *, give_back: list[str] | None = None) -> None:
        if not done and not give_back:
            return
        now = self._clock()
        with self._store.write(SCOPE, ACTOR) as work:
            jobs = Jobs(work)
            if done:
                jobs.complete(done, self.name, now=now)
            if give_back:
                jobs.release(give_back, self.name, now=now)

    def _extend(self, job_ids: list[str]) -> set[str]:
        with self._store.write(SCOPE, ACTOR) as work:
            return Jobs(work).extend(job_ids, self.name, until=self._clock() + self._lease)

    def _keep_leases(self, ended: threading.Event) -> None:
        """While jobs are in hand, their leases are renewed at a third of their length."""
        while not ended.wait(self._lease.total_seconds() / 3):
            with self._held_lock:
                held = sorted(self._held)
            if held:
                try:
                    self._extend(held)
                except DBAPIError:
                    log.warning("leases could not be renewed; trying again", exc_info=True)


def run_worker(settings: Settings, stop: threading.Event, *, clock: Clock = utc_now) -> None:
    """All lanes and the engine of sequences until `stop` is set; clocks of service levels and inboxes are looked at twice a
    minute, inboxes also when something comes in, the health of mailboxes every quarter of an hour, feeds of news once
    an hour, and jobs done long ago are swept away as often."""
    store = Store.open(settings)
    lanes = [
        Worker(store, settings, clock=clock, lane=lane, stop=stop)
        for lane in get_args(Lane)
        for _ in range(_THREADS.get(lane, 1))
    ]
    threads = [threading.Thread(target=lane.run, name=lane.name) for lane in lanes]
    engine = Engine(store, settings, clock=clock, stop=stop)
    threads.append(threading.Thread(target=engine.run, name=engine.name))
    threads.append(threading.Thread(target=InboxWatch(store, settings, stop).run, name="inboxes"))
    for thread in threads:
        thread.start()
    log.info("worker ready: %s", ", ".join(sorted(all_kinds())) or "no kinds of job yet")
    try:
        swept_at = None
        while not stop.is_set():
            if swept_at is None or clock() - swept_at >= _SWEEP_EVERY:
                _sweep(store, clock)
                swept_at = clock()
            _queue_what_is_due(store, clock)
            stop.wait(EVERY_SECONDS)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        store.close()


def _queue_what_is_due(store: Store, clock: Clock) -> None:
    """A store that does not answer is asked again next time."""
    for what, queue in _DUE.items():
        try:
            queue(store, clock)
        except DBAPIError:
            log.warning("%s could not be looked at; trying again", what, exc_info=True)


def _sweep(store: Store, clock: Clock) -> None:
    while True:
        with store.write(SCOPE, ACTOR) as work:
            if Jobs(work).prune(finished_before=clock() - _KEEP_DONE) < 500:
                return


def main() -> None:
    """Entry point: settings from the environment; SIGTERM and SIGINT stop it gently."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    settings = Settings.load(os.environ, Path(".env"))
    stand_back(settings.worker.niceness, whole_session=os.getsid(0) == os.getpid())
    collect_rarely()
    run_worker(settings, stop)


if __name__ == "__main__":
    main()
