"""What the routes of replies take and answer."""

from __future__ import annotations

from datetime import date
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict

from domain.replies.intents import Intent
from domain.replies.verdicts import MessageKind
from serving.tasks.schemas import Ref


class ReplyOut(BaseModel):
    """Something that came back to a message of ours. `intent` is as a person corrected it, else as it was read."""

    inbound_message_id: str
    kind: MessageKind
    rule: str
    intent: Intent | None
    read_as: Intent | None
    """What the rule or classifier said."""
    confidence: float
    classified_by: str
    likeliest: list[Any]
    is_corrected: bool
    matched_by: str
    match_confidence: float
    contact: Ref | None
    company: Ref | None
    sequence: Ref | None
    sender: str
    subject: str
    written: str
    """The sender's own words, without quotes; empty once the person was forgotten."""
    named: list[str]
    """Addresses that a referral gives: nobody is written to there by itself."""
    diagnostic: str
    again_on: date | None
    received_at: AwareDatetime


class ReplyListOut(BaseModel):
    items: list[ReplyOut]
    next_cursor: str | None
    total: int | None


class ReplyCountsOut(BaseModel):
    """How many of each kind; people's answers by intent."""

    counts: dict[str, int]


class Correction(BaseModel):
    model_config = ConfigDict(extra="forbid")

    intent: Intent
