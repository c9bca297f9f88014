"""What a tracked address stands for: whoever was sent one may use it, and nobody can make one."""

from __future__ import annotations

from dataclasses import dataclass

from domain.outreach.tracking import PIXEL, Mark, is_signed, parse_token
from domain.tenancy import SystemScope
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.outbox import Outbox
from storage.ops.store import Store, Work

SCOPE = SystemScope("tracked links")


@dataclass(frozen=True, slots=True)
class Found:
    """A mark that was signed here, and where it leads: what the message that it was sent in says, and nothing else.
    Nowhere for the picture and the trap, and for a message that was forgotten."""

    mark: Mark
    target: str | None


def find(store: Store, token: str) -> Found | None:
    """What a token stands for; None for one that was not signed here, or for another organization's message."""
    with store.read(SCOPE) as work:
        mark = _mark_of(work, token)
        message = Outbox(work).find(mark.outbox_message_id, mark.organization_id) if mark else None
        if mark is None or message is None:
            return None
        if mark.number == PIXEL:
            return Found(mark, None)
        contents = Outbox(work).contents([message], mark.organization_id)
        links = contents[message.outbox_message_id].links if contents else ()
        return Found(mark, links[mark.number - 1] if mark.number <= len(links) else None)


def _mark_of(work: Work, token: str) -> Mark | None:
    mark = parse_token(token)
    if mark is None or Organizations(work).find(mark.organization_id) is None:
        return None
    return mark if is_signed(token, mark, Organizations(work).hash_key(mark.organization_id)) else None
