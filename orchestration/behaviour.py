"""What people did becomes signals: read from the marts, told by `domain.behaviour`, kept once in the store, where the plays
are asked about what is new."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.behaviour import LOOK_BACK, Reaction, VisitDay, of_bursts, of_reaction, of_visits
from domain.signals import Signal
from domain.tenancy import Actor, Scope
from storage.lake import Lake
from storage.ops.repositories.plays import ask_plays
from storage.ops.repositories.signals import BuyingSignals
from storage.ops.store import Store

CHUNK = 200
"""Signals a transaction."""
VISITS = """
    select
        visited_on, contact_id, company_id, first_session_id, page_view_count, pricing_view_count, download_count,
        first_visit_at, last_visit_at, former_visit_at
    from lake.marts.visits_daily
    where organization_id = ?
    order by visited_on, first_session_id
"""
REACTIONS = """
    select
        reaction_id, kind, contact_id, company_id, coalesce(campaign, '') as campaign, coalesce(intent, '') as intent,
        coalesce(page_url, '') as page_url, occurred_at
    from lake.marts.reactions
    where organization_id = ? and occurred_at > ?
    order by occurred_at, reaction_id
"""


def tell_of_behaviour(lake: Lake, store: Store, organization_id: str, now: datetime) -> int:
    """Keeps the signals that the last build shows and that were not kept before; answers how many. Who is not in the store
    any more has none."""
    told = list(_signals(lake, organization_id, now))
    kept = 0
    for start in range(0, len(told), CHUNK):
        kept += _keep(store, organization_id, told[start : start + CHUNK])
    return kept


def _signals(lake: Lake, organization_id: str, now: datetime) -> Iterator[Signal]:
    days = [VisitDay(**row) for row in lake.arrow(VISITS, [organization_id]).to_pylist()]
    for day in days:
        if day.last_visit_at > now - LOOK_BACK:
            yield from of_visits(day)
    for row in lake.arrow(REACTIONS, [organization_id, now - LOOK_BACK]).to_pylist():
        if signal := of_reaction(Reaction(**row)):
            yield signal
    yield from of_bursts(days, now.date())


def _keep(store: Store, organization_id: str, told: Sequence[Signal]) -> int:
    """Looks before it writes: most of what a build shows was kept after the one before."""
    scope = Scope.of(organization_id)
    with store.read(scope) as work:
        signals = BuyingSignals(work)
        whose = zip(told, signals.subjects(told), strict=True)
        new = signals.unknown([(one, subject) for one, subject in whose if subject is not None])
    if not new:
        return 0
    with store.write(scope, Actor.system("behaviour")) as work:
        kept = [each for each in BuyingSignals(work).add_all(new) if each is not None]
        ask_plays(work, kept)
    return len(kept)
