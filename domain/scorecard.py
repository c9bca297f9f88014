"""The success scorecard: what a program of lead generation should reach after some months, and whether a month did.

A verdict is held back where the numbers are too few: a share meets or misses its target only if its 95 % interval lies on
one side of it, and a cost per lead likewise (`domain.economics`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from domain.economics import cost_each
from domain.errors import InvalidInput
from domain.leakage import wilson

SETTING = "success_targets"
FEWEST_TIMED = 5
"""A median of fewer is not judged."""


class Measure(StrEnum):
    """What is measured in a month."""

    LEADS = "leads"
    CONTACT_RATE = "contact_rate"
    RESPONSE_RATE = "response_rate"
    MEETING_RATE = "meeting_rate"
    MINUTES_TO_CONTACT = "minutes_to_contact"
    DELIVERY_RATE = "delivery_rate"
    COST_PER_LEAD = "cost_per_lead"


LESS_IS_BETTER = frozenset({Measure.MINUTES_TO_CONTACT, Measure.COST_PER_LEAD})


class Verdict(StrEnum):
    """How a month stands to a target."""

    MET = "met"
    MISSED = "missed"
    TOO_FEW = "too_few"
    """So few that chance alone could explain either."""
    UNKNOWN = "unknown"
    """Nothing was measured."""
    OTHER_CURRENCY = "other_currency"
    """The target is in a currency that reports are not in."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What should be reached from `from_month` on: months since the start, the first being 1."""

    from_month: int
    leads: int
    contact_rate: float
    response_rate: float
    meeting_rate: float
    minutes_to_contact: int
    delivery_rate: float
    cost_per_lead_minor: int

    def of(self, measure: Measure) -> float:
        """In the unit of the measure: a count, a share, minutes, or minor units."""
        name = "cost_per_lead_minor" if measure is Measure.COST_PER_LEAD else measure.value
        return float(getattr(self, name))


@dataclass(frozen=True, slots=True)
class Plan:
    """Targets in the order of their months. `starts_on` is the first month; None for the first that has a lead."""

    steps: tuple[Targets, ...]
    currency: str
    starts_on: date | None = None

    def of_month(self, month_on: date, first_month_on: date) -> Targets:
        """Those of the last step reached by that month; before the first step, the first: it is what is worked towards."""
        start = self.starts_on or first_month_on
        number = (month_on.year - start.year) * 12 + month_on.month - start.month + 1
        reached = [step for step in self.steps if step.from_month <= number]
        return reached[-1] if reached else self.steps[0]


DEFAULT = Plan(
    (
        Targets(3, 500, 0.40, 0.08, 0.03, 120, 0.90, 15_00),
        Targets(6, 2_000, 0.60, 0.15, 0.08, 30, 0.95, 8_00),
    ),
    "USD",
)


@dataclass(frozen=True, slots=True)
class Month:
    """What a month came to, as marts.scorecard_monthly counts it."""

    month_on: date
    currency: str
    lead_count: int = 0
    contacted_count: int = 0
    responded_count: int = 0
    meeting_count: int = 0
    timed_count: int = 0
    median_minutes_to_contact: float | None = None
    sent_count: int = 0
    delivered_count: int = 0
    cost_minor: int | None = None


_COUNTS = (
    "lead_count", "contacted_count", "responded_count", "meeting_count", "timed_count", "sent_count", "delivered_count",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One measure of a month beside its target; `low` and `high` are its 95 % interval, None where it has none."""

    measure: Measure
    value: float | None
    target: float
    verdict: Verdict
    low: float | None = None
    high: float | None = None
    counted: int = 0
    """Of how many it is a share, a median or a cost."""


def months_of(rows: Iterable[Mapping[Any, Any]]) -> list[Month]:
    """The rows of marts.scorecard_monthly, in their order."""
    return [
        Month(
            month_on=row["month_on"].date() if isinstance(row["month_on"], datetime) else row["month_on"],
            currency=str(row["currency"]),
            median_minutes_to_contact=_known(row["median_minutes_to_contact"]),
            cost_minor=None if (cost := _known(row["cost_minor"])) is None else int(cost),
            **{name: int(row[name]) for name in _COUNTS},
        )
        for row in rows
    ]


def read_month(month: Month, targets: Targets, currency: str) -> list[Line]:
    """Every measure, in the order of the plan. `currency` is that of the targets."""
    met_of = month.contacted_count
    return [
        _line(Measure.LEADS, float(month.lead_count), targets, counted=month.lead_count),
        _share(Measure.CONTACT_RATE, month.contacted_count, month.lead_count, targets),
        _share(Measure.RESPONSE_RATE, month.responded_count, met_of, targets),
        _share(Measure.MEETING_RATE, min(month.meeting_count, met_of), met_of, targets),
        _minutes(month, targets),
        _share(Measure.DELIVERY_RATE, min(month.delivered_count, month.sent_count), month.sent_count, targets),
        _cost(month, targets, currency),
    ]


def parse_plan(raw: Mapping[str, Any]) -> Plan:
    """A plan as `organization_settings` hold it. Raises InvalidInput for targets that nobody can reach, or that repeat."""
    steps = tuple(sorted((_targets(each) for each in raw.get("steps", [])), key=lambda step: step.from_month))
    if not steps:
        raise InvalidInput("a plan has at least one set of targets")
    if len({step.from_month for step in steps}) < len(steps):
        raise InvalidInput("two sets of targets begin in the same month")
    starts_on = raw.get("starts_on")
    first = date.fromisoformat(str(starts_on)).replace(day=1) if starts_on else None
    return Plan(steps, str(raw.get("currency", DEFAULT.currency)), first)


def plan_as_setting(plan: Plan) -> dict[str, Any]:
    return {
        "steps": [{name: getattr(step, name) for name in Targets.__slots__} for step in plan.steps],
        "currency": plan.currency,
        "starts_on": plan.starts_on.isoformat() if plan.starts_on else None,
    }


def first_month(months: Iterable[Month]) -> date | None:
    """The first one with a lead."""
    return min((month.month_on for month in months if month.lead_count), default=None)


def _known(value: float | None) -> float | None:
    """None also for what a frame of numbers holds in place of nothing."""
    return None if value is None or value != value else float(value)  # noqa: PLR0124  only NaN differs from itself


def _targets(raw: Mapping[str, Any]) -> Targets:
    try:
        found = Targets(**{name: raw[name] for name in Targets.__slots__})
    except KeyError as missing:
        raise InvalidInput(f"a set of targets lacks {missing.args[0]}") from None
    shares: Sequence[float] = (found.contact_rate, found.response_rate, found.meeting_rate, found.delivery_rate)
    if any(not 0 <= share <= 1 for share in shares):
        raise InvalidInput("a rate lies between 0 and 1")
    if found.from_month < 1 or min(found.leads, found.minutes_to_contact, found.cost_per_lead_minor) < 0:
        raise InvalidInput("targets are not negative, and months count from 1")
    return found


def _line(measure: Measure, value: float | None, targets: Targets, *, counted: int) -> Line:
    target = targets.of(measure)
    if value is None:
        return Line(measure, None, target, Verdict.UNKNOWN, counted=counted)
    is_met = value <= target if measure in LESS_IS_BETTER else value >= target
    return Line(measure, value, target, Verdict.MET if is_met else Verdict.MISSED, counted=counted)


def _held_back(line: Line, low: float, high: float) -> Line:
    """The line with its interval, and no verdict where the target lies inside."""
    verdict = Verdict.TOO_FEW if low < line.target < high else line.verdict
    return Line(line.measure, line.value, line.target, verdict, low, high, line.counted)


def _share(measure: Measure, part: int, whole: int, targets: Targets) -> Line:
    if not whole:
        return _line(measure, None, targets, counted=0)
    low, high = wilson(part / whole, whole)
    return _held_back(_line(measure, part / whole, targets, counted=whole), low, high)


def _minutes(month: Month, targets: Targets) -> Line:
    line = _line(Measure.MINUTES_TO_CONTACT, month.median_minutes_to_contact, targets, counted=month.timed_count)
    if line.value is not None and month.timed_count < FEWEST_TIMED:
        return Line(line.measure, line.value, line.target, Verdict.TOO_FEW, counted=line.counted)
    return line


def _cost(month: Month, targets: Targets, currency: str) -> Line:
    each = cost_each(month.cost_minor, month.lead_count)
    line = _line(Measure.COST_PER_LEAD, each.minor, targets, counted=month.lead_count)
    if line.value is None or each.low is None or each.high is None:
        return line
    if currency != month.currency:
        return Line(line.measure, line.value, line.target, Verdict.OTHER_CURRENCY, each.low, each.high, line.counted)
    return _held_back(line, each.low, each.high)
