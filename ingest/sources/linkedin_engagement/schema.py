"""How lines of a member's data export and Lead Gen Form responses become events. No name, address or message lands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from domain.errors import InvalidInput
from domain.ids import content_id
from ingest.base import Expectation, FileContext, Record, RowRule
from ingest.cells import FORMATS, cell, moment, required, text

TYPES = (
    "connected",
    "invitation_sent",
    "invitation_received",
    "message_sent",
    "message_received",
    "lead_form_response",
)
OWNER = "_owner"
"""Key of a record of messages.csv: the profile whose export it is."""
EMAIL_QUESTIONS = ("email address", "work email", "email", "e-mail", "business email", "work email address")
COMPANY_QUESTIONS = ("company name", "company")
POSITION_QUESTIONS = ("job title", "position", "title")
SUBMITTED = ("submitted at", "created at", "submission time", "lead created at", "timestamp", "date")


def parse(record: Record, context: FileContext) -> Iterator[Mapping[str, Any]]:
    """The kind of a record is told by its columns."""
    names = {str(name).casefold() for name in record}
    if "connected on" in names:
        yield _connection(record, context)
    elif "inviterprofileurl" in names or "sent at" in names:
        yield _invitation(record, context)
    elif "conversation id" in names:
        yield from _messages(record, context)
    elif "formresponse" in names:
        yield _lead_response(record, context)
    elif "occurred_at" in names:
        yield _plain(record, context)
    elif names & set(SUBMITTED):
        yield _lead_line(record, context)
    else:
        raise InvalidInput("a line of none of Connections, Invitations, messages or Lead Gen Form responses")


def _connection(record: Record, context: FileContext) -> dict[str, Any]:
    """Connections.csv: First Name, Last Name, URL, Email Address, Company, Position, Connected On (`12 Jan 2026`)."""
    profile, email = text(record, "url"), text(record, "email address")
    if profile is None and email is None:
        raise InvalidInput("the connection has neither profile nor address (the member may have left LinkedIn)")
    return _event(
        context,
        "connected",
        moment(required(record, "connected on"), _order(record)),
        person=_person(profile, context) or context.hash_text(email or ""),
        email_hash=context.hash_email(email),
        company=text(record, "company"),
        position=text(record, "position"),
    )


def _invitation(record: Record, context: FileContext) -> dict[str, Any]:
    """Invitations.csv: From, To, Sent At (`1/15/26, 10:30 AM`), Message, Direction, inviterProfileUrl, inviteeProfileUrl."""
    direction = str(required(record, "direction")).upper()
    if direction not in {"OUTGOING", "INCOMING"}:
        raise InvalidInput(f"direction {direction} is neither OUTGOING nor INCOMING")
    other = "inviteeprofileurl" if direction == "OUTGOING" else "inviterprofileurl"
    return _event(
        context,
        "invitation_sent" if direction == "OUTGOING" else "invitation_received",
        moment(required(record, "sent at"), _order(record, "mdy")),
        person=_person(str(required(record, other)), context),
    )


def _messages(record: Record, context: FileContext) -> Iterator[dict[str, Any]]:
    """messages.csv: CONVERSATION ID, FROM, SENDER PROFILE URL, TO, RECIPIENT PROFILE URLS, DATE (`… UTC`), FOLDER."""
    owner = str(record.get(OWNER) or context.facts.get("owner_url") or "")
    sender = _slug(str(required(record, "sender profile url")))
    at = moment(required(record, "date"), _order(record))
    thread = {"conversation_hash": context.hash_text(str(required(record, "conversation id")))}
    if sender != _slug(owner):
        yield _event(context, "message_received", at, person=_person(sender, context), properties=thread)
        return
    for recipient in str(cell(record, "recipient profile urls") or "").replace(";", ",").split(","):
        if recipient.strip():
            yield _event(context, "message_sent", at, person=_person(recipient, context), properties=thread)


def _lead_response(record: Record, context: FileContext) -> dict[str, Any]:
    """A `leadFormResponses` element: {id, submittedAt, formResponse: {answers: [{questionId, answerDetails}]},
    leadMetadataInfo: {sponsoredLeadMetadataInfo: {campaign: {id, name}}}, versionedLeadGenFormUrn}."""
    answers = {str(found.get("name", "")).casefold(): _answer(found) for found in _answers(record)}
    sponsored = (record.get("leadMetadataInfo") or {}).get("sponsoredLeadMetadataInfo") or {}
    campaign = sponsored.get("campaign") or {}
    return _event(
        context,
        "lead_form_response",
        moment(required(record, "submittedAt")),
        person=context.hash_text(str(record.get("submitter") or required(record, "id"))),
        email_hash=context.hash_email(_first(answers, EMAIL_QUESTIONS)),
        company=_first(answers, COMPANY_QUESTIONS),
        position=_first(answers, POSITION_QUESTIONS),
        campaign=str(campaign.get("name") or campaign.get("id") or "") or None,
        properties={"form": record.get("versionedLeadGenFormUrn"), "is_test": bool(record.get("testLead"))},
    )


def _answers(record: Record) -> list[Mapping[str, Any]]:
    found = (record.get("formResponse") or {}).get("answers")
    if not isinstance(found, list):
        raise InvalidInput("the response has no list of answers")
    return [answer for answer in found if isinstance(answer, dict)]


def _answer(answer: Mapping[str, Any]) -> str:
    details = answer.get("answerDetails") or {}
    return str((details.get("textQuestionAnswer") or {}).get("answer") or "")


def _lead_line(record: Record, context: FileContext) -> dict[str, Any]:
    """A line of the leads file that Campaign Manager offers for download: one column a question."""
    email = text(record, *EMAIL_QUESTIONS)
    return _event(
        context,
        "lead_form_response",
        moment(required(record, *SUBMITTED), _order(record)),
        person=context.hash_text(email or text(record, "lead id") or str(sorted(map(str, record.items())))),
        email_hash=context.hash_email(email),
        company=text(record, *COMPANY_QUESTIONS),
        position=text(record, *POSITION_QUESTIONS),
        campaign=text(record, "campaign name", "campaign"),
        properties={"form": text(record, "form name", "lead gen form name")},
    )


def _plain(record: Record, context: FileContext) -> dict[str, Any]:
    """Our own columns."""
    made = _event(
        context,
        str(required(record, "type")),
        moment(required(record, "occurred_at")),
        person=text(record, "person_key") or _person(text(record, "profile_url"), context),
        email_hash=text(record, "email_hash") or context.hash_email(text(record, "email")),
        company=text(record, "company"),
        position=text(record, "position"),
        campaign=text(record, "campaign"),
    )
    return {**made, "event_id": text(record, "event_id") or made["event_id"], "properties": text(record, "properties")}


def _event(context: FileContext, kind: str, at: Any, *, person: str | None, **more: Any) -> dict[str, Any]:
    properties = {name: value for name, value in (more.pop("properties", None) or {}).items() if value is not None}
    distinct = text({"p": properties}, "p") or ""
    return {
        "event_id": content_id(context.organization_id, kind, person or "", at.isoformat(), distinct),
        "type": kind,
        "person_key": person,
        "occurred_at": at,
        "properties": distinct if properties else None,
        **more,
    }


def _person(profile: str | None, context: FileContext) -> str | None:
    """A profile's HMAC: the same person in every file, and nobody to who lacks the key."""
    return context.hash_text(_slug(profile)) if profile and _slug(profile) else None


def _slug(profile: str) -> str:
    """`https://www.linkedin.com/in/Ada-Lovelace/?x` → `ada-lovelace`."""
    path = unquote(urlsplit(profile.strip()).path if "//" in profile else profile.strip())
    return path.strip("/").rpartition("/")[2].casefold()


def _first(answers: Mapping[str, str], questions: tuple[str, ...]) -> str | None:
    return next((answers[question] for question in questions if answers.get(question)), None)


def _order(record: Record, default: str = "dmy") -> str:
    found = str(record.get(FORMATS, {}).get("date", ""))
    return found if found in {"dmy", "mdy"} else default


_KNOWN = ", ".join(f"'{kind}'" for kind in TYPES)

RULES = (
    RowRule("known_type", f"type in ({_KNOWN})", f"the type is none of {', '.join(TYPES)}"),
    RowRule("about_someone", "person_key <> '' or email_hash <> ''", "the event names no profile and no address"),
    RowRule(
        "plausible_time",
        "occurred_at between timestamptz '2003-05-01 00:00:00+00' and _loading_at + interval 25 hours",
        "the event is older than LinkedIn, or more than a day from now",
    ),
)

SUITE = (
    Expectation("an event comes once", "ExpectColumnValuesToBeUnique", {"column": "event_id"}),
    Expectation("every event has a time", "ExpectColumnValuesToNotBeNull", {"column": "occurred_at"}),
    Expectation("types are known", "ExpectColumnValuesToBeInSet", {"column": "type", "value_set": list(TYPES)}),
)
