"""Putting many people into a sequence by one act: what would come of it, and the act itself, in parts that are short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

from domain.errors import Conflict, InvalidInput
from domain.tenancy import Actor
from serving.access.principals import Principal
from serving.crm.filtering import ContactFilters
from serving.sequences.enrolling import AT_ONCE, Door, company_counts, door_of, enrol, judge, parts_of
from serving.sequences.schemas import (
    EnrolmentBatchListOut,
    EnrolmentBatchOut,
    EnrolmentPreviewOut,
    SelectionIn,
)
from serving.sequences.service import SCOPE, own
from storage.ops.repositories.contact_lists import ContactLists
from storage.ops.repositories.enrolment_batches import EnrolmentBatches
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.saved_views import SavedViews
from storage.ops.repositories.sequences import Sequences
from storage.ops.store import Store, Work
from storage.ops.tables import EnrolmentBatch

JOB = "enrol_batch"
MOST = 50_000
"""Of one selection."""
PER_TRANSACTION = 25
"""People: SQLite has one writer at a time, and others wait for no more than these."""
DONE_AT_ONCE = 100
"""A batch of so many is done when it is answered; a larger one is the worker's."""


def preview(store: Store, principal: Principal, sequence_id: str, body: SelectionIn) -> EnrolmentPreviewOut:
    """What `start` would come to now. Raises NotFound, and InvalidInput for a selection that is none or too large."""
    with store.read(principal.scope) as work:
        own(work, sequence_id)
        contact_ids = _selected(work, principal, body)
    refused: Counter[str] = Counter()
    companies: Counter[str] = Counter()
    enrolled = 0
    with store.read(SCOPE) as work:
        door = door_of(work, Sequences(work).get(sequence_id))
        for part in parts_of(contact_ids, AT_ONCE):
            judged = judge(work, door, part)
            enrolled += len(judged.allowed)
            refused.update(judged.refused_counts)
            companies.update(company_counts(judged))
            work.session.expunge_all()
        waiting = _company_limit(work, door, companies)
    return EnrolmentPreviewOut(
        contact_count=len(contact_ids), enrolled=enrolled, refused=dict(refused),
        waiting={"company_limit": waiting} if waiting else {},
    )  # fmt: skip


def start(store: Store, principal: Principal, sequence_id: str, body: SelectionIn) -> EnrolmentBatchOut:
    """Keeps who is meant, then puts them in: few at once, many by a job. Whatever breaks off goes on by that job.

    Raises as `preview` does, and Conflict for a sequence that has ended.
    """
    with store.read(principal.scope) as work:
        row = own(work, sequence_id)
        if row.status == "ended":
            raise Conflict("this sequence has ended", hint="Make a new one of its YAML, or choose another.")
        contact_ids = _selected(work, principal, body)
    if not contact_ids:
        raise InvalidInput("nobody is selected")
    is_small = len(contact_ids) <= DONE_AT_ONCE
    with store.write(principal.scope, principal.actor) as work:
        batch = EnrolmentBatches(work).add(sequence_id, row.version, parts_of(contact_ids, PER_TRANSACTION))
        batch_id, actor = batch.enrolment_batch_id, principal.actor
        payload = {"enrolment_batch_id": batch_id, "asked_by": {"kind": actor.kind, "id": actor.id}}
        Jobs(work).enqueue(JOB, payload=payload, unique_key=f"{JOB}:{batch_id}")
    if is_small:
        carry_on(store, actor, row.organization_id, batch_id)
    return read(store, principal, batch_id)


def carry_on(
    store: Store,
    actor: Actor,
    organization_id: str,
    enrolment_batch_id: str,
    should_stop: Callable[[], bool] = lambda: False,
) -> bool:
    """Does what is left of a batch, a part in each transaction; answers whether nothing is. Raises NotFound."""
    with store.read(SCOPE) as work:
        batch = EnrolmentBatches(work).get(enrolment_batch_id)
        door = door_of(work, Sequences(work).get(batch.sequence_id), batch.version)
    while not should_stop():
        if not _next_part(store, actor, door, enrolment_batch_id):
            break
    else:
        return False
    with store.write(SCOPE, actor) as work:
        batch = EnrolmentBatches(work).hold(enrolment_batch_id, organization_id)
        if batch.status == "running":
            EnrolmentBatches(work).end(batch, "finished")
    return True


def read(store: Store, principal: Principal, enrolment_batch_id: str) -> EnrolmentBatchOut:
    with store.read(principal.scope) as work:
        return _out(EnrolmentBatches(work).get(enrolment_batch_id))


def newest(store: Store, principal: Principal, sequence_id: str) -> EnrolmentBatchListOut:
    """Raises NotFound for a sequence that is not the organization's own."""
    with store.read(principal.scope) as work:
        own(work, sequence_id)
        return EnrolmentBatchListOut(items=[_out(batch) for batch in EnrolmentBatches(work).newest(sequence_id)])


def stop(store: Store, principal: Principal, enrolment_batch_id: str) -> EnrolmentBatchOut:
    """Who is in stays in. Raises NotFound, and Conflict for one that is over."""
    with store.write(principal.scope, principal.actor) as work:
        batch = EnrolmentBatches(work).hold(enrolment_batch_id)
        if batch.status != "running":
            raise Conflict(f"this batch is {batch.status}")
        EnrolmentBatches(work).end(batch, "stopped")
        return _out(batch)


def _next_part(store: Store, actor: Actor, door: Door, enrolment_batch_id: str) -> bool:
    """Whether there was one to do. Most is asked before the store is held."""
    with store.read(SCOPE) as work:
        part = EnrolmentBatches(work).next_part(EnrolmentBatches(work).get(enrolment_batch_id))
        judged = judge(work, door, part.contact_ids) if part is not None else None
    if part is None:
        return False
    store.give_way()
    # what a power cut takes back is done again; the last transaction, which ends the batch, keeps all
    with store.write(SCOPE, actor, is_durable=False) as work:
        batch = EnrolmentBatches(work).hold(enrolment_batch_id, door.organization_id)
        if batch.status != "running":
            return False
        held = EnrolmentBatches(work).next_part(batch)
        if held is not None and held.number == part.number:
            found = enrol(work, door, held.contact_ids, {"enrolment_batch_id": enrolment_batch_id}, judged)
            EnrolmentBatches(work).settle(batch, held, len(found.allowed), found.refused_counts)
    return True


def _selected(work: Work, principal: Principal, body: SelectionIn) -> list[str]:
    """Ids, each once, in the order of the list."""
    if body.contact_ids is not None:
        return list(dict.fromkeys(body.contact_ids))
    filters: ContactFilters
    if body.filters is not None:
        filters = body.filters
    else:
        view = SavedViews(work).get(str(body.saved_view_id), principal.user_id)
        if view.entity != "contact":
            raise InvalidInput("this view is not of contacts")
        filters = ContactFilters.model_validate(view.question)
    found = ContactLists(work).ids(filters.question(principal.user_id), limit=MOST + 1)
    if len(found) > MOST:
        raise InvalidInput(f"these are more than {MOST:,} people", hint="Narrow the list, and take one part at a time.")
    return found


def _company_limit(work: Work, door: Door, companies: Counter[str]) -> int:
    """How many would wait for colleagues: those beyond what the sequence writes to at a time."""
    limit, waiting = door.definition.limits.active_per_company, 0
    for part in parts_of(sorted(companies), AT_ONCE):
        busy = Enrolments(work).busy_companies(door.sequence_id, part, door.organization_id)
        waiting += sum(max(0, companies[each] - max(0, limit - busy.get(each, 0))) for each in part)
    return waiting


def _out(batch: EnrolmentBatch) -> EnrolmentBatchOut:
    return EnrolmentBatchOut(
        enrolment_batch_id=batch.enrolment_batch_id, sequence_id=batch.sequence_id, version=batch.version,
        status=batch.status, contact_count=batch.contact_count, done_count=batch.done_count,
        enrolled=batch.enrolled_count, refused=dict(batch.refused), started_by=batch.started_by,
        created_at=batch.created_at, finished_at=batch.finished_at,
    )  # fmt: skip
