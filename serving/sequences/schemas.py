"""What the routes of sequences and enrolments take and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from serving.crm.filtering import ContactFilters
from serving.deliverability.schemas import RemarkOut
from serving.experiments.schemas import ArmReadingOut, GuardrailOut
from serving.sending.switching import StopOut, SwitchedOut


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class SequenceIn(Body):
    """The YAML of a sequence; `GET /v1/sequences/schema` describes it."""

    source: str = Field(min_length=1, max_length=500_000)


class LettersIn(SequenceIn):
    """`contact_id`: for whom; without one, for somebody of whom nothing is known."""

    contact_id: str | None = Field(None, max_length=36)


class LetterOut(BaseModel):
    """A message as it would be read. `missing`: variables without a value or fallback; it would not leave. `remarks`: what
    to look at, worst first."""

    step_id: str
    subject: str
    text: str
    html: str
    is_first: bool
    missing: list[str]
    remarks: list[RemarkOut]


class LettersOut(BaseModel):
    items: list[LetterOut]


class SequenceChange(SequenceIn):
    """A new version. `note`: what was changed, for whoever looks at it later."""

    note: str = Field("", max_length=300)


class CheckIn(Body):
    """YAML, and what it is to say now; without a document, what it says is answered."""

    source: str = Field(max_length=500_000)
    document: dict[str, Any] | None = None


class FaultOut(BaseModel):
    """`step` counts from 0 and is none for what is about the whole; `field` is such as `days` or `arms[1].next`."""

    message: str
    step: int | None = None
    field: str = ""


class CheckOut(BaseModel):
    """`source` says `document`, which is none where it is no YAML; without problems it may be saved."""

    source: str
    document: dict[str, Any] | None
    problems: list[FaultOut]


class VersionOut(BaseModel):
    version: int
    note: str
    created_by: str
    created_at: datetime
    step_count: int


class VersionTextOut(VersionOut):
    source: str


class VersionListOut(BaseModel):
    """Newest first."""

    items: list[VersionOut]


class SwitchIn(Body):
    status: Literal["active", "paused", "ended"]
    reason: str = Field("", max_length=200)


class SendingSwitch(Body):
    """The switch of an organization: while it is off, none of its messages leave."""

    is_stopped: bool
    reason: str = Field("", max_length=200)


class SendingOut(SendingSwitch):
    """`stops`: every switch that is off above its sequences and mailboxes, the outermost first."""

    is_installation_stopped: bool
    stops: list[StopOut]


class WaitOut(BaseModel):
    """Why it does not send now. `reason` is stable; `detail` holds what it is about, such as limits used and allowed."""

    reason: str
    detail: dict[str, Any]
    until: datetime | None


class SequenceOut(BaseModel):
    """`people` and `messages` are counted by status; a message that is `unknown` may have left, and is never sent again by
    itself."""

    sequence_id: str
    campaign_id: str
    name: str
    status: str
    version: int
    step_count: int
    people: dict[str, int]
    messages: dict[str, int]
    waiting: WaitOut | None
    switched: SwitchedOut | None
    updated_at: datetime
    etag: str


class HitOut(BaseModel):
    """One request for the picture of a message, a link of it, or the link that no person is shown. `reasons`: why it is
    taken for a program's."""

    model_config = ConfigDict(from_attributes=True)

    kind: str
    link_number: int
    link_url: str
    method: str
    user_agent: str
    ip_network: str
    network_type: str
    network_owner: str
    is_machine: bool
    reasons: list[str]
    occurred_at: datetime


class HitListOut(BaseModel):
    items: list[HitOut]


class HitCountsOut(BaseModel):
    """How many messages were opened or clicked. One that a person and a program clicked counts in both."""

    opened: int
    opened_by_machines: int
    clicked: int
    clicked_by_machines: int


class SequenceDetailOut(SequenceOut):
    """`document`: what `source` says, as JSON; `standing`: how many people stand at each step."""

    source: str
    document: dict[str, Any]
    standing: dict[str, int]
    definition: dict[str, Any]
    events: dict[str, int]
    hits: HitCountsOut


class SequenceListOut(BaseModel):
    items: list[SequenceOut]


class DryRunIn(Body):
    """Contacts as if they were enrolled now; without any, those who are on their way."""

    contact_ids: list[str] = Field(default_factory=list, max_length=200)


class RehearsalOut(BaseModel):
    """One person's next message: `send` with time, mailbox and words, or why not."""

    contact_id: str
    display_name: str
    step_id: str
    outcome: str
    reason: str
    detail: dict[str, Any]
    at: datetime | None
    mailbox: str
    subject: str
    text: str


class DryRunOut(BaseModel):
    """`last_at`: when the last of these messages would leave, by the room that limits and windows have."""

    items: list[RehearsalOut]
    last_at: datetime | None


class LimitDaysOut(BaseModel):
    """A limit by its name, and on how many days somebody waits for its sake."""

    name: str
    days: int


class FinishOut(BaseModel):
    """When everybody is through if nobody answers and nothing else uses the mailboxes. `limits`: the one that holds up most
    comes first; without any the steps alone decide. `finishes_on` is empty where `reason` says why, and `left` how many
    people are not through by then."""

    people: int
    messages: int
    last_new_on: date | None
    finishes_on: date | None
    limits: list[LimitDaysOut]
    reason: str
    left: int


class HeldUpOut(BaseModel):
    """How many people wait or ended for one reason."""

    status: str
    reason: str
    count: int


class DiagnosisOut(BaseModel):
    """The first gate that is closed for the whole sequence, with who closed it (`stop`) where it is a switch, and what holds
    up people one by one."""

    status: str
    gate: WaitOut | None
    stop: StopOut | None
    people: list[HeldUpOut]
    next_due_at: datetime | None
    unknown_count: int


class MessageOut(BaseModel):
    """`reply_text`: what the server said, or of a message in doubt why nobody can know. It is settled while its person is
    `held` (`enrolment_status`)."""

    outbox_message_id: str
    enrolment_id: str
    contact_id: str
    display_name: str
    email: str
    step_id: str
    mailbox_id: str
    mailbox: str
    status: str
    tries: int
    reply_code: int | None
    reply_text: str
    message_id: str
    decided_at: datetime
    first_tried_at: datetime | None
    sent_at: datetime | None
    enrolment_status: str


class MessageListOut(BaseModel):
    items: list[MessageOut]


class EnrolIn(Body):
    sequence_id: str = Field(max_length=36)
    contact_ids: list[str] = Field(min_length=1, max_length=500)


class EnrolledOut(BaseModel):
    """How many are in now, and who is not: contact ids by reason."""

    enrolled: int
    refused: dict[str, list[str]]


class ListFilters(ContactFilters):
    """The filters of `GET /v1/contacts`."""

    model_config = ConfigDict(extra="forbid")


class SelectionIn(Body):
    """Whom: contacts by id, all that match filters, or all of a saved view. One of the three."""

    contact_ids: list[Annotated[str, Field(max_length=36)]] | None = Field(None, min_length=1, max_length=10_000)
    filters: ListFilters | None = None
    saved_view_id: str | None = Field(None, max_length=36)

    @model_validator(mode="after")
    def _one_of_three(self) -> Self:
        if sum(said is not None for said in (self.contact_ids, self.filters, self.saved_view_id)) != 1:
            raise ValueError("say whom by one of contact_ids, filters or saved_view_id")
        return self


class EnrolmentPreviewOut(BaseModel):
    """`refused`: how many would not be put in, by reason. `waiting`: how many would be put in and wait for the others, by
    reason: `company_limit` are more colleagues than the sequence writes to at a time."""

    contact_count: int
    enrolled: int
    refused: dict[str, int]
    waiting: dict[str, int]


class EnrolmentBatchOut(BaseModel):
    """`status`: `running`, `finished`, or `stopped`. Of `contact_count` people, `done_count` were looked at: `enrolled`
    are in now, `refused` are not, by reason. Each has a line of the decision ledger."""

    enrolment_batch_id: str
    sequence_id: str
    version: int
    status: str
    contact_count: int
    done_count: int
    enrolled: int
    refused: dict[str, int]
    started_by: str
    created_at: datetime
    finished_at: datetime | None


class EnrolmentBatchListOut(BaseModel):
    items: list[EnrolmentBatchOut]


class EnrolmentOut(BaseModel):
    enrolment_id: str
    sequence_id: str
    version: int
    contact_id: str
    display_name: str
    status: str
    reason: str
    detail: dict[str, Any]
    step_id: str
    arms: dict[str, str]
    sent_count: int
    next_at: datetime | None
    mailbox_id: str | None
    created_at: datetime
    ended_at: datetime | None


class EnrolmentListOut(BaseModel):
    items: list[EnrolmentOut]
    next_cursor: str | None
    total: int | None


class EnrolmentAct(Body):
    """`resume` goes on with what was left of the wait. The others settle a message of which nobody can know whether it
    left: `believe_sent` goes on behind it, `believe_not_sent` sends it again, `cancel_unsent` does not and takes its person
    out."""

    act: Literal["pause", "resume", "stop", "believe_sent", "believe_not_sent", "cancel_unsent"]


class SplitReadingOut(BaseModel):
    """What may be concluded: `better`, `worse` (the first arm is best), `alike`, `harm`, `invalid` (the split is broken) or
    `unknown`, with its reason and the arm it names. `missing`: units an arm that are still needed for the least lift;
    `clash_count`: companies whose people were dealt apart, which are counted nowhere."""

    split_id: str
    unit: str
    goal: str
    outcome: str
    reason: str
    arm_id: str | None
    missing: int | None
    least_lift: float
    detectable_lift: float | None
    horizon_days: float
    clash_count: int
    split_p_value: float | None
    arms: list[ArmReadingOut]
    guardrails: list[GuardrailOut]


class SplitReadingListOut(BaseModel):
    items: list[SplitReadingOut]
