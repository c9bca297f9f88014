"""From bytes to events, each good or refused by itself: one bad event never takes its neighbours with it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, NamedTuple

import msgspec

from domain.capture import EVENT_ID, Rejection, judge_time
from domain.events import EventType
from serving.capture.schemas import Event, event_decoder, incoming_decoder, raw_batch_decoder

TYPES: frozenset[str] = frozenset(EventType)
TRACK = EventType.TRACK.value
_is_id = EVENT_ID.fullmatch
MESSAGES = {
    Rejection.MISSING_ID: "An event needs an event_id, made by the client, so that a retry is known.",
    Rejection.BAD_ID: "An event_id is 1 to 64 letters, digits, dots, colons, hyphens or underscores.",
    Rejection.MISSING_TYPE: "An event needs a type.",
    Rejection.UNKNOWN_TYPE: f"The type is not one of {', '.join(EventType)}.",
    Rejection.MISSING_NAME: "A track event needs a name.",
    Rejection.TOO_LATE: "The event is older than the time for which its id would be remembered.",
    Rejection.IN_THE_FUTURE: "The event claims to happen after it was sent.",
    Rejection.TOO_LARGE: "The event is larger than 64 KiB.",
}


class Refused(NamedTuple):
    """An event that was not accepted, as it came."""

    reason: Rejection
    message: str
    raw: bytes
    event_id: str | None


class Reading(NamedTuple):
    """A request taken apart. `events` are in the order they were sent."""

    events: list[Event | Refused]
    is_batch: bool


def read(body: bytes) -> Reading:
    """Takes a body apart; what cannot be understood at all is one refused event."""
    try:
        incoming = incoming_decoder.decode(body)
    except msgspec.ValidationError as error:
        return _read_apart(body, str(error))
    except (msgspec.DecodeError, ValueError) as error:
        return Reading([Refused(Rejection.NOT_JSON, str(error), body, None)], is_batch=False)
    if incoming.batch is None:
        return Reading([incoming], is_batch=False)
    if incoming.sent_at is not None:
        for event in incoming.batch:
            if event.sent_at is None:
                event.sent_at = incoming.sent_at
    return Reading(list(incoming.batch), is_batch=True)


def _read_apart(body: bytes, problem: str) -> Reading:
    try:
        batch = raw_batch_decoder.decode(body)
    except msgspec.ValidationError:
        if (syntax := _problem_of_syntax(body)) is not None:  # it did not fit even before it broke off
            return Reading([Refused(Rejection.NOT_JSON, syntax, body, None)], is_batch=False)
        return Reading([Refused(Rejection.SCHEMA, problem, body, _event_id(body))], is_batch=False)
    try:
        sent_at = msgspec.convert(batch.sent_at, datetime | None)
    except msgspec.ValidationError:
        sent_at = None
    return Reading([_read_one(bytes(raw), sent_at) for raw in batch.batch], is_batch=True)


def _read_one(raw: bytes, sent_at: datetime | None) -> Event | Refused:
    try:
        event = event_decoder.decode(raw)
    except msgspec.ValidationError as error:
        return Refused(Rejection.SCHEMA, str(error), raw, _event_id(raw))
    if event.sent_at is None:
        event.sent_at = sent_at
    return event


def _problem_of_syntax(body: bytes) -> str | None:
    try:
        msgspec.json.decode(body)
    except (msgspec.DecodeError, ValueError) as error:
        return str(error)
    return None


def _event_id(raw: bytes) -> str | None:
    """The id of an event that does not fit, where it has a usable one."""
    try:
        found: Any = msgspec.json.decode(raw)
    except (msgspec.DecodeError, ValueError):
        return None
    event_id = found.get("event_id") if isinstance(found, dict) else None
    return event_id if isinstance(event_id, str) and EVENT_ID.fullmatch(event_id) else None


def judge(event: Event, received_at: datetime, longest: timedelta) -> Rejection | None:
    """Why an event that has the right shape is refused all the same."""
    if _is_id(event.event_id) is None or event.type not in TYPES or (event.type == TRACK and not event.name):
        return _problem_of_form(event)
    if event.occurred_at is None:
        event.occurred_at = received_at
        return None
    return judge_time(event.occurred_at, event.sent_at, received_at=received_at, longest=longest)


def _problem_of_form(event: Event) -> Rejection:
    if _is_id(event.event_id) is None:
        return Rejection.BAD_ID if event.event_id else Rejection.MISSING_ID
    if event.type not in TYPES:
        return Rejection.UNKNOWN_TYPE if event.type else Rejection.MISSING_TYPE
    return Rejection.MISSING_NAME
