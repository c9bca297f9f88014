"""How a report about a message becomes rows: our own columns, and webhooks of Resend as they are documented."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from domain.errors import InvalidInput
from domain.events import EmailEventType
from domain.ids import content_id
from domain.page_urls import is_trap
from ingest.base import Expectation, FileContext, Record, RowRule
from ingest.cells import FORMATS, cell, moment, required, text, truth, whole

RESEND_TYPES = {
    "email.sent": EmailEventType.SENT,
    "email.delivered": EmailEventType.DELIVERED,
    "email.bounced": EmailEventType.BOUNCED,
    "email.complained": EmailEventType.COMPLAINED,
    "email.opened": EmailEventType.OPENED,
    "email.clicked": EmailEventType.CLICKED,
}
SYNONYMS = {
    "send": "sent",
    "delivery": "delivered",
    "bounce": "bounced",
    "open": "opened",
    "click": "clicked",
    "reply": "replied",
    "complaint": "complained",
    "spam": "complained",
    "unsubscribe": "unsubscribed",
}


def parse(record: Record, context: FileContext) -> Iterator[Mapping[str, Any]]:
    """One row for our own columns; one a recipient for a webhook."""
    kind = str(required(record, "type", "event", "event_type")).casefold()
    if kind.startswith("email.") and isinstance(record.get("data"), dict):
        yield from _resend(kind, record, context)
        return
    at = moment(required(record, "occurred_at", "timestamp", "created_at", "date"), _date_order(record))
    kind = SYNONYMS.get(kind, kind)
    message_id, email_hash = text(record, "message_id"), _hashed(record, context)
    contact_id, link = text(record, "contact_id"), text(record, "link_url", "url", "link")
    natural = (context.organization_id, kind, message_id or "", contact_id or "", email_hash or "", at.isoformat())
    yield {
        "event_id": text(record, "event_id", "id") or content_id(*natural, link or ""),
        "type": kind,
        "message_id": message_id,
        "campaign": text(record, "campaign", "campaign_name"),
        "sequence_step": whole(cell(record, "sequence_step", "step")),
        "contact_id": contact_id,
        "email_hash": email_hash,
        "occurred_at": at,
        "link_url": link,
        **_first_look(link, truth(cell(record, "is_machine")) or False, text(record, "machine_reason")),
        "properties": text(record, "properties"),
    }


def _resend(kind: str, record: Record, context: FileContext) -> Iterator[Mapping[str, Any]]:
    """https://resend.com/docs/webhooks/event-types: `{type, created_at, data: {email_id, to, click, bounce, tags}}`."""
    if kind not in RESEND_TYPES:
        raise InvalidInput(f"{kind} says nothing about engagement")
    data, event_type = record["data"], RESEND_TYPES[kind]
    message_id, tags = str(required(data, "email_id")), _tags(data.get("tags"))
    click, bounce = data.get("click") or {}, data.get("bounce") or {}
    at = moment(click.get("timestamp") or required(record, "created_at"))
    recipients = data.get("to") or []
    for recipient in [recipients] if isinstance(recipients, str) else recipients:
        email_hash = context.hash_email(_address(str(recipient)))
        yield {
            "event_id": content_id(context.organization_id, kind, message_id, email_hash or "", at.isoformat()),
            "type": event_type,
            "message_id": message_id,
            "campaign": tags.get("campaign"),
            "sequence_step": whole(tags.get("sequence_step")),
            "contact_id": tags.get("contact_id"),
            "email_hash": email_hash,
            "occurred_at": at,
            "link_url": click.get("link"),
            **_first_look(click.get("link"), False, None),
            "properties": text({"bounce": {k: bounce[k] for k in ("type", "subType") if k in bounce}}, "bounce")
            if bounce
            else None,
        }


def _first_look(link: str | None, is_machine: bool, reason: str | None) -> dict[str, Any]:
    """What the provider says of a machine, and that no person follows a link that is not shown."""
    if is_trap(link):
        return {"is_machine": True, "machine_reason": reason or "trap_clicked"}
    return {"is_machine": is_machine, "machine_reason": reason}


def _tags(found: Any) -> dict[str, str]:
    """Tags come as a list of name and value in some versions, as an object in others."""
    if isinstance(found, dict):
        return {str(name): str(value) for name, value in found.items()}
    return {str(tag["name"]): str(tag["value"]) for tag in found or [] if "name" in tag and "value" in tag}


def _address(recipient: str) -> str:
    """`Ada <ada@example.org>` names her twice."""
    return recipient.rpartition("<")[2].strip(" >") if "<" in recipient else recipient


def _hashed(record: Record, context: FileContext) -> str | None:
    return text(record, "email_hash") or context.hash_email(text(record, "email", "recipient", "to"))


def _date_order(record: Record) -> str:
    return str(record.get(FORMATS, {}).get("date", "ymd"))


_KNOWN = ", ".join(f"'{kind}'" for kind in EmailEventType)

RULES = (
    RowRule("known_type", f"type in ({_KNOWN})", f"the type is none of {', '.join(EmailEventType)}"),
    RowRule(
        "about_someone",
        "contact_id is not null or email_hash is not null or message_id is not null",
        "the event names neither a message nor a contact nor an address",
    ),
    RowRule(
        "plausible_time",
        "occurred_at between timestamptz '2000-01-01 00:00:00+00' and _loading_at + interval 25 hours",
        "the event says it happened before 2000, or more than a day from now",
    ),
    RowRule("machines_are_explained", "not is_machine or machine_reason <> ''", "a machine's act without a reason"),
)

SUITE = (
    Expectation("an event comes once", "ExpectColumnValuesToBeUnique", {"column": "event_id"}),
    Expectation("every event has a time", "ExpectColumnValuesToNotBeNull", {"column": "occurred_at"}),
    Expectation(
        "types are known",
        "ExpectColumnValuesToBeInSet",
        {"column": "type", "value_set": [str(kind) for kind in EmailEventType]},
    ),
    Expectation(
        "most events can be tied to a person",
        "ExpectColumnValuesToNotBeNull",
        {"column": "email_hash", "mostly": 0.5},
        is_error=False,
    ),
)
