"""Refused events through today's rules: what passes now joins the inbox as of the moment it came, once.

Run as a program (`python -m serving.capture.replay [ORGANIZATION_ID]`) it replays everything that waits and prints a
report as JSON; the command line and the job `replay_rejected` both end here.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

from domain.capture import MAX_EVENT_CHARACTERS, Rejection
from domain.clock import Clock, utc_now
from domain.ids import new_id
from domain.settings import Settings
from domain.tenancy import Actor, AnyScope, Scope, SystemScope
from serving.capture.keeping import identify_payload, keep, may_hold_address, take_traits
from serving.capture.reading import MESSAGES, Refused, judge, read
from serving.capture.schemas import Event, encode
from storage.ops.inbox.base import Entry, EventRow, Inbox, JobRow
from storage.ops.inbox.opening import open_inbox
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.rejected_events import RejectedEvents
from storage.ops.store import Store
from storage.ops.tables import RejectedEvent

ROWS = 100
"""Events of one step; each step is one short transaction of the inbox and one of the rejected events."""
MOST = 100_000
ACTOR = Actor.system("replay")
IDENTIFY = "identify"


@dataclass(slots=True)
class ReplayReport:
    """What became of the events that were tried again; `duplicate_count` of the accepted were in the inbox before."""

    accepted_count: int = 0
    duplicate_count: int = 0
    rejected_count: int = 0


def replay(
    store: Store,
    scope: AnyScope,
    *,
    settings: Settings,
    clock: Clock,
    ids: Sequence[str] | None = None,
    between: Callable[[], object] = lambda: None,
) -> ReplayReport:
    """Tries every waiting event of the scope, or those named. `between` is called after each step.

    Killed between the inbox and its note, an event is tried again and found to be a duplicate.
    """
    report = ReplayReport()
    inbox = open_inbox(settings)
    try:
        for chunk in _waiting(store, scope, ids):
            _replay_some(store, inbox, chunk, report, settings, clock)
            between()
    finally:
        inbox.close()
    return report


def _waiting(store: Store, scope: AnyScope, ids: Sequence[str] | None) -> Iterator[list[RejectedEvent]]:
    """Organization by organization, for each has its own key."""
    with store.read(scope) as work:
        found = RejectedEvents(work).open(ids=ids, limit=MOST)
    found.sort(key=lambda event: event.organization_id)
    by_organization: dict[str, list[RejectedEvent]] = {}
    for event in found:
        by_organization.setdefault(event.organization_id, []).append(event)
    for events in by_organization.values():
        for start in range(0, len(events), ROWS):
            yield events[start : start + ROWS]


def _replay_some(
    store: Store, inbox: Inbox, chunk: list[RejectedEvent], report: ReplayReport, settings: Settings, clock: Clock
) -> None:
    organization_id = chunk[0].organization_id
    with store.read(Scope.of(organization_id)) as work:
        hash_key = Organizations(work).hash_key(organization_id)
    results = [_retry(rejected, inbox, hash_key, settings, clock) for rejected in chunk]
    inbox.commit([result for result in results if isinstance(result, Entry)])
    with store.write(Scope.of(organization_id), ACTOR) as work:
        events = RejectedEvents(work)
        for rejected, result in zip(chunk, results, strict=True):
            row = work.session.merge(rejected, load=True)
            if isinstance(result, Entry):
                events.note_attempt(row, got_through=True)
                report.accepted_count += 1
                report.duplicate_count += bool(result.duplicates)
            else:
                events.note_attempt(row, got_through=False, reason=result.reason, message=result.message)
                report.rejected_count += 1


def _retry(rejected: RejectedEvent, inbox: Inbox, hash_key: bytes, settings: Settings, clock: Clock) -> Entry | Refused:
    """The rows of an event that passes now, by the same steps as the collector's, or why it still does not."""
    body = rejected.body.encode()
    reading = read(body)
    if reading.is_batch or len(reading.events) != 1:
        return Refused(Rejection.SCHEMA, "One event was expected here, not a batch.", body, None)
    event = reading.events[0]
    if isinstance(event, Refused):
        return event
    if reason := judge(event, rejected.received_at, timedelta(days=settings.capture.event_keep_days)):
        return Refused(reason, MESSAGES.get(reason, "The event does not fit."), body, event.event_id)
    text, job = _kept(event, rejected, hash_key, body)
    if len(text) > MAX_EVENT_CHARACTERS:
        return Refused(Rejection.TOO_LARGE, MESSAGES[Rejection.TOO_LARGE], body, event.event_id)
    organization_id, received_at = rejected.organization_id, inbox.stamp(rejected.received_at)
    entry = Entry(
        [EventRow(organization_id, event.event_id, rejected.source, received_at, text, rejected.context)],
    )
    if job is not None:
        entry.jobs[0] = JobRow(new_id(), organization_id, IDENTIFY, job, inbox.stamp(clock()))
    return entry


def _kept(event: Event, rejected: RejectedEvent, hash_key: bytes, body: bytes) -> tuple[str, str | None]:
    user_hash = event.user_hash
    allowed = keep(event, gpc=False, dnt=False, may_hold_address=may_hold_address(body))
    job = None
    if event.traits is not None and (traits := take_traits(event, allowed, hash_key)):
        job = identify_payload(event, traits, user_hash, rejected.received_at)
    event.user_hash = None
    return encode(event).decode(), job


def main() -> None:
    settings = Settings.load(os.environ, Path(".env"))
    store = Store.open(settings)
    scope = Scope.of(sys.argv[1]) if len(sys.argv) > 1 else SystemScope("an operator replays every organization")
    report = replay(store, scope, settings=settings, clock=utc_now)
    sys.stdout.write(json.dumps(asdict(report)) + "\n")


if __name__ == "__main__":
    main()
