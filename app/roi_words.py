"""A scorecard and what channels return, in words and rows. Pure functions over what the marts answer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from app.formatting import count, money, plural
from domain.economics import FEW, cost_each, payback
from domain.scorecard import Line, Measure, Month, Verdict

TITLES = {
    Measure.LEADS: "Leads",
    Measure.CONTACT_RATE: "Contacted",
    Measure.RESPONSE_RATE: "Answered",
    Measure.MEETING_RATE: "Met us",
    Measure.MINUTES_TO_CONTACT: "First contact",
    Measure.DELIVERY_RATE: "Delivered",
    Measure.COST_PER_LEAD: "Cost per lead",
}
DEFINITIONS = {
    Measure.LEADS: "People who became leads in the month.",
    Measure.CONTACT_RATE: "Share of the month's leads that somebody reached out to up to now: by hand or by a sequence.",
    Measure.RESPONSE_RATE: "Share of those contacted who answered. What machines answer does not count.",
    Measure.MEETING_RATE: "Share of those contacted who met you.",
    Measure.MINUTES_TO_CONTACT: "Median from becoming a lead to the first contact, of those contacted after that moment.",
    Measure.DELIVERY_RATE: "Share of the month's emails that were delivered; where nothing reports that, that did not bounce.",
    Measure.COST_PER_LEAD: "The month's spend divided by its leads, whatever channel they came by.",
}
VERDICTS = {
    Verdict.MET: ("met", "green"),
    Verdict.MISSED: ("missed", "red"),
    Verdict.TOO_FEW: ("too few to tell", "gray"),
    Verdict.UNKNOWN: ("nothing yet", "gray"),
    Verdict.OTHER_CURRENCY: ("target in another currency", "orange"),
}
OVERLAPS = {
    "counted_once": "Stated twice, counted once",
    "whole_and_parts": "A whole channel beside its campaigns: both counted",
    "two_amounts": "Two amounts for the same day: both counted",
}
RATES = frozenset({Measure.CONTACT_RATE, Measure.RESPONSE_RATE, Measure.MEETING_RATE, Measure.DELIVERY_RATE})


def months_of(rows: Iterable[Mapping[Any, Any]]) -> list[Month]:
    """The rows of marts.scorecard_monthly."""
    return [
        Month(
            month_on=_day(row["month_on"]),
            currency=str(row["currency"]),
            median_minutes_to_contact=None
            if pd.isna(row["median_minutes_to_contact"])
            else float(row["median_minutes_to_contact"]),
            cost_minor=None if pd.isna(row["cost_minor"]) else int(row["cost_minor"]),
            **{name: int(row[name]) for name in COUNTS},
        )
        for row in rows
    ]


COUNTS = (
    "lead_count", "contacted_count", "responded_count", "meeting_count", "timed_count", "sent_count", "delivered_count",
)  # fmt: skip


def month_label(month_on: date) -> str:
    return f"{month_on:%b %Y}"


def value_words(measure: Measure, value: float | None, currency: str) -> str:
    """A value or a target in the unit of its measure."""
    if value is None:
        return "–"
    if measure in RATES:
        return f"{round(value * 100, 1):.3g}%" if value < 0.1 else f"{value:.0%}"
    if measure is Measure.MINUTES_TO_CONTACT:
        return span_words(value)
    return money(value, currency) if measure is Measure.COST_PER_LEAD else count(value)


def span_words(minutes: float) -> str:
    """`30 min`, `2 h`, `1.5 h`, `3 days`."""
    if minutes < 90:
        return f"{minutes:.0f} min"
    hours = minutes / 60
    return f"{hours:.3g} h" if hours < 48 else f"{hours / 24:.3g} days"


def line_definition(line: Line, currency: str) -> str:
    """What the number is, of how many, and how sure."""
    parts = [DEFINITIONS[line.measure]]
    if line.measure is not Measure.LEADS:
        parts.append(f"Of {plural(line.counted, 'message' if line.measure is Measure.DELIVERY_RATE else 'lead')}.")
    if line.low is not None and line.high is not None:
        low, high = (value_words(line.measure, bound, currency) for bound in (line.low, line.high))
        parts.append(f"95 % interval: {low} to {high}.")
    return " ".join(parts)


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


def _day(value: Any) -> date:
    return pd.Timestamp(value).date()
