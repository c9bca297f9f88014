"""Whether a mailbox carries something now, and if not, why and until when: the same gates as a decision about a message,
without a person and a campaign."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.outreach.deciding import Mailbox
from domain.outreach.limits import binding, room_at
from domain.outreach.windows import opens


@dataclass(frozen=True, slots=True)
class Limit:
    """One cap of a mailbox: how much of it is used, and how much there is."""

    name: str
    used: int
    limit: int


@dataclass(frozen=True, slots=True)
class Standing:
    """`reason`: `allowed`, or the first gate that is closed; `until`: when it opens, if that is known. `smallest`: the
    limit that leaves least room, `room`: how many messages that is."""

    reason: str
    until: datetime | None
    limits: tuple[Limit, ...]
    smallest: str
    room: int


def standing(mailbox: Mailbox, now: datetime) -> Standing:
    """What a mailbox says, in the order of `domain.outreach.deciding`: its switch, its hours, its caps, its gap."""
    caps = mailbox.caps
    used = [cap.used(now) for cap in caps]
    smallest = binding(caps, used)
    room = smallest.left(now) if smallest else 0
    reason, until = "allowed", None
    if mailbox.closed:
        reason = mailbox.closed
    elif not mailbox.window.is_open(now):
        reason, until = "mailbox_window", opens([mailbox.window], now)
    elif smallest is not None and room <= 0:
        reason, until = f"cap_{smallest.name}", opens([mailbox.window], room_at(caps, now))
    elif (free_at := mailbox.free_at(now)) > now:
        reason, until = "mailbox_gap", opens([mailbox.window], free_at)
    limits = tuple(Limit(cap.name, number, cap.limit) for cap, number in zip(caps, used, strict=True))
    return Standing(reason, until, limits, smallest.name if smallest else "", room)
