"""What the routes of mailboxes take and answer. A password goes in and never comes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from domain.outreach.mailboxes import Terms


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
    smtp_password: str | None = Field(None, max_length=1000, repr=False)
    imap_password: str | None = Field(None, max_length=1000, repr=False)
    terms: Terms | None = None
    signature: str | None = Field(None, max_length=5_000)


class MailboxIn(MailboxFields):
    """`transport`: `smtp`, or `file`, which keeps messages on this machine and needs no account."""

    address: str = Field(max_length=320)
    transport: str = Field("smtp", max_length=40)


class MailboxSwitch(Body):
    status: Literal["connected", "paused"]
    reason: str = Field("", max_length=200)


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
    terms: Terms
    signature: str
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


class SendingDomainIn(Body):
    """`dkim_key`: PEM; without it the one that is kept stays. An empty selector takes it away."""

    per_day: int | None = Field(None, ge=1, le=1_000_000)
    dkim_selector: str = Field("", max_length=63, pattern=r"^([a-z0-9]([a-z0-9-]*[a-z0-9])?)?$")
    dkim_key: str | None = Field(None, max_length=10_000, repr=False)


class SendingDomainOut(BaseModel):
    """`dns_name` and `dns_record`: what to publish, so that signatures are believed."""

    domain: str
    per_day: int | None
    dkim_selector: str
    dns_name: str
    dns_record: str
