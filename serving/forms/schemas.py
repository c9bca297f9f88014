"""What the form routes take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, HttpUrl

from domain.consent import MARKETING
from domain.events import ConsentLevel
from domain.forms import MAX_ANSWER, MAX_FIELDS, MAX_OPTIONS, FieldType
from serving.texts import Id, Words


class FormSettings(BaseModel):
    """How a form looks and ends."""

    model_config = ConfigDict(extra="forbid")

    submit_label: Words = Field("Send", min_length=1, max_length=60)
    thank_you: Words = Field("Thank you. We will be in touch shortly.", max_length=1_000)
    redirect_url: HttpUrl | None = Field(None, description="Where to go after sending; else the words above are shown.")
    purpose: Words = Field(MARKETING, max_length=40, description="What the consent box is for.")
    is_consent_required: bool = Field(
        False, description="Whether the form can be sent without ticking the consent box."
    )


class FieldIn(BaseModel):
    """One question; see docs/how-to/add-a-form.md."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=60, description="snake_case, unique in the form; the name of the answer.")
    label: Words = Field("", max_length=200)
    type: FieldType = FieldType.TEXT
    required: bool = False
    options: list[Words] = Field(default=[], max_length=MAX_OPTIONS, description="Of a select.")
    maps_to: str = Field("", max_length=80, description="email, first_name … company, or attributes.<key>.")
    max_length: int = Field(0, ge=0, le=MAX_ANSWER, description="Characters; 0 for the most there may be.")
    business_only: bool = Field(False, description="Of an e-mail field: free and disposable mail is refused.")
    placeholder: Words = Field("", max_length=200)
    value: Words = Field("", max_length=200, description="Of a hidden field: what it says by default.")


class FormIn(BaseModel):
    """A new form."""

    model_config = ConfigDict(extra="forbid")

    name: Words = Field(min_length=1, max_length=200)
    fields: list[FieldIn] = Field(max_length=MAX_FIELDS)
    consent_text: Words = Field("", max_length=5_000)
    settings: FormSettings = FormSettings()


class FormPatch(BaseModel):
    """What changes; what is not sent stays."""

    model_config = ConfigDict(extra="forbid")

    name: Words | None = Field(None, min_length=1, max_length=200)
    fields: list[FieldIn] | None = Field(None, max_length=MAX_FIELDS)
    consent_text: Words | None = Field(None, max_length=5_000)
    settings: FormSettings | None = None
    is_active: bool | None = None


class FormOut(BaseModel):
    """A form as its owners see it."""

    form_id: str
    organization_id: str
    name: str
    fields: list[dict[str, Any]]
    consent_text: str
    consent_version: str
    settings: FormSettings
    is_active: bool
    created_at: datetime


class PublicFormOut(BaseModel):
    """A form as any page may see it, with the token that its submission needs."""

    form_id: str
    name: str
    fields: list[dict[str, Any]]
    consent_text: str
    consent_version: str
    is_consent_required: bool
    submit_label: str
    token: str


class TokenOut(BaseModel):
    token: str


class SubmissionIn(BaseModel):
    """One filled form, as a script sends it."""

    submission_id: Id = Field(min_length=8, description="Made by the client; sent twice, stored once.")
    answers: dict[str, Any] = Field(description="By the key of the field.")
    token: str = Field("", max_length=200)
    honeypot: str = Field("", max_length=2_000)
    consent_given: bool = False
    consent_version: Words = Field("", max_length=40)
    anonymous_id: Id | None = None
    consent: ConsentLevel = Field(
        ConsentLevel.FULL, description="The visit's level; below full the browser is not tied to the person."
    )
    page_url: Words = Field("", max_length=8_192)
    referrer: Words = Field("", max_length=8_192)
    utm: dict[str, Words] = Field(default={}, max_length=10)


class ReceiptOut(BaseModel):
    """The same for every copy of a submission, and for one that is held."""

    submission_id: str
    status: str = "received"
    message: str
    redirect_url: str | None = None


class SubmissionOut(BaseModel):
    """A submission as the form's owners see it."""

    form_submission_id: str
    submission_id: str
    form_id: str
    contact_id: str | None
    answers: dict[str, Any]
    page_url: str
    utm: dict[str, Any]
    status: str
    held_reason: str
    submitted_at: datetime
