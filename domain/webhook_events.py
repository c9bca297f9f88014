"""Webhooks that an organization sends: what can be subscribed to, how a message is signed, and when it is tried again.

Signatures follow Standard Webhooks 1.0 (standardwebhooks.com): HMAC-SHA256 over `<id>.<unix seconds>.<body>`, base64, as
`v1,<signature>` in `webhook-signature`; the secret is written as `whsec_<base64>`. A receiver that knows a message's id
already answers 2xx and does nothing: messages come at least once, and not always in order.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.errors import InvalidInput

SECRET_PREFIX = "whsec_"  # noqa: S105  the prefix, not a secret
SECRET_BYTES = 32
VERSION = "v1,"
"""Before each signature made with a shared secret."""
OVERLAP = timedelta(hours=24)
"""How long messages are signed with the former secret too, after a new one was made."""
RETRIES = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
"""Between one attempt and the next: ten attempts in a little over three days."""
GIVES_UP_AFTER = timedelta(days=5)
"""An endpoint that took nothing for so long is switched off."""
SHORTEST_REST, LONGEST_REST = timedelta(seconds=5), timedelta(minutes=10)
GONE = 410
TOLERANCE = timedelta(minutes=5)
"""How far the time of a message that comes in may be from ours: an older one is somebody's recording."""


class WebhookEvent(StrEnum):
    """`<resource>.<what happened>`."""

    LEAD_CREATED = "lead.created"
    LEAD_ASSIGNED = "lead.assigned"
    SLA_WARNED = "sla.warned"
    SLA_BREACHED = "sla.breached"
    SLA_REASSIGNED = "sla.reassigned"
    SLA_ESCALATED = "sla.escalated"
    DEAL_CREATED = "deal.created"
    DEAL_STAGE_CHANGED = "deal.stage_changed"
    DEAL_WON = "deal.won"
    DEAL_LOST = "deal.lost"
    ALERT_FIRED = "alert.fired"


TEST_EVENT = "webhook.test"
"""Sent by hand; nobody subscribes to it."""


class DeliveryStatus(StrEnum):
    WAITING = "waiting"
    """Not tried yet, or to be tried again."""
    DELIVERED = "delivered"
    FAILED = "failed"
    """Tried as often as it is; a person may send it again."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an attempt means: the status from now on, when the next one is due, whether the endpoint is switched off."""

    status: DeliveryStatus
    again_in: timedelta | None = None
    switches_off: str = ""
    """Why the endpoint takes no more messages, or an empty text."""


def parse_events(names: Iterable[str]) -> tuple[WebhookEvent, ...]:
    """What an endpoint subscribes to, each once, in the order of the catalogue. Raises InvalidInput."""
    wanted = set(names)
    unknown = sorted(wanted - set(WebhookEvent))
    if unknown:
        raise InvalidInput(f"there is no event {unknown[0]!r}", hint=f"Events: {', '.join(WebhookEvent)}.")
    if not wanted:
        raise InvalidInput("a webhook without events is never sent", hint=f"Events: {', '.join(WebhookEvent)}.")
    return tuple(event for event in WebhookEvent if event in wanted)


def after_attempt(
    attempts: int, status_code: int | None, *, failing_for: timedelta, chance: float, retry_after: float | None = None
) -> Verdict:
    """What to do after attempt number `attempts` (1 is the first). `status_code`: None where there was no answer;
    `failing_for`: how long the endpoint has taken nothing; `chance` (0 to 1) takes up to a tenth of the delay away;
    the receiver's own `retry_after` (seconds) is a lower bound, up to a day."""
    if status_code is not None and 200 <= status_code < 300:
        return Verdict(DeliveryStatus.DELIVERED)
    if status_code == GONE:
        return Verdict(DeliveryStatus.FAILED, switches_off="the receiver said 410 Gone")
    switches_off = f"nothing was taken for {GIVES_UP_AFTER.days} days" if failing_for >= GIVES_UP_AFTER else ""
    if attempts > len(RETRIES):
        return Verdict(DeliveryStatus.FAILED, switches_off=switches_off)
    asked = min(timedelta(seconds=retry_after or 0), RETRIES[-1])
    delay = max(RETRIES[attempts - 1] * (1 - chance / 10), asked)
    return Verdict(DeliveryStatus.WAITING, delay, switches_off)


def rest_after(failures: int) -> timedelta:
    """How long an endpoint is left alone after so many failures in a row, so that one that is away costs nobody else
    time: 5 s, doubled up to 10 min."""
    doublings = min(max(failures, 1) - 1, 10)
    return min(SHORTEST_REST * (1 << doublings), LONGEST_REST)


def write_secret(key: bytes) -> str:
    return SECRET_PREFIX + base64.b64encode(key).decode()


def read_secret(text: str) -> bytes:
    """The key inside `whsec_…`. Raises InvalidInput."""
    try:
        key = base64.b64decode(text.removeprefix(SECRET_PREFIX), validate=True)
    except binascii.Error as error:
        raise InvalidInput("not a secret of a webhook") from error
    if not text.startswith(SECRET_PREFIX) or not 24 <= len(key) <= 64:
        raise InvalidInput("not a secret of a webhook", hint="whsec_ and the base64 of 24 to 64 bytes.")
    return key


def signed_headers(message_id: str, at: datetime, body: bytes, keys: Iterable[bytes]) -> Mapping[str, str]:
    """The headers of a message, signed with every key that holds now."""
    seconds = str(int(at.timestamp()))
    signatures = (f"{VERSION}{_signature(message_id, seconds, body, key)}" for key in keys)
    return {"webhook-id": message_id, "webhook-timestamp": seconds, "webhook-signature": " ".join(signatures)}


def refusal_of(
    message_id: str, timestamp: str, signatures: str, body: bytes, *, keys: Iterable[bytes], now: datetime
) -> str:
    """Why a message that came in is not believed, or an empty text. `signatures`: several, by blanks; one of them made with
    one of the keys is enough, so that keys change on either side without a gap."""
    if not message_id or not signatures or not (timestamp.isascii() and timestamp.isdigit()):
        return "not_signed"
    if not -TOLERANCE.total_seconds() <= now.timestamp() - int(timestamp[:15]) <= TOLERANCE.total_seconds():
        return "too_old_or_too_new"
    given = [each.removeprefix(VERSION) for each in signatures.split() if each.startswith(VERSION)]
    made = [_signature(message_id, timestamp, body, key) for key in keys]
    found = [hmac.compare_digest(one.encode(), other.encode()) for one in given for other in made]
    return "" if any(found) else "wrong_signature"


def _signature(message_id: str, seconds: str, body: bytes, key: bytes) -> str:
    content = f"{message_id}.{seconds}.".encode() + body
    return base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode()
