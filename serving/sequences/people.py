"""What the routes of enrolments do: people are put in, held, let go on, taken out; messages in doubt are settled."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from domain.decisions import DecisionKind
from domain.errors import Conflict
from domain.filters import parse_filters, parse_sort
from domain.settings import Settings
from serving.access.principals import Principal
from serving.crm.presenters import display_name
from serving.sending.doubts import BELIEVED, believe_sent
from serving.sequences.enrolling import door_of, enrol
from serving.sequences.rehearsing import rehearse
from serving.sequences.schemas import EnrolIn, EnrolledOut, EnrolmentListOut, EnrolmentOut, WaitOut
from serving.sequences.service import SCOPE, own
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.enrolments import FIELDS, NEWEST, Enrolments
from storage.ops.repositories.listing import sortable, types_of
from storage.ops.repositories.outbox import Outbox
from storage.ops.repositories.sequences import Sequences
from storage.ops.repositories.ways import Way
from storage.ops.store import Store, Work
from storage.ops.tables import Contact, Enrolment


def list_enrolments(
    work: Work, filters: Sequence[str], sort: str, *, limit: int, cursor: str | None
) -> EnrolmentListOut:
    found = Enrolments(work).page(
        parse_filters(filters, types_of(FIELDS)), sort=parse_sort(sort, sortable(FIELDS), NEWEST), limit=limit,
        cursor=cursor,
    )  # fmt: skip
    return EnrolmentListOut(
        items=[_out(row[0], row[1]) for row in found.rows], next_cursor=found.next_cursor, total=found.total
    )


def put_in(store: Store, principal: Principal, body: EnrolIn) -> EnrolledOut:
    """Under the system's scope once the caller's own has shown the sequence: an agency's suppressions count."""
    with store.read(principal.scope) as work:
        own(work, body.sequence_id)
    with store.write(SCOPE, principal.actor) as work:
        found = enrol(work, door_of(work, Sequences(work).get(body.sequence_id)), body.contact_ids)
    return EnrolledOut(enrolled=len(found.allowed), refused=found.refused)


def act_on(store: Store, principal: Principal, enrolment_id: str, act: str) -> EnrolmentOut:
    """Raises Conflict where the act does not fit the state."""
    with store.read(principal.scope) as work:
        own(work, Enrolments(work).get(enrolment_id).sequence_id)
    with store.write(SCOPE, principal.actor) as work:
        one = Enrolments(work).get(enrolment_id)
        wanted = {"pause": ("active",), "resume": ("paused",), "stop": ("active", "paused", "held")}.get(act, ("held",))
        if one.status not in wanted:
            raise Conflict(f"this enrolment is {one.status}", hint=f"{act} needs one that is {' or '.join(wanted)}.")
        _carry_out(work, one, act)
        Decisions(work).record(
            DecisionKind.SEQUENCE, "enrolment", enrolment_id, act, "by_hand", {"contact_id": one.contact_id},
            rule_version=f"{one.sequence_id}:{one.version}", is_act=True, organization_id=one.organization_id,
        )  # fmt: skip
        work.session.flush()
        work.session.refresh(one)
        return _out(one, work.session.get_one(Contact, one.contact_id))


def explain(store: Store, settings: Settings, principal: Principal, enrolment_id: str) -> WaitOut:
    """Why nothing leaves for somebody now: the first gate that is closed, and when it opens."""
    with store.read(principal.scope) as work:
        own(work, Enrolments(work).get(enrolment_id).sequence_id)
    with store.read(SCOPE) as work:
        one = Enrolments(work).get(enrolment_id)
        if one.status != "active" or one.next_at is None:
            return WaitOut(reason=one.reason or one.status, detail=dict(one.detail or {}), until=one.next_at)
        row = Sequences(work).get(one.sequence_id)
        found = rehearse(work, settings, row, [Way.of(one)], work.now(), switched_on=False)[0]
        until = one.next_at if one.next_at > work.now() else None
        held_by = one.reason or ("step_waits" if until else "")
        return WaitOut(reason=held_by or found.held_by or found.reason, detail=found.detail, until=found.at or until)


def _carry_out(work: Work, one: Enrolment, act: str) -> None:
    enrolments, now = Enrolments(work), work.now()
    if act == "pause":
        Outbox(work).take_back_of([one.enrolment_id], one.organization_id)
        enrolments.pause(one, "by_hand", until=None, left=max((one.next_at or now) - now, timedelta()))
    elif act == "resume":
        enrolments.resume(one)
    elif act == "stop":
        enrolments.end(one, "stopped", "by_hand")
        Outbox(work).cancel_of([one.enrolment_id], one.organization_id)
    else:
        _settle_doubt(work, one, act)
    if one.next_at is not None:
        Sequences(work).hasten([one.sequence_id], one.next_at, one.organization_id)
    work.session.flush()


def _settle_doubt(work: Work, one: Enrolment, act: str) -> None:
    """Sent: they go on behind it. Not sent: the step is tried again, as another attempt under a Message-ID of its own, or
    they leave the sequence."""
    message = next(each for each in Outbox(work).of_enrolment(one.enrolment_id) if each.status == "unknown")
    if act == "believe_sent":
        believe_sent(work, message, BELIEVED)
        work.session.expire(one)
        return
    status = "cancelled" if act == "cancel_unsent" else "refused"
    Outbox(work).settle([{"outbox_message_id": message.outbox_message_id, "status": status, "counted_at": None}])
    if act == "cancel_unsent":
        Enrolments(work).end(one, "stopped", "by_hand")
    else:
        one.attempt += 1
        one.status, one.reason, one.next_at = "active", "", work.now()


def _out(one: Enrolment, contact: Contact) -> EnrolmentOut:
    return EnrolmentOut(
        enrolment_id=one.enrolment_id, sequence_id=one.sequence_id, version=one.version, contact_id=one.contact_id,
        display_name=display_name(contact), status=one.status, reason=one.reason, detail=dict(one.detail or {}),
        step_id=one.step_id, arms=dict(one.arms or {}), sent_count=one.sent_count, next_at=one.next_at,
        mailbox_id=one.mailbox_id, created_at=one.created_at, ended_at=one.ended_at,
    )  # fmt: skip
