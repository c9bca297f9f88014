"""How providers are asked over HTTP: one polite client, and every way an answer can go wrong brought to one vocabulary."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

import httpx

from domain.enrichment.answers import Answer, Outcome
from domain.errors import InvalidInput, LeadhouseError, ProviderRefused
from serving import outside

AGENT = "Leadhouse-Enrichment/1"
USUAL: Mapping[int, Outcome] = {
    400: Outcome.INVALID,
    401: Outcome.REFUSED,
    402: Outcome.QUOTA_SPENT,
    403: Outcome.REFUSED,
    404: Outcome.NOT_FOUND,
    405: Outcome.INVALID,
    406: Outcome.INVALID,
    409: Outcome.INVALID,
    410: Outcome.NOT_FOUND,
    422: Outcome.INVALID,
    429: Outcome.RATE_LIMITED,
    451: Outcome.OPTED_OUT,
}
"""What status codes mean where a provider does not say otherwise; above 500 it is away."""
_BEFORE_IT_WAS_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)
_MARKS = re.compile(r"<[^>]*>|\s+")


class Stopped(Exception):
    """A call that came to no usable body: the answer says why."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.problem)
        self.answer = answer


@dataclass(frozen=True, slots=True)
class Reply:
    """A body that came, with its status and headers."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    def json(self) -> Any:
        """Raises Stopped where it is none: an error page of a proxy is no answer of the provider."""
        try:
            return json.loads(self.body)
        except ValueError:
            kind = self.headers.get("content-type", "").partition(";")[0] or "no type"
            raise Stopped(
                Answer(Outcome.MALFORMED, status=self.status, problem=f"not JSON but {kind}: {_shown(self.text)}")
            ) from None

    def object(self) -> dict[str, Any]:
        """A JSON object; raises Stopped for anything else."""
        found = self.json()
        if not isinstance(found, dict):
            problem = f"a JSON {type(found).__name__} where an object belongs"
            raise Stopped(Answer(Outcome.MALFORMED, status=self.status, problem=problem))
        return found


class Web:
    """Asks over the client that keeps private addresses out (`serving.outside`)."""

    def __init__(self, client: outside.Outside) -> None:
        self._client = client

    def ask(
        self,
        url: str,
        *,
        method: str = "GET",
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
        statuses: Mapping[int, Outcome] | None = None,
    ) -> Reply:
        """The body of a 2xx. Raises Stopped for every other end, with the outcome that the status means: `statuses` are
        the provider's own meanings."""
        reply = self.reply(url, method=method, params=params, headers=headers, body=body)
        if 200 <= reply.status < 300:
            return reply
        meaning = {**USUAL, **(statuses or {})}.get(reply.status)
        outcome = meaning or (Outcome.AWAY if reply.status >= 500 or reply.status in {408, 425} else Outcome.MALFORMED)
        raise Stopped(
            Answer(
                outcome,
                status=reply.status,
                problem=f"HTTP {reply.status}: {_shown(reply.text)}".rstrip(": "),
                retry_after=retry_after(reply.headers),
            )
        )

    def reply(
        self,
        url: str,
        *,
        method: str = "GET",
        params: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = None,
    ) -> Reply:
        """Whatever comes, of any status. Raises Stopped where nothing does."""
        told = {name: value for name, value in (params or {}).items() if value not in (None, "")}
        if told:
            url = f"{url}{'&' if '?' in url else '?'}{urlencode(told, doseq=True)}"
        sent = {"User-Agent": AGENT, "Accept": "application/json", **(headers or {})}
        content = None
        if body is not None:
            content = json.dumps(body, ensure_ascii=False).encode()
            sent.setdefault("Content-Type", "application/json")
        try:
            answer = self._client.ask(method, url, sent, content)
        except InvalidInput as error:
            raise Stopped(Answer(Outcome.INVALID, problem=error.message)) from error
        except ProviderRefused as error:
            raise Stopped(Answer(Outcome.MALFORMED, problem=error.message)) from error
        except LeadhouseError as error:
            raise Stopped(_unanswered(error)) from error
        return Reply(
            answer.status_code, answer.body, {name.casefold(): value for name, value in answer.headers.items()}
        )


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds that an answer asks to wait (RFC 9110 §10.2.3): a number, or a date."""
    text = headers.get("retry-after", "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            at = parsedate_to_datetime(text)
        except ValueError:
            return None
        at = at if at.tzinfo else at.replace(tzinfo=UTC)
        seconds = (at - (now or datetime.now(UTC))).total_seconds()
    return max(0.0, seconds) if seconds == seconds else None  # noqa: PLR0124  NaN is not itself


def _unanswered(error: LeadhouseError) -> Answer:
    """No answer: before the question was sent nothing was bought; after it, nobody can know."""
    cause = error.__cause__
    was_sent = isinstance(cause, httpx.HTTPError) and not isinstance(cause, _BEFORE_IT_WAS_SENT)
    return Answer(Outcome.TIMED_OUT if was_sent else Outcome.AWAY, problem=error.message)


def _shown(text: str) -> str:
    return _MARKS.sub(" ", text).strip()[:160]
