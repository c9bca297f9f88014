"""Whether a program opened a message or followed its links: judged at once, and again when what came next is known.

An open is no evidence of a person, however it is judged: only clicks of people count for anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

BURST = timedelta(seconds=10)
"""Within which nobody reads two pages."""
SETTLED_AFTER = timedelta(seconds=60)
"""When what belongs to a click has come in: a gateway follows all links of a message within seconds."""
EARLIEST_CLICK, EARLIEST_OPEN = timedelta(seconds=5), timedelta(seconds=2)
"""After sending, before which it was no reader."""

HEAD_REQUEST = "head_request"
PRIVACY_PROXY = "privacy_proxy"
"""Apple's Mail Privacy Protection, which loads every picture, read or not."""
IMAGE_PROXY_PREFETCH = "image_proxy_prefetch"
"""Gmail's or Yahoo's proxy, so soon that it fetched ahead; later it fetches because somebody looks."""
WITHIN_SECONDS = "within_seconds_of_sending"
SEVERAL_LINKS = "several_links_at_once"
TRAP_FOLLOWED = "trap_followed"
WITH_THE_TRAP = "with_the_trap"
"""The same visitor's time and message as a request for the link that no person is shown."""

_IMAGE_PROXIES = ("GoogleImageProxy", "YahooMailProxy")
_PRIVACY_PROXY = "Mozilla/5.0"
"""All that Apple's proxies say."""


class HitKind(StrEnum):
    OPENED = "opened"
    CLICKED = "clicked"
    TRAPPED = "trapped"


@dataclass(frozen=True, slots=True)
class Hit:
    """One request for the picture or a link of a message."""

    kind: HitKind
    number: int
    at: datetime
    method: str
    user_agent: str
    bot_reasons: tuple[str, ...] = ()
    """What the user agent and the network say by themselves."""


def judge(hits: Sequence[Hit], sent_at: datetime | None) -> list[tuple[str, ...]]:
    """Why each request for a message was a program's, in the light of all of them; empty for what may be a person's."""
    return [_of_open(hit, sent_at) if hit.kind is HitKind.OPENED else _of_click(hit, hits, sent_at) for hit in hits]


def _of_open(hit: Hit, sent_at: datetime | None) -> tuple[str, ...]:
    after = hit.at - sent_at if sent_at else None
    if hit.user_agent.strip() == _PRIVACY_PROXY:
        return (PRIVACY_PROXY,)
    if any(name in hit.user_agent for name in _IMAGE_PROXIES):
        return (IMAGE_PROXY_PREFETCH,) if after is not None and after < BURST else ()
    found = [*_of_request(hit)]
    if after is not None and after < EARLIEST_OPEN:
        found.append(WITHIN_SECONDS)
    return tuple(found)


def _of_click(hit: Hit, hits: Sequence[Hit], sent_at: datetime | None) -> tuple[str, ...]:
    near = [other for other in hits if other.kind is not HitKind.OPENED and abs(other.at - hit.at) <= BURST]
    found = [*_of_request(hit)]
    if hit.kind is HitKind.TRAPPED:
        found.append(TRAP_FOLLOWED)
    elif any(other.kind is HitKind.TRAPPED for other in near):
        found.append(WITH_THE_TRAP)
    if len({other.number for other in near}) > 1:
        found.append(SEVERAL_LINKS)
    if sent_at is not None and hit.at - sent_at < EARLIEST_CLICK:
        found.append(WITHIN_SECONDS)
    return tuple(found)


def _of_request(hit: Hit) -> tuple[str, ...]:
    return ((HEAD_REQUEST,) if hit.method == "HEAD" else ()) + hit.bot_reasons
