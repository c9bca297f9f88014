"""Alert rules: when a number of the dashboards should be told of, and when there is not enough to tell.

A window is so many days in a row, the newest one ending yesterday: today is not over. A share or a cost crosses a line only
if its 95 % interval lies beyond it. Unusual is what lies 3.5 spreads from the median of the eight windows before: the
spread is the larger one of what was seen (1.4826 MAD) and of what chance alone makes of such counts (Poisson).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from math import sqrt
from statistics import median
from typing import Any

from domain.economics import cost_each
from domain.errors import InvalidInput
from domain.leakage import wilson

SETTING = "alert_rules"
JOB = "judge_alerts"
MOST_RULES = 30
WINDOWS = 8
"""How many former ones make a baseline."""
UNUSUAL = 3.5
FEWEST_OF_SHARE = 30
"""Of fewer than this a share is not judged against its own past."""
FEWEST = 5
"""A rise to fewer is no rise that anybody should be woken for."""


class Metric(StrEnum):
    LEADS = "leads"
    MQLS = "mqls"
    CUSTOMERS = "customers"
    FORM_SUBMISSIONS = "form_submissions"
    SESSIONS = "sessions"
    REPLY_RATE = "reply_rate"
    BOUNCE_RATE = "bounce_rate"
    SPEND = "spend"
    COST_PER_LEAD = "cost_per_lead"


class Comparison(StrEnum):
    ABOVE = "above"
    BELOW = "below"
    UNUSUALLY_HIGH = "unusually_high"
    UNUSUALLY_LOW = "unusually_low"

    @property
    def is_unusual(self) -> bool:
        """Whether it is held against its own past, not against a line."""
        return self in {Comparison.UNUSUALLY_HIGH, Comparison.UNUSUALLY_LOW}

    @property
    def is_up(self) -> bool:
        return self in {Comparison.ABOVE, Comparison.UNUSUALLY_HIGH}


SHARES = frozenset({Metric.REPLY_RATE, Metric.BOUNCE_RATE})
MONEY = frozenset({Metric.SPEND, Metric.COST_PER_LEAD})
TITLES = {
    Metric.LEADS: "Leads",
    Metric.MQLS: "MQLs",
    Metric.CUSTOMERS: "Customers",
    Metric.FORM_SUBMISSIONS: "Form submissions",
    Metric.SESSIONS: "Sessions",
    Metric.REPLY_RATE: "Reply rate",
    Metric.BOUNCE_RATE: "Bounce rate",
    Metric.SPEND: "Spend",
    Metric.COST_PER_LEAD: "Cost per lead",
}


@dataclass(frozen=True, slots=True)
class AlertRule:
    """`threshold` in the unit of the metric: a count, a share from 0 to 1, or minor units; unusual ones have none."""

    key: str
    name: str
    metric: Metric
    comparison: Comparison
    owner_user_id: str
    threshold: float | None = None
    days: int = 7
    cooldown_hours: int = 24

    def __post_init__(self) -> None:
        if (self.threshold is None) != self.comparison.is_unusual:
            raise InvalidInput(f"{self.key}: above and below take a threshold, unusual takes none")
        if self.comparison.is_unusual and self.metric is Metric.COST_PER_LEAD:
            raise InvalidInput(
                f"{self.key}: a cost per lead has a threshold: watch spend and leads for what is unusual"
            )

    @property
    def cooldown(self) -> timedelta:
        return timedelta(hours=self.cooldown_hours)


@dataclass(frozen=True, slots=True)
class Window:
    """What a window came to: a count or an amount, and of how many it is a share or a cost."""

    part: float
    whole: float = 0.0


class Outcome(StrEnum):
    FIRES = "fires"
    QUIET = "quiet"
    NOT_ENOUGH = "not_enough"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reason` is stable; `detail` holds the numbers it was judged by."""

    outcome: Outcome
    reason: str
    detail: Mapping[str, Any] = field(default_factory=dict)


def parse_rules(raw: Mapping[str, Any]) -> tuple[AlertRule, ...]:
    """As `organization_settings` hold them. Raises InvalidInput."""
    rules = tuple(
        AlertRule(**{**each, "metric": Metric(each["metric"]), "comparison": Comparison(each["comparison"])})
        for each in raw.get("rules", [])
    )
    if len({rule.key for rule in rules}) < len(rules):
        raise InvalidInput("two rules have the same key")
    return rules


def judge(rule: AlertRule, windows: Sequence[Window]) -> Judgement:
    """The newest window first; none where the marts say nothing."""
    if not windows:
        return Judgement(Outcome.NOT_ENOUGH, "nothing_built")
    if rule.comparison.is_unusual:
        return _against_its_past(rule, windows[0], windows[1 : WINDOWS + 1])
    return _against_a_line(rule, windows[0], float(rule.threshold or 0.0))


def _against_a_line(rule: AlertRule, now: Window, line: float) -> Judgement:
    value: float | None = now.part
    low: float | None = now.part
    high: float | None = now.part
    if rule.metric in SHARES:
        value = min(now.part / now.whole, 1.0) if now.whole else None
        low, high = wilson(value or 0.0, int(now.whole))
    elif rule.metric is Metric.COST_PER_LEAD:
        each = cost_each(now.part, now.whole)
        value, low, high = each.minor, each.low, each.high
    detail = {"value": value, "threshold": line, "low": low, "high": high, "of": now.whole, "days": rule.days}
    if value is None:
        return Judgement(Outcome.NOT_ENOUGH, "nothing_to_divide_by", detail)
    is_up = rule.comparison.is_up
    if not (value > line if is_up else value < line):
        return Judgement(Outcome.QUIET, "within_the_line", detail)
    is_sure = low is not None and low > line if is_up else high is not None and high < line
    if not is_sure:
        return Judgement(Outcome.NOT_ENOUGH, "chance_explains_it", detail)
    return Judgement(Outcome.FIRES, f"{rule.comparison}_the_line", detail)


def _against_its_past(rule: AlertRule, now: Window, past: Sequence[Window]) -> Judgement:
    if len(past) < WINDOWS:
        lacks = {"window_count": len(past), "needs": WINDOWS, "days": rule.days}
        return Judgement(Outcome.NOT_ENOUGH, "too_little_history", lacks)
    is_share = rule.metric in SHARES
    if is_share and any(each.whole < FEWEST_OF_SHARE for each in (now, *past)):
        least = min(each.whole for each in (now, *past))
        return Judgement(Outcome.NOT_ENOUGH, "too_few_messages", {"fewest": least, "needs": FEWEST_OF_SHARE})
    value, *before = [each.part / each.whole if is_share else each.part for each in (now, *past)]
    usual = median(before)
    spread = max(1.4826 * median([abs(each - usual) for each in before]), _by_chance(rule, usual, now))
    distance = (value - usual) / spread
    detail = {"value": value, "usual": usual, "spread": spread, "distance": round(distance, 2), "days": rule.days}
    is_up = rule.comparison.is_up
    if rule.metric not in MONEY:
        if not is_up and usual - UNUSUAL * spread < 0:
            return Judgement(Outcome.NOT_ENOUGH, "none_at_all_would_be_chance", detail)
        if is_up and now.part < FEWEST:
            return Judgement(Outcome.QUIET, "too_few_to_matter", detail)
    if (distance if is_up else -distance) < UNUSUAL:
        return Judgement(Outcome.QUIET, "as_usual", detail)
    return Judgement(Outcome.FIRES, str(rule.comparison), detail)


def _by_chance(rule: AlertRule, usual: float, now: Window) -> float:
    """How far chance alone moves it."""
    if rule.metric in MONEY:
        return max(0.05 * usual, 1.0)
    if rule.metric in SHARES:
        share = min(max(usual, 1 / now.whole), 1 - 1 / now.whole)
        return sqrt(share * (1 - share) / now.whole)
    return sqrt(max(usual, 1.0))
