"""Requests for pictures and links of messages: kept and judged as they come, and judged again a minute later, when all
that belongs to a click has come in. Only then a click of a person becomes part of their story."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zlib import crc32

from sqlalchemy.exc import DBAPIError

from domain.decisions import DecisionKind
from domain.outreach.hits import BURST, SETTLED_AFTER, Hit, HitKind, judge
from domain.outreach.tracking import PIXEL, TRAP, Mark
from domain.page_urls import clean_url
from domain.tenancy import Actor
from serving.bots.detector import bot_reasons
from serving.network.resolver import NetworkResolver
from serving.tracking.service import SCOPE, Found
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.message_hits import MOST_KEPT, MessageHits
from storage.ops.repositories.outbox import MessageEvents, Outbox, event_of
from storage.ops.store import Store, Work
from storage.ops.tables import MessageHit, OutboxMessage

JUDGE_CLICKS = "judge_clicks"
BEYOND = 1_000_000
"""Above every number of a link."""
ACTOR = Actor.system("tracking")
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: as much of it as is kept, and the address, which is not."""

    method: str
    user_agent: str
    client_hints: str
    address: str


def keep(store: Store, networks: NetworkResolver, found: Found, visitor: Visitor) -> None:
    """Never keeps a reader from where they are going: a store that does not take it is said in the log."""
    try:
        with store.write(SCOPE, ACTOR) as work:
            message = Outbox(work).find(found.mark.outbox_message_id, found.mark.organization_id)
            if message is not None:
                _keep(work, message, _facts(networks, found, visitor))
    except DBAPIError:
        log.warning("a request about a message could not be kept", exc_info=True)


def keep_reported(
    work: Work,
    networks: NetworkResolver | None,
    message: OutboxMessage,
    visitor: Visitor,
    at: datetime,
    link_url: str = "",
) -> None:
    """A request that a provider saw instead of us, for a link or, without one, for the picture: judged like any other. A
    link that our letter does not number has a number of its own, above those.
    `networks`: None where this process knows none."""
    number = PIXEL
    if link_url:
        contents = Outbox(work).contents([message], message.organization_id)
        links = contents[message.outbox_message_id].links if contents else ()
        number = links.index(link_url) + 1 if link_url in links else BEYOND + crc32(link_url.encode()) % BEYOND
    facts = _facts(networks, Found(Mark(message.organization_id, message.outbox_message_id, number), link_url), visitor)
    _keep(work, message, {**facts, "occurred_at": at})


def settle(work: Work, outbox_message_id: str) -> datetime | None:
    """Judges the clicks of a message again and writes down those of people, once each; answers when to look again, where
    the newest came just now."""
    message = Outbox(work).get(outbox_message_id)
    hits = MessageHits(work).of_message(outbox_message_id)
    _judge(work, message, hits)
    clicks = [hit for hit in hits if hit.kind != HitKind.OPENED]
    settled = [hit for hit in clicks if work.now() - hit.occurred_at > BURST]
    people = [hit for hit in settled if not hit.is_machine and hit.link_url]
    _tell(work, message, people)
    if settled:
        machines = sorted({reason for hit in settled for reason in hit.reasons})
        Decisions(work).record(
            DecisionKind.FLAG, "message", outbox_message_id, "clicked_by_a_person" if people else "clicked_by_machines",
            ",".join(machines)[:120] or "nothing_speaks_against_it", {"contact_id": message.contact_id, "clicks": len(settled)},
            organization_id=message.organization_id,
        )  # fmt: skip
    return work.now() + SETTLED_AFTER if len(settled) < len(clicks) else None


def queue_look(work: Work, message: OutboxMessage, at: datetime) -> None:
    Jobs(work).enqueue(
        JUDGE_CLICKS, organization_id=message.organization_id, run_at=at,
        payload={"outbox_message_id": message.outbox_message_id},
        unique_key=f"{JUDGE_CLICKS}:{message.outbox_message_id}",
    )  # fmt: skip


def _keep(work: Work, message: OutboxMessage, facts: dict[str, Any]) -> None:
    hits = MessageHits(work).of_message(message.outbox_message_id)
    if len(hits) >= MOST_KEPT:
        return
    _judge(work, message, [*hits, MessageHits(work).add(message, facts)])
    if facts["kind"] != HitKind.OPENED:
        queue_look(work, message, work.now() + SETTLED_AFTER)


def _facts(networks: NetworkResolver | None, found: Found, visitor: Visitor) -> dict[str, Any]:
    network = networks.resolve(visitor.address) if networks else None
    user_agent = visitor.user_agent[:1000].replace("\x00", "")
    number = found.mark.number
    return {
        "kind": {PIXEL: HitKind.OPENED, TRAP: HitKind.TRAPPED}.get(number, HitKind.CLICKED).value,
        "link_number": number,
        "link_url": clean_url(found.target) if found.target else "",
        "method": visitor.method[:10],
        "user_agent": user_agent,
        "ip_network": network.prefix if network else "",
        "network_type": network.type.value if network else "",
        "network_owner": network.owner[:200] if network else "",
        "bot_reasons": list(bot_reasons(user_agent, visitor.client_hints, network.type if network else None)),
    }


def _judge(work: Work, message: OutboxMessage, hits: Sequence[MessageHit]) -> None:
    verdicts = judge([_as_hit(hit) for hit in hits], message.sent_at or message.first_tried_at)
    for hit, reasons in zip(hits, verdicts, strict=True):
        MessageHits(work).flag(hit, reasons)


def _as_hit(row: MessageHit) -> Hit:
    return Hit(
        HitKind(row.kind), row.link_number, row.occurred_at, row.method, row.user_agent, tuple(row.bot_reasons or ())
    )


def _tell(work: Work, message: OutboxMessage, clicks: Sequence[MessageHit]) -> None:
    """The first click of a person on each link: an event, which conditions ask for, and a line of the timeline."""
    first = {hit.link_number: hit for hit in reversed(clicks)}
    known = MessageEvents(work).known({_key(message, number) for number in first}, message.organization_id)
    for number, hit in sorted(first.items()):
        key = _key(message, number)
        if key in known:
            continue
        event = event_of(message, "clicked", hit.occurred_at, key, {"link_url": hit.link_url})
        MessageEvents(work).add_all([event], message.organization_id)
        Activities(work).add(
            kind="link_click", contact_id=message.contact_id, summary=f"Followed a link in a message: {_short(hit.link_url)}",
            detail={"outbox_message_id": message.outbox_message_id, "sequence_id": message.sequence_id},
            actor_kind="contact", is_automated=False, occurred_at=hit.occurred_at,
            organization_id=message.organization_id,
        )  # fmt: skip


def _key(message: OutboxMessage, number: int) -> str:
    return f"clicked:{message.outbox_message_id}:{number}"


def _short(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}{parts.path}".rstrip("/")[:200]
