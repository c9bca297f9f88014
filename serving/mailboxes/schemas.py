"""What the routes of mailboxes take and answer. A password goes in and never comes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.deliverability.records import State
from domain.outreach.health import Band
from domain.outreach.mailboxes import Terms
from domain.outreach.tracking import When
from serving.deliverability.schemas import FindingOut
from serving.sending.switching import SwitchedOut


class Body(BaseModel):
    model_config = ConfigDict(extra="forbid")


class ServerIn(Body):
    host: str = Field(min_length=1, max_length=253)
    port: int = Field(ge=1, le=65535)
    security: Literal["tls", "starttls", "none"] = "tls"
    username: str = Field("", max_length=320)


class MailboxFields(Body):
    """What is sent is written; the rest stays. A new server forgets the password, unless one comes along."""

    display_name: str | None = Field(None, max_length=200)
    smtp: ServerIn | None = None
    imap: ServerIn | None = None
    smtp_password: str | None = Field(
        None, max_length=1000, repr=False, description="Of the login, or the API key of a provider such as Resend."
    )
    imap_password: str | None = Field(None, max_length=1000, repr=False)
    terms: Terms | None = None
    signature: str | None = Field(None, max_length=5_000)
    reply_to: str | None = Field(None, max_length=320, description="Where answers go; empty: to the address itself.")


class MailboxIn(MailboxFields):
    """`transport`: `smtp`; `resend`, which needs its API key only; or `file`, which keeps messages on this machine and needs
    no account."""

    address: str = Field(max_length=320)
    transport: str = Field("smtp", max_length=40)


class MailboxSwitch(Body):
    status: Literal["connected", "paused"]
    reason: str = Field("", max_length=200)


class LimitOut(BaseModel):
    model_config = ConfigDict(from_attributes=True)

    name: str
    used: int
    limit: int


class StandingOut(BaseModel):
    """`reason`: `allowed`, or the first gate that is closed, until `until` where that is known. `smallest` names the limit
    with least room, `room` how many messages that is."""

    model_config = ConfigDict(from_attributes=True)

    reason: str
    until: datetime | None
    limits: list[LimitOut]
    smallest: str
    room: int


class InboxOut(BaseModel):
    """When answers were last read, and what kept them from being read."""

    read_at: datetime | None
    problem: str


class ReadingOut(BaseModel):
    """`found` of `tried` messages within `days` bounced or were called spam; `floor`: fewer messages say nothing."""

    measure: str
    days: int
    tried: int
    found: int
    rate: float
    band: Band
    floor: int
    lines: dict[Band, float]
    """Where the bands begin."""


class HealthOut(BaseModel):
    """`reason`: the measure that the band comes from; empty where all is good or nobody can know. `counts_from`: messages
    before it count no more. `looked_at`: null before the first look."""

    band: Band
    reason: str
    readings: list[ReadingOut]
    looked_at: datetime | None
    counts_from: datetime | None


class MailboxOut(BaseModel):
    mailbox_id: str
    address: str
    display_name: str
    transport: str
    status: str
    status_reason: str
    smtp: ServerIn | None
    imap: ServerIn | None
    has_smtp_password: bool
    has_imap_password: bool
    terms: Terms
    signature: str
    reply_to: str
    standing: StandingOut
    health: HealthOut
    switched: SwitchedOut | None
    """Who paused it or let it go on last, when and why."""
    is_stopped_for_health: bool
    inbox: InboxOut | None
    people_count: int
    """How many are on their way in threads of this mailbox."""
    ramp_began_on: date
    last_sent_on: date | None
    updated_at: datetime
    etag: str


class MailboxListOut(BaseModel):
    items: list[MailboxOut]


class TestSend(Body):
    to: str = Field(max_length=320)


class TestSendOut(BaseModel):
    """What the server answered to a message that counts in no cap and carries no way out."""

    is_accepted: bool
    code: int | None
    text: str
    phase: str
    """What the server answered to: `connect`, `login`, `sender`, `recipient` or `data`."""
    is_signed: bool


class InboxTestOut(BaseModel):
    """What came of looking into an inbox: nothing was read or marked."""

    is_open: bool
    text: str


class SendingDomainIn(Body):
    """`dkim_key`: PEM; without it the one that is kept stays. An empty selector takes it away."""

    per_day: int | None = Field(None, ge=1, le=1_000_000)
    dkim_selector: str = Field("", max_length=63, pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?)?$")
    dkim_key: str | None = Field(None, max_length=10_000, repr=False)


class DkimKeyIn(Body):
    """`selector`: empty for one made of the month."""

    selector: str = Field("", max_length=63, pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?)?$")


class AskedIn(Body):
    """What the domain doctor asks beyond the name."""

    selectors: list[str] = Field([], max_length=5, description="DKIM selectors that the provider signs with.")
    spf_include: str = Field("", max_length=253, description="What SPF must include, e.g. _spf.google.com.")
    addresses: list[str] = Field([], max_length=5, description="IP addresses of an own mail server.")
    tracking_host: str = Field("", max_length=253, description="The host of tracked links.")


class CapIn(Body):
    """Messages a day from all mailboxes of a domain; null for none."""

    per_day: int | None = Field(None, ge=1, le=1_000_000)


class DkimRecordOut(BaseModel):
    """A TXT record to publish: its key signs once it was seen in DNS."""

    selector: str
    dns_name: str
    dns_record: str


class SendingDomainOut(BaseModel):
    """`dns_name` and `dns_record`: of the key that signs; `next_key`: one that waits for its record. `findings`: what the
    domain doctor found at `checked_at`."""

    domain: str
    per_day: int | None
    mailbox_count: int
    dkim_selector: str
    dns_name: str
    dns_record: str
    next_key: DkimRecordOut | None
    asked: AskedIn
    state: State
    findings: list[FindingOut]
    checked_at: datetime | None


class SendingDomainListOut(BaseModel):
    items: list[SendingDomainOut]


class LinkAddressOut(BaseModel):
    """Over which address tracked links of a domain's letters lead. `is_own`: its own tracking host, seen in DNS."""

    domain: str
    address: str
    is_own: bool


class TrackingOut(BaseModel):
    """`never`, `follow_ups` (not of the first message to somebody) or `always`. `trap`: whether a link goes along that no
    person is shown."""

    opens: When
    clicks: When
    trap: bool
    addresses: list[LinkAddressOut]
