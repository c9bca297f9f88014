"""What the routes of sequences do: written, switched, rehearsed, explained."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from domain.errors import Conflict
from domain.outreach.hits import HitKind
from domain.outreach.sequences import written
from domain.settings import Settings
from domain.tenancy import SystemScope
from serving import etags
from serving.access.principals import Principal
from serving.crm.presenters import display_name
from serving.ownership import require_own
from serving.sending import switches
from serving.sending.gathering import company_of, definition_for
from serving.sending.installation import is_installation_stopped
from serving.sending.switching import StopOut, SwitchedOut, last_switched, stops
from serving.sequences.documents import read_document
from serving.sequences.editing import text_of
from serving.sequences.rehearsing import Rehearsed, newcomer, rehearse
from serving.sequences.schemas import (
    DiagnosisOut,
    DryRunOut,
    HeldUpOut,
    HitCountsOut,
    HitListOut,
    HitOut,
    MessageListOut,
    MessageOut,
    RehearsalOut,
    SendingOut,
    SequenceChange,
    SequenceDetailOut,
    SequenceListOut,
    SequenceOut,
    SwitchIn,
    WaitOut,
)
from serving.sequences.yaml_text import plain
from serving.yaml_documents import load_document
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.repositories.message_hits import MessageHits
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.outbox import MessageEvents, Outbox, Told
from storage.ops.repositories.outreach_facts import Known, OutreachFacts
from storage.ops.repositories.sequences import Sequences
from storage.ops.repositories.ways import Way
from storage.ops.store import Store, Work
from storage.ops.tables import OutreachSequence

SCOPE = SystemScope("sending")
"""An agency's suppressions hold for its clients, whose own scope cannot read them: whoever may ask was asked before."""
REHEARSED = 200


def list_sequences(work: Work) -> SequenceListOut:
    rows = Sequences(work).of_organization()
    return SequenceListOut(items=_shown_all(work, rows))


def create(work: Work, source: str) -> SequenceDetailOut:
    sequence = read_document(source)
    made = Sequences(work).add(sequence.name, written(sequence), source)
    return detail(work, made.sequence_id)


def change(work: Work, sequence_id: str, body: SequenceChange, if_match: str | None) -> SequenceDetailOut:
    row = own(work, sequence_id)
    etags.check_tag(if_match, _tag(row))
    sequence = read_document(body.source)
    Sequences(work).put(row, sequence.name, written(sequence), body.source, body.note)
    return detail(work, sequence_id)


def detail(work: Work, sequence_id: str) -> SequenceDetailOut:
    row = Sequences(work).get(sequence_id)
    version = Sequences(work).version(sequence_id, row.version)
    return SequenceDetailOut(
        **_shown_all(work, [row])[0].model_dump(),
        source=text_of(version),
        document=plain(load_document(text_of(version))),
        standing=Enrolments(work).standing(sequence_id),
        definition=version.definition,
        events=MessageEvents(work).counts(sequence_id),
        hits=_hit_counts(work, sequence_id),
    )


def switch(work: Work, sequence_id: str, body: SwitchIn) -> SequenceDetailOut:
    """Raises Conflict for one that was ended: what it said of people stays as it is."""
    row = own(work, sequence_id)
    if row.status == "ended" and body.status != "ended":
        raise Conflict("this sequence was ended", hint="Make a new one of its YAML.")
    Sequences(work).set_status(row, body.status, body.reason.strip())
    return detail(work, sequence_id)


def dry_run(
    store: Store, settings: Settings, principal: Principal, sequence_id: str, contact_ids: list[str]
) -> DryRunOut:
    with store.read(principal.scope) as work:
        own(work, sequence_id)
    with store.read(SCOPE) as work:
        row = Sequences(work).get(sequence_id)
        wanted = contact_ids or Enrolments(work).on_the_way(sequence_id, row.organization_id, limit=REHEARSED)
        people = OutreachFacts(work).people(wanted, row.organization_id)
        live = {
            one.contact_id: Way.of(one)
            for one in Enrolments(work).live_of(people, row.organization_id)
            if one.sequence_id == sequence_id
        }
        definition = definition_for(work, sequence_id, row.version)
        found = rehearse(
            work, settings, row,
            [
                live.get(each) or newcomer(row, definition, each, company_of(people[each]), work.now())
                for each in dict.fromkeys(wanted)
                if each in people
            ],
            work.now(), switched_on=True,
        )  # fmt: skip
        lines = [_rehearsal(one, people) for one in found]
    strangers = [_unknown(each) for each in contact_ids if each not in people]
    times = [one.at for one in found if one.outcome == "send" and one.at]
    return DryRunOut(items=[*lines, *strangers], last_at=max(times, default=None))


def diagnose(store: Store, settings: Settings, principal: Principal, sequence_id: str) -> DiagnosisOut:
    """The gates in the order in which the engine asks them."""
    closed = stops(store, settings, principal)
    with store.read(principal.scope) as work:
        row = own(work, sequence_id)
        if not closed and row.status != "active":
            closed = [_stop_of(row, last_switched(work, "sequence", [sequence_id]).get(sequence_id))]
        shut = closed[0].reason if closed else ""
        gate = WaitOut(reason=shut, detail={}, until=None) if shut else _waiting(row)
        return DiagnosisOut(
            status=row.status,
            gate=gate,
            stop=closed[0] if closed else None,
            people=[HeldUpOut(status=each[0], reason=each[1], count=each[2]) for each in Enrolments(work).reasons(sequence_id)],
            next_due_at=Enrolments(work).next_due(sequence_id),
            unknown_count=Sequences(work).messages([sequence_id]).get(sequence_id, {}).get("unknown", 0),
        )  # fmt: skip


def messages(work: Work, sequence_id: str, status: str, limit: int) -> MessageListOut:
    Sequences(work).get(sequence_id)
    return MessageListOut(
        items=[_message(told) for told in Outbox(work).of_sequence(sequence_id, status=status, limit=limit)]
    )


def hits(work: Work, outbox_message_id: str) -> HitListOut:
    """Raises NotFound."""
    message = Outbox(work).get(outbox_message_id)
    found = MessageHits(work).of_message(message.outbox_message_id)
    return HitListOut(items=[HitOut.model_validate(hit) for hit in found])


def _message(told: Told) -> MessageOut:
    row = told.message
    return MessageOut(
        outbox_message_id=row.outbox_message_id, enrolment_id=row.enrolment_id, contact_id=row.contact_id,
        display_name=display_name(told.contact), email=told.contact.email or "", step_id=row.step_id,
        mailbox_id=row.mailbox_id, mailbox=told.mailbox.address, status=row.status, tries=row.tries,
        reply_code=row.reply_code, reply_text=row.reply_text, message_id=row.message_id, decided_at=row.decided_at,
        first_tried_at=row.first_tried_at, sent_at=row.sent_at, enrolment_status=told.enrolment.status,
    )  # fmt: skip


def _hit_counts(work: Work, sequence_id: str) -> HitCountsOut:
    found = MessageHits(work).count_of_messages(sequence_id)
    return HitCountsOut(
        opened=found.get((HitKind.OPENED, False), 0),
        opened_by_machines=found.get((HitKind.OPENED, True), 0),
        clicked=found.get((HitKind.CLICKED, False), 0),
        clicked_by_machines=found.get((HitKind.CLICKED, True), 0),
    )


def sending(store: Store, settings: Settings, principal: Principal) -> SendingOut:
    with store.read(principal.scope) as work:
        held = OrganizationSettings(work).current(switches.SETTING)
    value: Mapping[str, Any] = held.value if held else {}
    return SendingOut(
        is_stopped=bool(value.get("is_stopped")),
        reason=str(value.get("reason", "")),
        is_installation_stopped=is_installation_stopped(settings),
        stops=stops(store, settings, principal),
    )


def own(work: Work, sequence_id: str) -> OutreachSequence:
    """A sequence of the chosen organization itself. Raises NotFound for a client's."""
    row = Sequences(work).get(sequence_id)
    require_own(work, row.organization_id, "sequence")
    return row


def _shown_all(work: Work, rows: list[OutreachSequence]) -> list[SequenceOut]:
    ids = [row.sequence_id for row in rows]
    sequences, switched = Sequences(work), last_switched(work, "sequence", ids)
    people, sent, versions = sequences.people(ids), sequences.messages(ids), sequences.current_versions(rows)
    return [
        SequenceOut(
            sequence_id=row.sequence_id,
            campaign_id=row.campaign_id,
            name=row.name,
            status=row.status,
            version=row.version,
            step_count=len(versions[row.sequence_id].definition["steps"]),
            people=people.get(row.sequence_id, {}),
            messages=sent.get(row.sequence_id, {}),
            waiting=_waiting(row),
            switched=switched.get(row.sequence_id),
            updated_at=row.updated_at,
            etag=_tag(row),
        )
        for row in rows
    ]


def _stop_of(row: OutreachSequence, last: SwitchedOut | None) -> StopOut:
    reason = f"sequence_{row.status}"
    if last is None:
        return StopOut(reason=reason, by="", at=None, why=row.status_reason)
    return StopOut(reason=reason, by=last.by, at=last.at, why=last.why)


def _tag(row: OutreachSequence) -> str:
    """Of what is written; the row itself changes whenever the engine has looked at it."""
    return etags.tag_of_version(row.version)


def _waiting(row: OutreachSequence) -> WaitOut | None:
    held = row.waiting or {}
    if not held:
        return None
    until = datetime.fromisoformat(held["until"]) if held.get("until") else None
    return WaitOut(reason=held["reason"], detail=held.get("detail", {}), until=until)


def _rehearsal(one: Rehearsed, people: Mapping[str, Known]) -> RehearsalOut:
    content = one.draft.content if one.draft else None
    return RehearsalOut(
        contact_id=one.contact_id, display_name=display_name(people[one.contact_id].contact), step_id=one.step_id,
        outcome=one.outcome, reason=one.reason, detail=one.detail, at=one.at, mailbox=one.mailbox,
        subject=content.subject if content else "", text=content.text if content else "",
    )  # fmt: skip


def _unknown(contact_id: str) -> RehearsalOut:
    return RehearsalOut(
        contact_id=contact_id, display_name="", step_id="", outcome="stop", reason="unknown_contact", detail={}, at=None,
        mailbox="", subject="", text="",
    )  # fmt: skip
