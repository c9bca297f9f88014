"""What a tracked address stands for: whoever was sent one may use it, and nobody can make one."""

from __future__ import annotations

from domain.outreach.tracking import PIXEL, Mark, is_signed, parse_token
from domain.tenancy import SystemScope
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.outbox import Outbox
from storage.ops.store import Store, Work
from storage.ops.tables import OutboxMessage

SCOPE = SystemScope("tracked links")


def target_of(store: Store, token: str) -> str | None:
    """Where a link leads: what the message that it was sent in says, and nothing else. None for the trap, which leads
    nowhere, and for an address that was not signed here, or whose message was forgotten."""
    with store.read(SCOPE) as work:
        mark = mark_of(work, token)
        if mark is None or mark.number == PIXEL:
            return None
        message = message_of(work, mark)
        contents = Outbox(work).contents([message], mark.organization_id) if message else {}
        links = [one.links for one in contents.values()]
        return links[0][mark.number - 1] if links and mark.number <= len(links[0]) else None


def mark_of(work: Work, token: str) -> Mark | None:
    """What a token says, if it was signed here (SystemScope)."""
    mark = parse_token(token)
    if mark is None or Organizations(work).find(mark.organization_id) is None:
        return None
    return mark if is_signed(token, mark, Organizations(work).hash_key(mark.organization_id)) else None


def message_of(work: Work, mark: Mark) -> OutboxMessage | None:
    """The message of a mark (SystemScope), which its organization must have sent."""
    found = work.session.get(OutboxMessage, mark.outbox_message_id)
    return found if found is not None and found.organization_id == mark.organization_id else None
