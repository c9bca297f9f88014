"""/v1/signal-feeds: feeds of news that are read once an hour."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter

from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import StoreDep
from serving.signal_feeds import service
from serving.signal_feeds.schemas import SignalFeedIn, SignalFeedOut, SignalFeedsOut

router = APIRouter(prefix="/v1/signal-feeds", tags=["signals"])
ROLES = frozenset({"api", "ui"})
Keeper = Annotated[Principal, may(Permission.SETTINGS_WRITE)]
"""Also for reading: the address of a feed may hold a key."""


@router.get("")
def list_signal_feeds(store: StoreDep, principal: Keeper) -> SignalFeedsOut:
    """Feeds by name with how their last reading went, and the rules that a new one starts from."""
    with store.read(principal.scope) as work:
        return service.shown(work)


@router.post("", status_code=201)
def create_signal_feed(body: SignalFeedIn, store: StoreDep, principal: Keeper) -> SignalFeedOut:
    """A feed, RSS or Atom, that is read as soon as a worker is free and once an hour from then on. 409 for one that is read
    already."""
    with store.write(principal.scope, principal.actor) as work:
        return service.create(work, body)


@router.post("/{signal_feed_id}/read", status_code=202)
def read_signal_feed(signal_feed_id: str, store: StoreDep, principal: Keeper) -> SignalFeedOut:
    """Has it read as soon as a worker is free."""
    with store.write(principal.scope, principal.actor) as work:
        return service.read_now(work, signal_feed_id)


@router.delete("/{signal_feed_id}", status_code=204)
def remove_signal_feed(signal_feed_id: str, store: StoreDep, principal: Keeper) -> None:
    """It is read no more; signals that it told of stay."""
    with store.write(principal.scope, principal.actor) as work:
        service.remove(work, signal_feed_id)
