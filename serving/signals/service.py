"""What the routes of signals answer."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from domain.filters import parse_filters
from domain.signals import BASELINE, LEAST_BASELINE, WINDOW, Counted, spikes, weight
from serving.crm.presenters import company_name, display_name
from serving.signals.schemas import SignalListOut, SignalOut, SpikeOut, WarmOut, WarmthOut
from storage.ops.repositories.listing import types_of
from storage.ops.repositories.signals import FIELDS, BuyingSignals
from storage.ops.store import Work
from storage.ops.tables import BuyingSignal, Company, Contact

WEIGHED = timedelta(days=365)


def feed(work: Work, filters: Sequence[str], *, limit: int, cursor: str | None) -> SignalListOut:
    found = BuyingSignals(work).page(parse_filters(filters, types_of(FIELDS)), limit=limit, cursor=cursor)
    return SignalListOut(
        items=[_out(row[0], row[1], row[2], work.now()) for row in found.rows],
        next_cursor=found.next_cursor,
        total=found.total,
    )


def warmth(work: Work, *, limit: int) -> WarmthOut:
    """Companies by what their signals weigh today, and which of them have more than they are used to."""
    now, signals = work.now(), BuyingSignals(work)
    heat: defaultdict[str, defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    counts: Counter[str] = Counter()
    last_at: dict[str, datetime] = {}
    recent: Counter[str] = Counter()
    before: Counter[str] = Counter()
    kept_since = signals.first_known_at() or now
    compared_from = max(kept_since, now - WINDOW - BASELINE)
    for company_id, kind, strength, half_life_days, observed_at in signals.weighed(now - WEIGHED):
        heat[company_id][kind] += weight(strength, half_life_days, observed_at, now)
        counts[company_id] += 1
        last_at.setdefault(company_id, observed_at)
        if observed_at > now - WINDOW:
            recent[company_id] += 1
        elif observed_at > compared_from:
            before[company_id] += 1
    unusual = spikes(
        {each: Counted(recent[each], before[each]) for each in recent.keys() | before.keys()}, now - kept_since
    )
    totals = {each: sum(points.values()) for each, points in heat.items()}
    ordered = sorted(heat, key=lambda each: (-totals[each], each))
    shown = ordered[:limit] + [each for each in ordered[limit:] if each in unusual]
    names = signals.names(shown)
    usual_from = kept_since + WINDOW + LEAST_BASELINE
    return WarmthOut(
        items=[
            WarmOut(
                company_id=each,
                name=names.get(each, ""),
                heat=round(totals[each], 1),
                by_kind={
                    kind: round(points, 1)
                    for kind, points in sorted(heat[each].items(), key=lambda one: (-one[1], one[0]))
                },
                signal_count=counts[each],
                last_at=last_at[each],
                spike=SpikeOut(recent=found.recent, expected=round(found.expected, 1), p=found.p)
                if (found := unusual.get(each))
                else None,
            )
            for each in shown
        ],
        company_count=len(heat),
        spikes_from=usual_from if heat and usual_from > now else None,
    )


def _out(signal: BuyingSignal, contact: Contact | None, company: Company | None, now: datetime) -> SignalOut:
    left = weight(signal.strength, signal.half_life_days, signal.observed_at, now)
    return SignalOut(
        buying_signal_id=signal.buying_signal_id,
        kind=signal.kind,
        source=signal.source,
        title=signal.title,
        url=signal.url,
        contact_id=signal.contact_id,
        contact_name=display_name(contact) if contact else None,
        company_id=signal.company_id,
        company_name=company_name(company),
        strength=signal.strength,
        half_life_days=signal.half_life_days,
        weight=round(left, 1),
        observed_at=signal.observed_at,
        created_at=signal.created_at,
    )
