"""Jobs: queued in the transaction that needs them, claimed in batches under a lease, kept when they keep failing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, case, delete, func, insert, select, text, update

from domain.errors import NotAllowed
from domain.ids import new_id
from domain.tenancy import Scope
from storage.ops.insertion import upsertion
from storage.ops.repositories.base import delete_some
from storage.ops.store import Work
from storage.ops.tables import Job

WAKE_CHANNEL = "leadhouse_jobs"
"""What PostgreSQL notifies when a job is queued; on SQLite the file itself tells (PRAGMA data_version)."""


@dataclass(frozen=True, slots=True)
class ClaimedJob:
    """A job that is ours until the lease ends. `attempts` counts this one."""

    job_id: str
    organization_id: str
    kind: str
    payload: dict[str, Any]
    priority: int
    attempts: int
    run_at: datetime


class Jobs:
    """Every query on jobs. Claiming and finishing are the worker's, under a SystemScope."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._session = work.session
        self._dialect = work.session.get_bind().dialect.name

    def enqueue(
        self,
        kind: str,
        *,
        organization_id: str | None = None,
        payload: Mapping[str, Any] | None = None,
        run_at: datetime | None = None,
        unique_key: str | None = None,
        priority: int = 0,
    ) -> str:
        """Queues one job and returns its id; with a `unique_key`, the id of the job already waiting under it.

        The key counts within the organization. Higher `priority` goes first, then the older `run_at`.
        """
        organization_id = self._target(organization_id)
        key = f"{organization_id}:{unique_key}" if unique_key else None
        values = {**self._ready(organization_id, kind, payload or {}), "unique_key": key, "priority": priority}
        job_id: str = values["job_id"]
        if run_at is not None:
            values["run_at"] = run_at
        if key is None:
            self._session.execute(insert(Job), [values])
        else:
            job_id = self._enqueue_once(values)
        self._wake()
        return job_id

    def _ready(self, organization_id: str, kind: str, payload: Mapping[str, Any]) -> dict[str, Any]:
        """The row of a job that may be claimed at once."""
        now = self._work.now()
        return {
            "job_id": new_id(),
            "organization_id": organization_id,
            "kind": kind,
            "payload": dict(payload),
            "status": "ready",
            "priority": 0,
            "run_at": now,
            "attempts": 0,
            "last_error": "",
            "created_at": now,
            "updated_at": now,
        }

    def _enqueue_once(self, values: Mapping[str, Any]) -> str:
        statement = (
            upsertion(Job, self._session.get_bind().dialect)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["unique_key"])
        )
        while True:  # a job found waiting may be claimed, and its key cleared, before it is read: then ours goes in
            self._session.execute(statement)
            found = self._session.scalar(select(Job.job_id).where(Job.unique_key == values["unique_key"]))
            if found is not None:
                return found

    def waits_under(self, unique_key: str, *, organization_id: str | None = None) -> bool:
        """Whether a job waits under a key."""
        key = f"{self._target(organization_id)}:{unique_key}"
        return self._session.scalar(select(Job.job_id).where(Job.unique_key == key, Job.status == "ready")) is not None

    def withdraw(self, unique_key: str, *, organization_id: str | None = None) -> dict[str, Any] | None:
        """Takes back the job that waits under a key; answers its payload, or None where none waits: it was claimed, done
        or never queued. Of two who try, one gets it."""
        key = f"{self._target(organization_id)}:{unique_key}"
        found = self._session.execute(
            delete(Job)
            .where(Job.unique_key == key, Job.status == "ready")
            .returning(Job.payload)
            .execution_options(synchronize_session=False)
        ).first()
        return dict(found[0]) if found else None

    def enqueue_each(self, kind: str, payloads: Mapping[str, Mapping[str, Any]], *, organization_id: str) -> None:
        """Queues jobs by their unique keys, in one statement; those that wait already stay as they are."""
        organization_id = self._target(organization_id)
        rows = [
            {**self._ready(organization_id, kind, payload), "unique_key": f"{organization_id}:{unique_key}"}
            for unique_key, payload in sorted(payloads.items())
        ]
        if rows:
            statement = upsertion(Job, self._session.get_bind().dialect)
            self._session.execute(statement.on_conflict_do_nothing(index_elements=["unique_key"]), rows)
            self._wake()

    def enqueue_many(self, kind: str, payloads: Iterable[Mapping[str, Any]], *, organization_id: str) -> int:
        """Queues many jobs of one kind without keys; returns how many."""
        organization_id = self._target(organization_id)
        rows = [self._ready(organization_id, kind, payload) for payload in payloads]
        if rows:
            self._session.execute(insert(Job), rows)
            self._wake()
        return len(rows)

    def is_waiting(self, kind: str, organization_id: str | None = None) -> bool:
        """Whether an organization has a job of this kind that is not done."""
        asked = select(Job.job_id).where(
            Job.organization_id == self._target(organization_id), Job.kind == kind, Job.status.in_(("ready", "running"))
        )
        return self._session.execute(asked.limit(1)).first() is not None

    def is_due(self, *, now: datetime, only: Collection[str] = (), without: Collection[str] = ()) -> bool:
        """Whether a claim would find something: a cheap read, so that an idle worker never takes the write lock."""
        ready = select(Job.job_id).where(Job.status == "ready", Job.run_at <= now, *_kinds(only, without)).limit(1)
        lapsed = select(Job.job_id).where(Job.status == "running", Job.leased_until < now).limit(1)
        return any(self._session.execute(statement).first() is not None for statement in (ready, lapsed))

    def claim(
        self,
        worker: str,
        *,
        limit: int,
        now: datetime,
        leased_until: datetime,
        only: Collection[str] = (),
        without: Collection[str] = (),
    ) -> list[ClaimedJob]:
        """Up to `limit` due jobs, highest priority first, now leased to `worker`; no other worker gets them.

        Takes one priority after another along the index, so that neither a long backlog nor a long list of jobs for
        later is sorted or walked while the lock is held.
        """
        claimed: list[ClaimedJob] = []
        priority = self._next_priority(None)
        while priority is not None and len(claimed) < limit:
            due = (
                select(Job.job_id)
                .where(Job.status == "ready", Job.priority == priority, Job.run_at <= now, *_kinds(only, without))
                .order_by(Job.run_at, Job.job_id)
                .limit(limit - len(claimed))
            )
            if self._dialect == "postgresql":
                due = due.with_for_update(skip_locked=True)
            once = select(due.cte("due").c.job_id)  # as a subquery PostgreSQL may run it again, past its limit
            claimed += self._lease(once, worker, now=now, leased_until=leased_until)
            priority = self._next_priority(priority)
        return claimed

    def release_lapsed(self, *, now: datetime, max_attempts: int) -> int:
        """Gives back jobs whose lease ended (their worker died); those out of attempts become dead letters."""
        lapsed = (Job.status == "running", Job.leased_until < now)
        exhausted = Job.attempts >= max_attempts
        found = self._session.execute(
            update(Job)
            .where(*lapsed)
            .values(
                status=case((exhausted, "dead"), else_="ready"),
                finished_at=case((exhausted, now), else_=None),
                last_error=case((exhausted, "lease_lapsed: the worker did not finish in time"), else_=Job.last_error),
                leased_by=None,
                leased_until=None,
                updated_at=now,
            )
            .returning(Job.job_id)
            .execution_options(synchronize_session=False)
        )
        return len(found.all())

    def extend(self, job_ids: Sequence[str], worker: str, *, until: datetime) -> set[str]:
        """Keeps the lease alive; returns the ids that are still ours."""
        found = self._session.execute(
            update(Job)
            .where(Job.job_id.in_(job_ids), *_held_by(worker))
            .values(leased_until=until)
            .returning(Job.job_id)
            .execution_options(synchronize_session=False)
        )
        return set(found.scalars())

    def complete(self, job_ids: Sequence[str], worker: str, *, now: datetime) -> int:
        """Marks jobs done; those that lapsed to another worker meanwhile are left to it."""
        found = self._session.execute(
            update(Job)
            .where(Job.job_id.in_(job_ids), *_held_by(worker))
            .values(status="done", leased_by=None, leased_until=None, finished_at=now, last_error="", updated_at=now)
            .returning(Job.job_id)
            .execution_options(synchronize_session=False)
        )
        return len(found.all())

    def retry(self, job_id: str, worker: str, *, at: datetime, error: str, now: datetime) -> None:
        """Back to ready, for a later moment."""
        self._end(job_id, worker, now, status="ready", run_at=at, last_error=error)

    def bury(self, job_id: str, worker: str, *, error: str, now: datetime) -> None:
        """A dead letter: kept with its reason until a person requeues it."""
        self._end(job_id, worker, now, status="dead", last_error=error, finished_at=now)

    def release(self, job_ids: Sequence[str], worker: str, *, now: datetime) -> None:
        """Gives jobs back that were claimed and not carried out; the attempt does not count."""
        for job_id in job_ids:
            self._end(job_id, worker, now, status="ready", attempts=Job.attempts - 1)

    def requeue_dead(self, job_ids: Sequence[str] | None = None, *, kind: str | None = None) -> int:
        """Makes dead letters ready again with all their attempts; all of the scope's, or those named."""
        conditions = [Job.status == "dead", *self._own()]
        if job_ids is not None:
            conditions.append(Job.job_id.in_(job_ids))
        if kind is not None:
            conditions.append(Job.kind == kind)
        now = self._work.now()
        found = self._session.execute(
            update(Job)
            .where(*conditions)
            .values(status="ready", attempts=0, run_at=now, finished_at=None, updated_at=now)
            .returning(Job.job_id)
            .execution_options(synchronize_session=False)
        ).all()
        if found:
            self._wake()
        return len(found)

    def get(self, job_id: str) -> Job | None:
        """One job of the scope, or none."""
        return self._session.scalar(select(Job).where(Job.job_id == job_id, *self._own()))

    def dead(self, *, limit: int = 100) -> list[Job]:
        """The newest dead letters of the scope."""
        statement = select(Job).where(Job.status == "dead", *self._own()).order_by(Job.finished_at.desc(), Job.job_id)
        return list(self._session.scalars(statement.limit(limit)))

    def counts(self) -> dict[str, int]:
        """How many jobs of the scope are in each status."""
        statement = select(Job.status, func.count()).where(*self._own()).group_by(Job.status)
        return {str(row[0]): int(row[1]) for row in self._session.execute(statement)}

    def prune(self, *, finished_before: datetime, limit: int = 500) -> int:
        """Deletes jobs done before then, at most `limit` (so that the lock is short); dead letters stay."""
        is_old = Job.finished_at < finished_before
        return delete_some(self._session, Job.job_id, Job.status == "done", is_old, limit=limit)

    def _next_priority(self, below: int | None) -> int | None:
        conditions = [Job.status == "ready"] if below is None else [Job.status == "ready", Job.priority < below]
        return self._session.scalar(select(func.max(Job.priority)).where(*conditions))

    def _lease(self, due: Any, worker: str, *, now: datetime, leased_until: datetime) -> list[ClaimedJob]:
        statement = (
            update(Job)
            .where(Job.job_id.in_(due))
            .values(
                status="running",
                unique_key=None,
                leased_by=worker,
                leased_until=leased_until,
                attempts=Job.attempts + 1,
                updated_at=now,
            )
            .returning(Job.job_id, Job.organization_id, Job.kind, Job.payload, Job.priority, Job.attempts, Job.run_at)
            .execution_options(synchronize_session=False)
        )
        rows: list[Any] = list(self._session.execute(statement))
        return sorted((ClaimedJob(*row) for row in rows), key=lambda job: (job.run_at, job.job_id))

    def _end(self, job_id: str, worker: str, now: datetime, **values: Any) -> None:
        self._session.execute(
            update(Job)
            .where(Job.job_id == job_id, *_held_by(worker))
            .values(leased_by=None, leased_until=None, updated_at=now, **values)
            .execution_options(synchronize_session=False)
        )

    def _own(self) -> list[ColumnElement[bool]]:
        scope = self._work.scope
        return [Job.organization_id.in_(sorted(scope.readable_ids))] if isinstance(scope, Scope) else []

    def _target(self, organization_id: str | None) -> str:
        scope = self._work.scope
        if isinstance(scope, Scope):
            if organization_id not in {None, scope.organization_id}:
                raise NotAllowed("this unit of work writes in another organization")
            return scope.organization_id
        if organization_id is None:
            raise ValueError("a job belongs to an organization: name it, or queue it under a Scope")
        return organization_id

    def _wake(self) -> None:
        if self._dialect == "postgresql":
            self._session.execute(text("select pg_notify(:channel, '')"), {"channel": WAKE_CHANNEL})


def _held_by(worker: str) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Job.status == "running", Job.leased_by == worker


def _kinds(only: Collection[str], without: Collection[str]) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if only:
        conditions.append(Job.kind.in_(sorted(only)))
    if without:
        conditions.append(Job.kind.not_in(sorted(without)))
    return conditions


def describe_error(error: BaseException, *, limit: int = 2000) -> str:
    """`code: message` for a job's `last_error`, shortened."""
    code = getattr(error, "code", type(error).__name__)
    return f"{code}: {error}"[:limit].replace("\x00", "")
