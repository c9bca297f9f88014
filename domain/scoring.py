"""Lead scoring by rules: who fits, who is engaged, and why. Pure; a score is always answered with its reasons.

Facts are a flat mapping of feature name to value, as `features.contact_features` has them; a custom attribute is
`attributes.<key>`. Fit never fades. Engagement fades by half every `half_life_days` since the last sign of life, but
only what counts in favour: a point against a lead (an unsubscribe, say) does not heal by waiting.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Facts = Mapping[str, Any]


class Band(StrEnum):
    """How soon somebody should call: a band, not a hairline."""

    HOT = "hot"
    WARM = "warm"
    COOL = "cool"
    COLD = "cold"


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that moved the score: in words, in points of the final score, and who says so (`rule` or `model`; `prior` says
    the chance and moves nothing)."""

    text: str
    effect: float
    source: str

    def as_dict(self) -> dict[str, Any]:
        return {"text": self.text, "effect": round(self.effect, 1), "source": self.source}


@dataclass(frozen=True, slots=True)
class Condition:
    """One test of one fact. `test` is a key of TESTS; a missing fact fails every test but `is_not`, `not_in`, `unknown`."""

    feature: str
    test: str
    operand: Any

    def holds(self, facts: Facts) -> bool:
        return TESTS[self.test](facts.get(self.feature), self.operand)


@dataclass(frozen=True, slots=True)
class Rule:
    """Points for a lead of whom every condition holds; with `per`, that many points for each one counted, `most` times."""

    name: str
    label: str
    """In words; `{value}` stands for what was counted, or for the fact the first condition looked at."""
    points: float
    conditions: tuple[Condition, ...] = ()
    per: str | None = None
    most: int = 1

    def earned(self, facts: Facts) -> float:
        """Points before the group's cap and before any fading; 0 where the rule does not apply."""
        if not all(condition.holds(facts) for condition in self.conditions):
            return 0.0
        if self.per is None:
            return self.points
        return self.points * min(max(number_of(facts.get(self.per)) or 0.0, 0.0), self.most)

    def words(self, facts: Facts) -> str:
        shown = self.per or (self.conditions[0].feature if self.conditions else "")
        return self.label.replace("{value}", shown_value(facts.get(shown)))


@dataclass(frozen=True, slots=True)
class Group:
    """Rules that share a ceiling (`cap`) and a floor (`-cap`), so that no one theme decides alone."""

    name: str
    cap: float
    rules: tuple[Rule, ...]
    fades_with: str | None = None
    """The fact that counts the days since the last sign of life; without one the group does not fade."""


@dataclass(frozen=True, slots=True)
class ScoringRules:
    """One version of how an organization scores by rules; `domain.scoring_rules.parse_rules` reads it."""

    version: str
    fit: tuple[Group, ...]
    engagement: tuple[Group, ...]
    half_life_days: float = 14.0
    fit_weight: float = 0.5
    """Share of fit in the score where rules decide alone; the rest is engagement."""
    bands: tuple[float, float, float] = (75.0, 50.0, 25.0)
    """Least scores of hot, warm and cool."""
    fit_cuts: tuple[float, float] = (60.0, 30.0)
    """Least fit of an A and of a B."""
    engagement_cuts: tuple[float, float] = (60.0, 25.0)
    """Least engagement of a 1 and of a 2."""
    engagement_odds: float = 3.0
    """Beside a model that has never seen engagement: full engagement multiplies the odds of success by this."""


@dataclass(frozen=True, slots=True)
class RuleScore:
    """What the rules say of one lead: fit, engagement and score, each 0 to 100."""

    fit: float
    engagement: float
    score: float
    grade: str
    band: Band
    fit_reasons: tuple[Reason, ...]
    engagement_reasons: tuple[Reason, ...]
    """Effects are in points of fit and of engagement, not yet weighed."""

    def reasons(self, fit_weight: float) -> tuple[Reason, ...]:
        """All reasons, in points of the score that rules alone make, strongest first."""
        fit = [Reason(found.text, found.effect * fit_weight, "rule") for found in self.fit_reasons]
        shown = [Reason(found.text, found.effect * (1 - fit_weight), "rule") for found in self.engagement_reasons]
        return strongest_first([*fit, *shown])


def score_by_rules(rules: ScoringRules, facts: Facts) -> RuleScore:
    """Fit, engagement, grade, band and reasons of one lead. The order of groups and rules does not matter."""
    fit, fit_reasons = _side(rules.fit, facts, rules.half_life_days)
    engagement, engagement_reasons = _side(rules.engagement, facts, rules.half_life_days)
    score = clamp(rules.fit_weight * fit + (1 - rules.fit_weight) * engagement)
    return RuleScore(
        fit=fit,
        engagement=engagement,
        score=score,
        grade=grade_of(rules, fit, engagement),
        band=band_of(rules, score),
        fit_reasons=fit_reasons,
        engagement_reasons=engagement_reasons,
    )


def faded(points: float, age_days: float | None, half_life_days: float) -> float:
    """Points in favour, halved once every half-life; points against, and those of unknown age, stay."""
    if points <= 0 or age_days is None:
        return points
    return points * math.pow(0.5, max(age_days, 0.0) / half_life_days)


def band_of(rules: ScoringRules, score: float) -> Band:
    hot, warm, cool = rules.bands
    if score >= hot:
        return Band.HOT
    if score >= warm:
        return Band.WARM
    return Band.COOL if score >= cool else Band.COLD


def grade_of(rules: ScoringRules, fit: float, engagement: float) -> str:
    """Fit as A to C and engagement as 1 to 3: `A1` fits and is awake, `C1` is awake and does not fit."""
    letter = "A" if fit >= rules.fit_cuts[0] else "B" if fit >= rules.fit_cuts[1] else "C"
    digit = "1" if engagement >= rules.engagement_cuts[0] else "2" if engagement >= rules.engagement_cuts[1] else "3"
    return letter + digit


def score_from_odds(log_odds: float, base_log_odds: float) -> float:
    """0 to 100 from how a lead's odds of success compare with the average lead's: 50 is average, 75 three times its
    odds, 90 nine times, 25 a third. It means the same whatever the base rate (docs/decisions, the learned score)."""
    return 100.0 / (1.0 + math.exp(-max(-40.0, min(40.0, log_odds - base_log_odds))))


def log_odds(probability: float) -> float:
    """ln(p / (1 - p)), kept finite."""
    inside = min(max(probability, 1e-9), 1 - 1e-9)
    return math.log(inside / (1 - inside))


def clamp(value: float) -> float:
    return min(max(value, 0.0), 100.0)


def strongest_first(reasons: Iterable[Reason]) -> tuple[Reason, ...]:
    """Ordered by effect either way; ties by text, so that the same facts always read the same."""
    return tuple(sorted(reasons, key=lambda found: (-abs(found.effect), found.text)))


def shown_value(value: Any) -> str:
    """A fact as a person reads it: `yes`, `3`, `1,250`, `12.5`."""
    if value is None or value == "":
        return "unknown"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and not value.is_integer():
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"
    return f"{value:,.0f}" if isinstance(value, int | float) else str(value)


def _side(groups: Sequence[Group], facts: Facts, half_life: float) -> tuple[float, tuple[Reason, ...]]:
    found = [_group_points(group, facts, half_life) for group in groups]
    reasons = [reason for _, shown in found for reason in shown]
    return clamp(math.fsum(points for points, _ in found)), strongest_first(reasons)


def _group_points(group: Group, facts: Facts, half_life: float) -> tuple[float, list[Reason]]:
    """A group's points within its cap; where the cap bites, each rule's effect shrinks in proportion."""
    age = number_of(facts.get(group.fades_with)) if group.fades_with else None
    earned = [(rule, faded(rule.earned(facts), age, half_life)) for rule in group.rules]
    total = math.fsum(points for _, points in earned)
    kept = min(max(total, -group.cap), group.cap)
    share = kept / total if total else 1.0
    return kept, [Reason(rule.words(facts), points * share, "rule") for rule, points in earned if points]


def number_of(value: Any) -> float | None:
    if isinstance(value, int | float):
        return None if math.isnan(value) else float(value)
    try:
        found = float(str(value))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def _text(value: Any) -> str:
    return "" if value is None else str(value).strip().casefold()


def _at_least(value: Any, operand: Any) -> bool:
    found, least = number_of(value), number_of(operand)
    return found is not None and least is not None and found >= least


def _at_most(value: Any, operand: Any) -> bool:
    found, most = number_of(value), number_of(operand)
    return found is not None and most is not None and found <= most


def _is(value: Any, operand: Any) -> bool:
    if isinstance(value, bool) or isinstance(operand, bool):
        return _text(value) == _text(operand)
    left, right = number_of(value), number_of(operand)
    return left == right if left is not None and right is not None else _text(value) == _text(operand)


TESTS: Mapping[str, Callable[[Any, Any], bool]] = {
    "is": _is,
    "is_not": lambda value, operand: not _is(value, operand),
    "in": lambda value, operand: any(_is(value, one) for one in operand),
    "not_in": lambda value, operand: not any(_is(value, one) for one in operand),
    "at_least": _at_least,
    "at_most": _at_most,
    "contains_any": lambda value, operand: any(_text(one) in f" {_text(value)} " for one in operand),
    "known": lambda value, operand: bool(_text(value)) is bool(operand),
}
"""What a rule may ask of a fact; text is compared without regard to case."""
