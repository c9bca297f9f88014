"""The shape of an event on the wire, and in the inbox: one decoder, one encoder, no copy between.

Unknown fields are left behind. What the server alone may say (`consent_asked`, `email_hash`) is overwritten.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Raw, Struct

from domain.events import ConsentLevel

Text = Annotated[str, Meta(max_length=2_000)]
Address = Annotated[str, Meta(max_length=8_192)]
Id = Annotated[str, Meta(max_length=200)]
Moment = Annotated[datetime, Meta(tz=True)]
"""ISO 8601 with a zone: a bare local time names no moment."""


class Signals(Struct, omit_defaults=True, gc=False):
    """Global Privacy Control and Do Not Track, from the page or the request; `honoured` when consent was lowered."""

    gpc: bool | None = None
    dnt: bool | None = None
    honoured: bool | None = None


class Page(Struct, omit_defaults=True, gc=False):
    url: Address | None = None
    title: Text | None = None
    referrer: Address | None = None


class Device(Struct, omit_defaults=True):
    viewport: Text | None = None
    language: Text | None = None
    time_zone: Text | None = None
    hints: dict[str, Any] | None = None


class Event(Struct, omit_defaults=True):
    """One event. Presence of id, type and name is judged by the collector, so that each has a reason of its own."""

    event_id: str = ""
    type: str = ""
    name: Text | None = None
    anonymous_id: Id | None = None
    session_id: Id | None = None
    occurred_at: Moment | None = None
    sent_at: Moment | None = None
    consent: ConsentLevel | None = None
    consent_asked: ConsentLevel | None = None
    signals: Signals | None = None
    page: Page | None = None
    utm: dict[str, Text | None] | None = None
    click_ids: dict[str, Text | None] | None = None
    device: Device | None = None
    properties: dict[str, Any] | None = None
    traits: dict[str, Any] | None = None
    user_hash: Id | None = None
    email_hash: str | None = None


class Incoming(Event, omit_defaults=True):
    """A request: one event, or a batch of them with the moment it was sent."""

    batch: list[Event] | None = None


class RawBatch(Struct):
    """A batch of which something does not fit: read again, event by event."""

    batch: list[Raw]
    sent_at: Any = None


incoming_decoder = msgspec.json.Decoder(Incoming)
event_decoder = msgspec.json.Decoder(Event)
raw_batch_decoder = msgspec.json.Decoder(RawBatch)
encode = msgspec.json.Encoder().encode
