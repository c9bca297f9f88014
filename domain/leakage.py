"""Columns that know the outcome: which evidence makes one suspect, and the words in which we say so. Pure.

A model that learns from a column filled in after the outcome looks brilliant in every table and is worthless on the next
lead. Nothing in a file says when a cell was filled in, so the evidence is circumstantial: when the value first appeared
(where history is known), whom it is missing for, what it separates, and, as a hint that only lowers the bar, its name.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise


class LeakRule(StrEnum):
    """Why a column is taken for one that is filled in after the outcome."""

    FILLED_AFTER = "filled_after"
    FILLED_FOR_ONE_OUTCOME = "filled_for_one_outcome"
    SEPARATES = "separates"
    STRONGER_THAN_THE_REST = "stronger_than_the_rest"
    NOBODY_BELOW = "nobody_below"
    NAMED_AFTER_THE_OUTCOME = "named_after_the_outcome"


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of one column. Shares are 0 to 1; `None` is what could not be measured."""

    label: str
    lead_count: int
    base_rate: float
    filled_count: int
    """Leads whose value is neither missing nor the one that stands for nothing (0, no, select …)."""
    filled_rate: float
    """Share of good outcomes among those."""
    good_filled_share: float
    bad_filled_share: float
    auc: float
    """Of this column alone, out of fold."""
    auc_error: float
    """Standard error of it."""
    next_auc: float
    """The strongest single column that is not suspect."""
    rest_auc: float | None = None
    """All columns that are not suspect, together, out of fold; measured only for the strong."""
    dead_share: float = 0.0
    """Leads at the weak end of a number among whom (nearly) nobody came to the outcome; 0 where there is no such end."""
    dead_rate: float = 1.0
    """Share of good outcomes among them."""
    is_deader_than_strong: bool = False
    """Whether even a column of this strength would leave more good outcomes there, beyond chance."""
    first_filled_count: int = 0
    """Contacts for whom we saw the value appear, and know when the outcome came."""
    filled_after_share: float = 0.0
    """Of those, the share for whom it appeared with the outcome or after it."""
    timely_share: float = 0.0
    """Leads whose value we are sure to have had before the outcome."""


@dataclass(frozen=True, slots=True)
class Leak:
    """A verdict against a column, with the evidence in one sentence."""

    rule: LeakRule
    words: str


TIMELY = 0.9
"""Share of leads known in time above which strength is no evidence: a value that was there before cannot leak."""
SEEN_LEAST, AFTER_MOST = 20, 0.5
PURE_RATE = 0.95
"""Lower bound of the good share among the filled, above which the value is taken for a record of the outcome."""
PURE_ODDS = 0.1
"""Upper bound of the good odds among the filled, in base odds, below which it is taken for a record of the loss."""
PRESENCE_GAP, HINTED_GAP = 0.6, 0.3
"""Difference of the filled shares of good and bad: `is it filled` then has an AUC of 0.8 or 0.65."""
SHARE_LEAST = 0.2
"""Share of an outcome's leads a pure column must cover to be worth leaving out."""
SEPARATES, STANDS_OUT = 0.9, 0.85
HINTED_AUC = 0.68
ALONE_AUC, SHARPLY_ALONE_AUC = 0.72, 0.79

_STRONG_WORDS = frozenset(
    [
        "converted",
        "conversion",
        "closed",
        "won",
        "lost",
        "churned",
        "churn",
        "deal",
        "contract",
        "invoice",
        "invoiced",
        "paid",
        "payment",
        "purchase",
        "purchased",
        "revenue",
        "outcome",
        "disposition",
        "tag",
        "tags",
        "signed",
        "onboarded",
        "onboarding",
        "refund",
        "renewal",
        "qualified",
        "opportunity",
        "duration",
    ]
)
_PHRASES = (
    ("lead", "quality"), ("lead", "status"), ("lead", "stage"), ("deal", "stage"), ("sales", "stage"), ("order", "value"),
    ("order", "date"), ("close", "date"), ("start", "date"), ("lost", "reason"), ("loss", "reason"), ("call", "result"),
    ("call", "notes"), ("sales", "notes"), ("sales", "rating"), ("rep", "notes"), ("next", "step"), ("time", "to"),
    ("subscription", "id"), ("customer", "id"), ("customer", "since"), ("account", "manager"), ("call", "length"), ("call", "seconds"),
    ("call", "minutes"), ("talk", "time"), ("handle", "time"),
)  # fmt: skip
_EARLIER = frozenset(
    ["previous", "prev", "prior", "past", "earlier", "former", "last", "historic", "expected", "estimated", "requested"]
)
"""Words that speak of something before this lead: `previous outcome` is honest."""
_OF_A_VISIT = frozenset(["visit", "session", "site", "website", "page", "web"])
"""The duration of these was counted before the outcome."""


def hints_at_outcome(label: str) -> str:
    """The words of a name that speak of what comes after the outcome, or an empty text."""
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", label)
    words = re.findall(r"[a-z]+", spaced.casefold())
    if _EARLIER & set(words) or ("duration" in words and _OF_A_VISIT & set(words)):
        return ""
    for first, second in _PHRASES:
        if any(pair == (first, second) for pair in pairwise(words)):
            return f"{first} {second}"
    return next((word for word in words if word in _STRONG_WORDS), "")


def judge(found: Evidence) -> Leak | None:
    """The first rule that speaks against a column, from the surest to the most circumstantial; None for an honest one."""
    rules = (_filled_after, _filled_for_one_outcome, _separates, _stands_out, _nobody_below, _named)
    is_timely = found.timely_share >= TIMELY
    for rule in rules[:1] if is_timely else rules:
        leak = rule(found)
        if leak is not None:
            return leak
    return None


def _filled_after(found: Evidence) -> Leak | None:
    if found.first_filled_count < SEEN_LEAST or found.filled_after_share < AFTER_MOST:
        return None
    return Leak(
        LeakRule.FILLED_AFTER,
        f"For {found.filled_after_share:.0%} of {found.first_filled_count:,} contacts it was filled in with the outcome or "
        "after it.",
    )


def _filled_for_one_outcome(found: Evidence) -> Leak | None:
    """Filled for the good only, for the bad only, or so much more for one of them that being filled tells which."""
    low, high = wilson(found.filled_rate, found.filled_count)
    base_odds = found.base_rate / max(1 - found.base_rate, 1e-9)
    gap = found.good_filled_share - found.bad_filled_share
    shares = (
        f"Filled in for {found.good_filled_share:.0%} of those who came to the outcome and {found.bad_filled_share:.0%} of "
        "those who did not"
    )
    is_record_of_good = (
        low >= PURE_RATE and found.base_rate < PURE_RATE - 0.1 and found.good_filled_share >= SHARE_LEAST
    )
    is_record_of_bad = (
        high / max(1 - high, 1e-9) <= PURE_ODDS * base_odds
        and found.bad_filled_share >= SHARE_LEAST
        and found.bad_filled_share > found.good_filled_share
    )
    hint = hints_at_outcome(found.label)
    if is_record_of_good or is_record_of_bad or abs(gap) >= PRESENCE_GAP:
        return Leak(LeakRule.FILLED_FOR_ONE_OUTCOME, f"{shares}.")
    if hint and abs(gap) >= HINTED_GAP:
        return Leak(LeakRule.FILLED_FOR_ONE_OUTCOME, f"{shares}, and its name says “{hint}”.")
    return None


def _separates(found: Evidence) -> Leak | None:
    if found.auc - 2 * found.auc_error < SEPARATES:
        return None
    return Leak(
        LeakRule.SEPARATES,
        f"It alone tells the outcomes apart (AUC {found.auc:.2f}); the next best column has {found.next_auc:.2f}.",
    )


def _stands_out(found: Evidence) -> Leak | None:
    if (
        found.rest_auc is None
        or found.auc - found.auc_error < STANDS_OUT
        or found.auc < found.rest_auc
        or found.auc - 0.5 < 1.75 * (found.next_auc - 0.5)
    ):
        return None
    return Leak(
        LeakRule.STRONGER_THAN_THE_REST,
        f"It alone ranks better (AUC {found.auc:.2f}) than all other columns together ({found.rest_auc:.2f}).",
    )


def _nobody_below(found: Evidence) -> Leak | None:
    """A number that must first grow before the outcome can come, and outweighs all else: the length of the deciding call.

    An honest strong number also has a weak end. What is asked for is a weaker end than its strength explains or, where
    there are too few leads to tell, a strength far above that of every other column.
    """
    if (
        found.rest_auc is None
        or not found.dead_share
        or found.auc - 2 * found.auc_error < ALONE_AUC
        or found.auc < found.rest_auc - 0.02
    ):
        return None
    lead = (found.auc - 0.5) / max(found.next_auc - 0.5, 1e-9)
    is_sharp = found.auc >= SHARPLY_ALONE_AUC and lead >= 1.75
    if not is_sharp and not (found.is_deader_than_strong and lead >= 1.2):
        return None
    return Leak(
        LeakRule.NOBODY_BELOW,
        f"It alone ranks as well (AUC {found.auc:.2f}) as all other columns together ({found.rest_auc:.2f}), and of the "
        f"{found.dead_share:.0%} of leads at its weak end {found.dead_rate:.2%} came to the outcome: the value seems to "
        "grow out of the outcome.",
    )


def _named(found: Evidence) -> Leak | None:
    hint = hints_at_outcome(found.label)
    if not hint or found.auc - found.auc_error < HINTED_AUC:
        return None
    return Leak(
        LeakRule.NAMED_AFTER_THE_OUTCOME,
        f"Its name says “{hint}”, and it alone has an AUC of {found.auc:.2f}, beside {found.next_auc:.2f} of the next best.",
    )


def wilson(rate: float, count: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's interval of a share (Wilson 1927); (0, 1) of nothing."""
    if count <= 0:
        return 0.0, 1.0
    middle = (rate + z * z / (2 * count)) / (1 + z * z / count)
    half = z / (1 + z * z / count) * math.sqrt(rate * (1 - rate) / count + z * z / (4 * count * count))
    return max(0.0, middle - half), min(1.0, middle + half)
