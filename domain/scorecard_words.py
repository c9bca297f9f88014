"""A scorecard and what things cost each, in words. Pure functions."""

from __future__ import annotations

from datetime import date

from domain.scorecard import Line, Measure, Verdict
from domain.wording import count, money, plural

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
RATES = frozenset({Measure.CONTACT_RATE, Measure.RESPONSE_RATE, Measure.MEETING_RATE, Measure.DELIVERY_RATE})


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
