"""/v1/sequences, /v1/enrolments and /v1/sending: what is sent to whom, what would be, and why something is not."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from domain.outreach.sequences import schema
from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import SettingsDep, StoreDep
from serving.lists import Cursor, Filters, IfMatch, Limit, SortText
from serving.sending.resting import write_again
from serving.sending.switching import switch_organization
from serving.sequences import batches, editing, people, service, splits
from serving.sequences.finishing import when_through
from serving.sequences.letters import letters
from serving.sequences.schemas import (
    CheckIn,
    CheckOut,
    DiagnosisOut,
    DryRunIn,
    DryRunOut,
    EnrolIn,
    EnrolledOut,
    EnrolmentAct,
    EnrolmentBatchListOut,
    EnrolmentBatchOut,
    EnrolmentListOut,
    EnrolmentOut,
    EnrolmentPreviewOut,
    FinishOut,
    HitListOut,
    LettersIn,
    LettersOut,
    MessageListOut,
    SelectionIn,
    SendingOut,
    SendingSwitch,
    SequenceChange,
    SequenceDetailOut,
    SequenceIn,
    SequenceListOut,
    SplitReadingListOut,
    SwitchIn,
    VersionListOut,
    VersionTextOut,
    WaitOut,
)

router = APIRouter(prefix="/v1", tags=["sequences"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.SEQUENCES_READ)]
Writer = Annotated[Principal, may(Permission.SEQUENCES_WRITE)]


@router.get("/sequences")
def list_sequences(store: StoreDep, principal: Reader) -> SequenceListOut:
    """All sequences of the organization, with how many people and messages are in which state."""
    with store.read(principal.scope) as work:
        return service.list_sequences(work)


@router.get("/sequences/schema")
def read_sequence_schema(principal: Reader) -> dict[str, Any]:  # noqa: ARG001  it is for those who may read
    """JSON Schema of the document."""
    return schema()


@router.post("/sequences", status_code=201)
def create_sequence(body: SequenceIn, store: StoreDep, principal: Writer, response: Response) -> SequenceDetailOut:
    """A draft. 422 names every fault of the document and where it is."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.create(work, body.source))


@router.post("/sequences/letters")
def preview_letters(body: LettersIn, store: StoreDep, principal: Reader, settings: SettingsDep) -> LettersOut:
    """The messages of a document as somebody would read them, each with what to look at. Nothing is kept or sent."""
    with store.read(principal.scope) as work:
        return letters(work, settings, body)


@router.post("/sequences/check")
def check_sequence(body: CheckIn, principal: Reader) -> CheckOut:  # noqa: ARG001  it is for those who may read
    """For editors: works a changed document into its YAML, whose other lines stay as they are, or reads the YAML; and says
    what is wrong, step by step. Nothing is saved."""
    return editing.check(body)


@router.get("/sequences/{sequence_id}")
def read_sequence(sequence_id: str, store: StoreDep, principal: Reader, response: Response) -> SequenceDetailOut:
    """With its YAML, exactly as it was written."""
    with store.read(principal.scope) as work:
        return etags.tagged(response, service.detail(work, sequence_id))


@router.put("/sequences/{sequence_id}")
def change_sequence(
    *,
    sequence_id: str,
    body: SequenceChange,
    store: StoreDep,
    principal: Writer,
    response: Response,
    if_match: IfMatch = None,
) -> SequenceDetailOut:
    """A new version, for those who are enrolled from now on."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.change(work, sequence_id, body, if_match))


@router.get("/sequences/{sequence_id}/versions")
def list_sequence_versions(sequence_id: str, store: StoreDep, principal: Reader) -> VersionListOut:
    """All versions with their notes, newest first."""
    with store.read(principal.scope) as work:
        return editing.versions(work, sequence_id)


@router.get("/sequences/{sequence_id}/versions/{version}")
def read_sequence_version(sequence_id: str, version: int, store: StoreDep, principal: Reader) -> VersionTextOut:
    """One version as it was written."""
    with store.read(principal.scope) as work:
        return editing.version(work, sequence_id, version)


@router.post("/sequences/{sequence_id}/switch")
def switch_sequence(sequence_id: str, body: SwitchIn, store: StoreDep, principal: Writer) -> SequenceDetailOut:
    """Starts, pauses or ends it. What stands in the queue of a paused one does not leave."""
    with store.write(principal.scope, principal.actor) as work:
        return service.switch(work, sequence_id, body)


@router.post("/sequences/{sequence_id}/dry-run")
def rehearse_sequence(
    sequence_id: str, body: DryRunIn, store: StoreDep, principal: Reader, settings: SettingsDep
) -> DryRunOut:
    """Who would get what, when and from which mailbox, and who not and why. Nothing is written or sent."""
    return service.dry_run(store, settings, principal, sequence_id, body.contact_ids)


@router.get("/sequences/{sequence_id}/finish")
def estimate_finish(
    sequence_id: str,
    store: StoreDep,
    principal: Reader,
    settings: SettingsDep,
    people: Annotated[int, Query(ge=0, le=10_000_000, description="So many more than are in it.")] = 0,
) -> FinishOut:
    """When it would be through if it were started now, and the limit that decides it. Nothing is written or sent."""
    return when_through(store, settings, principal, sequence_id, people)


@router.get("/sequences/{sequence_id}/diagnosis")
def diagnose_sequence(sequence_id: str, store: StoreDep, principal: Reader, settings: SettingsDep) -> DiagnosisOut:
    """Why it is not sending: the first gate that is closed, and what holds up people one by one."""
    return service.diagnose(store, settings, principal, sequence_id)


@router.get("/sequences/{sequence_id}/splits")
def read_splits(
    sequence_id: str,
    store: StoreDep,
    principal: Reader,
    goal: splits.Goal = "reply",
    least_lift: Annotated[float, Query(gt=0, le=5)] = 0.25,
) -> SplitReadingListOut:
    """What may be concluded of each A/B step now, by answers (`reply`) or by those that want to hear more
    (`positive_reply`). One may look as often as one likes. `least_lift`: the smallest relative change worth finding."""
    with store.read(principal.scope) as work:
        return splits.read_splits(work, sequence_id, goal, least_lift)


@router.get("/sequences/{sequence_id}/messages")
def list_messages(
    sequence_id: str,
    store: StoreDep,
    principal: Reader,
    status: Annotated[str, Query(max_length=10)] = "",
    limit: Limit = 100,
) -> MessageListOut:
    """The newest messages; `status=unknown` are those that may have left or not."""
    with store.read(principal.scope) as work:
        return service.messages(work, sequence_id, status, limit)


@router.get("/messages/{outbox_message_id}/hits")
def list_hits(outbox_message_id: str, store: StoreDep, principal: Reader) -> HitListOut:
    """Who asked for the picture and the links of a message, in order; programs are flagged with the reasons."""
    with store.read(principal.scope) as work:
        return service.hits(work, outbox_message_id)


@router.get("/enrolments")
def list_enrolments(
    *,
    store: StoreDep,
    principal: Reader,
    filters: Filters = [],  # noqa: B006  FastAPI copies it
    sort: SortText = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> EnrolmentListOut:
    """A page of people in sequences, newest first unless `sort` says otherwise."""
    with store.read(principal.scope) as work:
        return people.list_enrolments(work, filters, sort, limit=limit, cursor=cursor)


@router.post("/enrolments", status_code=201)
def enrol_contacts(body: EnrolIn, store: StoreDep, principal: Writer) -> EnrolledOut:
    """Puts up to 500 contacts into a sequence; those who may not be in it are answered with the reason."""
    return people.put_in(store, principal, body)


@router.post("/sequences/{sequence_id}/enrolment-preview")
def preview_enrolment(sequence_id: str, body: SelectionIn, store: StoreDep, principal: Reader) -> EnrolmentPreviewOut:
    """How many of a selection would be put in now, and how many not, by reason. Nothing is written."""
    return batches.preview(store, principal, sequence_id, body)


@router.post("/sequences/{sequence_id}/enrolment-batches", status_code=202)
def create_enrolment_batch(
    sequence_id: str, body: SelectionIn, store: StoreDep, principal: Writer
) -> EnrolmentBatchOut:
    """Puts a selection in: up to 100 people before it answers, more by the worker. Who was put in already is refused as
    such, so that the same again does no harm."""
    return batches.start(store, principal, sequence_id, body)


@router.get("/sequences/{sequence_id}/enrolment-batches")
def list_enrolment_batches(sequence_id: str, store: StoreDep, principal: Reader) -> EnrolmentBatchListOut:
    """The newest twenty."""
    return batches.newest(store, principal, sequence_id)


@router.get("/enrolment-batches/{enrolment_batch_id}")
def read_enrolment_batch(enrolment_batch_id: str, store: StoreDep, principal: Reader) -> EnrolmentBatchOut:
    """How far it is, and what came of it so far."""
    return batches.read(store, principal, enrolment_batch_id)


@router.post("/enrolment-batches/{enrolment_batch_id}/stop")
def stop_enrolment_batch(enrolment_batch_id: str, store: StoreDep, principal: Writer) -> EnrolmentBatchOut:
    """What is not done yet is left; who is in stays in."""
    return batches.stop(store, principal, enrolment_batch_id)


@router.post("/enrolments/{enrolment_id}/act")
def act_on_enrolment(enrolment_id: str, body: EnrolmentAct, store: StoreDep, principal: Writer) -> EnrolmentOut:
    """Pauses, resumes or stops somebody's way, or says what to believe of a message in doubt."""
    return people.act_on(store, principal, enrolment_id, body.act)


@router.get("/enrolments/{enrolment_id}/diagnosis")
def diagnose_enrolment(enrolment_id: str, store: StoreDep, principal: Reader, settings: SettingsDep) -> WaitOut:
    """Why nothing leaves for this person now, and when it may."""
    return people.explain(store, settings, principal, enrolment_id)


@router.post("/contacts/{contact_id}/write-again", status_code=204)
def write_to_contact_again(contact_id: str, store: StoreDep, principal: Writer) -> None:
    """Ends the rest of an address after soft bounces; what stood still for it goes on. 409 where it does not rest."""
    with store.write(principal.scope, principal.actor) as work:
        write_again(work, contact_id)


@router.get("/sending")
def read_sending(store: StoreDep, principal: Reader, settings: SettingsDep) -> SendingOut:
    """The switches of the installation, the agency and the organization, and who switched them off, when and why."""
    return service.sending(store, settings, principal)


@router.put("/sending")
def switch_sending(body: SendingSwitch, store: StoreDep, principal: Writer, settings: SettingsDep) -> SendingOut:
    """Stops everything the organization sends, or lets it go on; an agency's switch holds for its clients as well."""
    with store.write(principal.scope, principal.actor) as work:
        switch_organization(work, is_stopped=body.is_stopped, why=body.reason.strip())
    return service.sending(store, settings, principal)
