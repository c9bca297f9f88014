"""Secrets of webhooks, ours and others': sealed, and the former one holds for a day after a new one was made."""

from __future__ import annotations

from domain.webhook_events import OVERLAP
from storage.ops.store import Work
from storage.ops.tables import ProviderWebhook, WebhookEndpoint

Keeper = WebhookEndpoint | ProviderWebhook


def take_up(work: Work, keeper: Keeper, key: bytes) -> None:
    """From now on this one, and for a day the one that is kept, if there is one."""
    place, former_place = _places(keeper)
    if keeper.sealed_secret is not None:
        former = work.sealer.open(keeper.sealed_secret, keeper.organization_id, *place)
        keeper.sealed_former_secret = work.sealer.seal(former, keeper.organization_id, *former_place)
        keeper.former_ends_at = work.now() + OVERLAP
    keeper.sealed_secret = work.sealer.seal(key, keeper.organization_id, *place)


def keys_that_hold(work: Work, keeper: Keeper) -> list[bytes]:
    """The newest first; none where none was set."""
    place, former_place = _places(keeper)
    owner, keys = keeper.organization_id, []
    if keeper.sealed_secret is not None:
        keys.append(work.sealer.open(keeper.sealed_secret, owner, *place))
    if keeper.sealed_former_secret and keeper.former_ends_at and work.now() < keeper.former_ends_at:
        keys.append(work.sealer.open(keeper.sealed_former_secret, owner, *former_place))
    return keys


def _places(keeper: Keeper) -> tuple[tuple[str, str], tuple[str, str]]:
    """What the two are sealed for."""
    return (keeper.__tablename__, "sealed_secret"), (keeper.__tablename__, "sealed_former_secret")
