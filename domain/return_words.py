"""What channels and clients cost and bring, as rows in words. Pure functions over what the marts answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from domain.economics import FEW, cost_each, payback
from domain.wording import money, plural


def channel_rows(
    sums: Sequence[Mapping[Any, Any]], ages: Iterable[Mapping[Any, Any]], keys: Sequence[str], currency: str
) -> list[dict[str, Any]]:
    """One row of the table for each of `sums`: channel_roi_monthly summed over the period, by `keys`."""
    paid: dict[tuple[str, ...], dict[int, tuple[float, float]]] = {}
    for age in ages:
        of = paid.setdefault(tuple(str(age[key]) for key in keys), {})
        recurring, one_off = of.get(int(age["age_months"]), (0.0, 0.0))
        of[int(age["age_months"])] = (recurring + float(age["recurring_minor"]), one_off + float(age["one_off_minor"]))
    return [_channel_row(row, paid.get(tuple(str(row[key]) for key in keys), {}), keys, currency) for row in sums]


def _channel_row(
    row: Mapping[Any, Any], paid: Mapping[int, tuple[float, float]], keys: Sequence[str], currency: str
) -> dict[str, Any]:
    cost, customers = row["cost_minor"] or None, float(row["customer_count"])
    cac = cost_each(cost, customers)
    back = payback(cost, {age: recurring + one_off for age, (recurring, one_off) in paid.items()})
    recurring, one_off = (sum(each[place] for each in paid.values()) for place in (0, 1))
    worth = float(row["revenue_minor"]) / customers if customers > 1e-9 else None
    shown: dict[str, Any] = {key.capitalize(): row[key] or "–" for key in keys}
    shown["Cost"] = money(cost, currency)
    shown["Leads"] = round(float(row["lead_count"]), 1)
    shown["CPL"] = money(cost_each(cost, float(row["lead_count"])).minor, currency)
    shown["Per MQL"] = money(cost_each(cost, float(row["mql_count"])).minor, currency)
    shown["Per opp."] = money(cost_each(cost, float(row["opportunity_count"])).minor, currency)
    shown["Won"] = f"{customers:,.1f}".removesuffix(".0") + (" (few)" if cost and customers < FEW else "")
    shown["CAC"] = money(cac.minor, currency)
    shown["CAC 95 %"] = interval_words(cac.low, cac.high, currency) if cost else "–"
    shown["LTV so far"] = money(worth, currency)
    shown["LTV : CAC"] = f"{worth / cac.minor:.1f}" if worth is not None and cac.minor else "–"
    shown["Payback"] = payback_words(back.months, back.share)
    shown["Recurring"] = money(recurring or None, currency)
    shown["One-off"] = money(one_off or None, currency)
    return shown


def interval_words(low: float | None, high: float | None, currency: str) -> str:
    if low is None:
        return "–"
    return (
        f"{money(low, currency)} to {money(high, currency)}" if high is not None else f"{money(low, currency)} or more"
    )


def payback_words(months: int | None, share: float | None) -> str:
    """`at once`, `4 months`, `62 % back`; a dash where nothing was spent."""
    if share is None:
        return "–"
    if months is None:
        return f"{share:.0%} back"
    return "at once" if months == 0 else plural(months, "month")
