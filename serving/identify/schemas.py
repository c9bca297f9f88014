"""What `POST /v1/identify` takes and answers."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.consent import MARKETING, ConsentGrant
from domain.events import ConsentLevel
from serving.texts import Id, Words


class ConsentIn(BaseModel):
    """What somebody agreed to, or withdrew. Recorded only for a signed call."""

    model_config = ConfigDict(extra="forbid")

    purpose: Words = Field(MARKETING, max_length=40)
    channel: Literal["email", "phone", "sms", "whatsapp", "linkedin", "chat"] = "email"
    is_granted: bool = True
    lawful_basis: Words = Field("consent", max_length=40)
    wording: Words = Field("", max_length=5_000)
    wording_version: Words = Field("", max_length=40)

    def grant(self) -> ConsentGrant:
        return ConsentGrant(**self.model_dump())


class IdentifyIn(BaseModel):
    """Who a visitor is."""

    traits: dict[str, Any] = Field(description="email or external_id, and what else is known: first_name, company …")
    anonymous_id: Id | None = Field(None, description="The visitor's id (lh('ids', …)).")
    user_hash: str | None = Field(
        None, max_length=200, description="HMAC-SHA256 of the address under the organization's key, in hex."
    )
    consent: ConsentLevel = Field(
        ConsentLevel.FULL, description="The visit's level; below full the browser is not tied to the person."
    )
    consents: list[ConsentIn] = Field(default=[], max_length=20)
    event_id: Id | None = None
    occurred_at: AwareDatetime | None = None


class IdentifyOut(BaseModel):
    """A public key learns that the call was taken and what was left aside, never whom we know."""

    status: Literal["accepted"] = "accepted"
    is_signed: bool
    ignored: list[str] = Field(default=[], description="Parts that need a signature or consent: `consents`, `link`.")
    contact_id: str | None = Field(None, description="For a secret key only.")
    outcome: str | None = Field(None, description="For a secret key only: created, updated or unchanged.")
