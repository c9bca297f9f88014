"""Handing over by the API of Resend (https://resend.com/docs/api-reference/emails/send-email).

Each message carries its own key, so that Resend sends it once however often it is handed over within a day: a line that
breaks, and a worker that dies, leave nothing in doubt as long as that lasts.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

import httpx
import msgspec

from domain.errors import LeadhouseError, ProviderBusy, ProviderRefused
from domain.outreach.retries import Phase, Reply, ReplyClass, classify
from domain.settings import OutreachSettings, Settings
from serving.mail.base import NOT_REACHED, Envelope, Outcome, Uncertain
from serving.mail.servers import Server
from serving.outside import Answer, Outside

KNOWN_AGAIN = timedelta(hours=23)
"""Resend knows a key for 24 hours; an hour of that is for clocks that differ."""
TRIES = 3
LONGEST_WAIT = 10.0
"""Seconds that a message waits here for its turn; a longer wait is the queue's."""
OWN_FIELDS = frozenset(
    {"from", "to", "subject", "reply-to", "date", "message-id", "mime-version", "content-type", "content-transfer-encoding",
     "dkim-signature"}
)  # fmt: skip
"""What the API asks for by name, or writes itself: it gives each message a Message-ID of its own, and signs it."""
TAG = "leadhouse_message"
"""What its webhooks give back to say which message they are about."""
BUSY = 450
SAYS_NOTHING = frozenset({ReplyClass.LATER, ReplyClass.MAILBOX_BROKEN})
"""Answers that leave open what came of a request before."""
NOT_OURS = frozenset(
    {"missing_api_key", "invalid_api_key", "restricted_api_key", "invalid_access", "invalid_from_address"}
)
"""Errors that say something of the account, not of the message."""


class ResendTransport:
    name = "resend"
    repeats_for = KNOWN_AGAIN
    usual = Server("api.resend.com", 443)
    needs = "key"
    signs = True

    def connect(self, server: Server, settings: Settings) -> ResendConnection:
        return ResendConnection(server, settings.outreach)


class ResendConnection:
    """One request at a time, over a line that is kept; it slows down where Resend says so."""

    def __init__(self, server: Server, settings: OutreachSettings) -> None:
        self._origin = f"{'http' if server.security == 'none' else 'https'}://{server.host}:{server.port}"
        self._key = server.password
        named = {self._origin} if f"{server.host}:{server.port}" in settings.local_servers else set()
        self._outside = Outside(
            frozenset(named), setting="LEADHOUSE_OUTREACH__LOCAL_SERVERS", seconds=settings.timeout_seconds
        )
        self._not_before = 0.0

    async def send(self, envelope: Envelope) -> Outcome:
        """A request whose answer was lost is in doubt until one says whether it was taken: that it was busy later says
        nothing of it."""
        doubt: Uncertain | None = None
        outcome: Outcome = NOT_REACHED
        for _ in range(TRIES):
            await asyncio.sleep(max(0.0, self._not_before - time.monotonic()))
            outcome = await asyncio.to_thread(self._post, envelope)
            if isinstance(outcome, Uncertain):
                doubt = outcome
                if not outcome.repeats_for:
                    break
            elif outcome.code != BUSY:
                break
        says_nothing = isinstance(outcome, Reply) and classify(outcome) in SAYS_NOTHING
        return doubt if doubt is not None and says_nothing else outcome

    async def close(self) -> None:
        self._outside.close()

    def _post(self, envelope: Envelope) -> Outcome:
        headers = {
            "Authorization": f"Bearer {self._key}", "Content-Type": "application/json", "User-Agent": "leadhouse",
            "Idempotency-Key": envelope.key or envelope.recipient,
        }  # fmt: skip
        try:
            answer = self._outside.ask(
                "POST", f"{self._origin}/emails", headers, msgspec.json.encode(body_of(envelope))
            )
        except ProviderBusy as error:
            if _never_arrived(error):
                return Reply(NOT_REACHED.code, f"{NOT_REACHED.text}: {error.message}"[:300], Phase.CONNECT)
            return Uncertain(f"no answer came: {error.message}", KNOWN_AGAIN)
        except ProviderRefused as error:
            return Uncertain(error.message, KNOWN_AGAIN)
        except LeadhouseError as error:
            return Reply(535, error.message, Phase.LOGIN)
        self._slow_down(answer)
        return outcome_of(answer)

    def _slow_down(self, answer: Answer) -> None:
        """https://resend.com/docs/api-reference/rate-limit"""
        wait = answer.headers.get("retry-after") if answer.status_code == 429 else None
        if wait is None and answer.headers.get("ratelimit-remaining") == "0":
            wait = answer.headers.get("ratelimit-reset")
        with suppress(ValueError):
            self._not_before = time.monotonic() + min(float(wait or 0), LONGEST_WAIT)


def body_of(envelope: Envelope) -> dict[str, Any]:
    """The message as the API takes it. A retry of the same message makes the same body, which its key asks for.

    Mail systems behind the API replace the Message-ID, but leave References alone: ours stands last among them, so that
    an answer names it.
    """
    message = message_from_bytes(envelope.message, policy=policy.default)
    assert isinstance(message, EmailMessage)
    headers = {name: _unfolded(value) for name, value in message.items() if name.casefold() not in OWN_FIELDS}
    own = _unfolded(message["Message-ID"])
    headers["References"] = f"{headers['References']} {own}" if "References" in headers else own
    body: dict[str, Any] = {
        "from": _unfolded(message["From"]),
        "to": [envelope.recipient],
        "subject": _unfolded(message["Subject"]),
        "headers": headers,
    }
    if message["Reply-To"]:
        body["reply_to"] = _unfolded(message["Reply-To"])
    for name, kind in (("text", "plain"), ("html", "html")):
        part = message.get_body(preferencelist=(kind,))
        if part is not None:
            body[name] = part.get_content().replace("\r\n", "\n")
    if envelope.key:
        body["tags"] = [{"name": TAG, "value": envelope.key}]
    return body


def outcome_of(answer: Answer) -> Outcome:  # noqa: PLR0911  one for each answer
    """What an answer means, in the terms of a mail server (https://resend.com/docs/api-reference/errors)."""
    said = _said(answer.body)
    name, text = str(said.get("name") or ""), str(said.get("message") or said.get("id") or "")
    words = f"{answer.status_code} {name}: {text}".replace(" :", ":")[:280]
    match answer.status_code:
        case 200 | 201 | 202:
            return Reply(250, f"taken as {text}"[:300], Phase.DATA)
        case 409 if name == "invalid_idempotent_request":
            return Uncertain(f"it was taken before, with other words ({words})")
        case 409 | 408 | 425:
            return Uncertain(words, KNOWN_AGAIN)
        case 429:
            wait = answer.headers.get("retry-after", "")
            hint = f"; try again in {wait} seconds" if wait.isdigit() else ""
            return Reply(BUSY if name in {"", "rate_limit_exceeded"} else 452, f"4.3.2 {words}{hint}", Phase.DATA)
        case 401 | 403:
            return Reply(535, f"5.7.8 {words}", Phase.LOGIN)
        case 451:
            return Reply(554, f"5.7.1 {words}", Phase.DATA)
        case 400 | 422 if name in NOT_OURS or "api key" in text.casefold():
            return Reply(535, f"5.7.8 {words}", Phase.LOGIN)
        case 400 | 413 | 422:
            return Reply(554, f"5.6.0 {words}", Phase.DATA)
        case status if status >= 500:
            return Uncertain(words, KNOWN_AGAIN)
        case _:
            return Reply(451, f"4.3.0 {words}", Phase.CONNECT)


def _never_arrived(error: ProviderBusy) -> bool:
    """Whether the request did not leave: the name is unknown, or the line was never there."""
    cause = error.__cause__
    return not isinstance(cause, httpx.HTTPError) or isinstance(cause, httpx.ConnectError | httpx.ConnectTimeout)


def _said(body: bytes) -> Mapping[str, Any]:
    try:
        found = msgspec.json.decode(body)
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _unfolded(value: object) -> str:
    return " ".join(str(value).split())


TRANSPORT = ResendTransport()
