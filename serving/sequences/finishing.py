"""When a sequence would be through, and the limit that decides it: with the people who are in it, and some more."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from domain.outreach.finishing import Carrier, Fleet, finish
from domain.outreach.health import Band
from domain.outreach.limits import Cap, ramp_begins
from domain.outreach.mailboxes import terms_of
from domain.settings import Settings
from serving.access.principals import Principal
from serving.sending.gathering import Situation, definition_for, gather
from serving.sequences.schemas import FinishOut, LimitDaysOut
from serving.sequences.service import SCOPE, own
from storage.ops.repositories.enrolments import Enrolments
from storage.ops.store import Store


def when_through(store: Store, settings: Settings, principal: Principal, sequence_id: str, people: int) -> FinishOut:
    """As if it were switched on now, and `people` more were put in."""
    with store.read(principal.scope) as work:
        row = own(work, sequence_id)
    with store.read(SCOPE) as work:
        now, definition = work.now(), definition_for(work, sequence_id, row.version)
        situation = gather(work, settings, row, [], now, is_hypothetical=True)
        standing = Counter(Enrolments(work).standing(sequence_id)) + Counter({definition.first: people})
        fleet, campaign = _fleet(situation, now), situation.campaigns[row.version]
        sent_today, new_today = campaign.caps[0].used(now), campaign.new_cap.used(now)
    found = finish(
        definition, standing, fleet.room_on, fleet.first_day, sent_today=sent_today, new_today=new_today
    )  # fmt: skip
    reason = found.reason
    if reason == "no_room" and not fleet.carriers:
        reason = next((one.closed for one in situation.mailboxes.values()), "no_mailbox")
    return FinishOut(
        people=found.people, messages=found.messages, last_new_on=found.last_new_on, finishes_on=found.finishes_on,
        limits=[LimitDaysOut(name=name, days=days) for name, days in found.limits.items()], reason=reason,
        left=found.left,
    )  # fmt: skip


def _fleet(situation: Situation, now: datetime) -> Fleet:
    window = situation.campaigns[situation.row.version].window
    opening = window.opens(now) or now
    carriers, per_domain = [], {}
    for key, mailbox in situation.mailboxes.items():
        row = situation.rows[key]
        if mailbox.closed:
            continue
        carriers.append(
            Carrier(
                mailbox.address, row.domain, terms_of(row.terms or {}),
                ramp_begins(row.ramp_began_on, row.last_sent_on, opening.date()), Band(row.health_band),
                used=Cap("", 0, mailbox.times, time_zone=window.time_zone).used(now),
            )
        )  # fmt: skip
        for cap in mailbox.caps:
            if cap.name == "sending_domain_per_day":
                per_domain[row.domain] = cap.limit, cap.used(now)
    return Fleet(window, carriers, situation.time_zone, per_domain, now)
