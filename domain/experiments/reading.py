"""What may be concluded of an experiment now, in one answer that names its reason. "Cannot know yet" is one.

The order is fixed: a broken split says nothing of anything; harm is named before gain; a winner needs evidence that holds
at every look (`rates`), corrected for the number of arms (Holm); that arms are alike needs an interval within what nobody
would mind. Whatever else, nobody can know yet, and the answer says how many units are missing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from domain.errors import InvalidInput
from domain.experiments.beliefs import Belief, believe_rates
from domain.experiments.corrections import holm
from domain.experiments.planning import detectable_lift, sequential_size
from domain.experiments.rates import Difference, Prior, Tally, compare, rate_interval
from domain.experiments.splits import Split, check_split


class Outcome(StrEnum):
    """What may be concluded."""

    INVALID = "invalid"
    HARM = "harm"
    BETTER = "better"
    WORSE = "worse"
    ALIKE = "alike"
    UNKNOWN = "unknown"


class Harm(StrEnum):
    """What a guardrail says of an arm."""

    HARMED = "harmed"
    SAFE = "safe"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Arm:
    """Units of one arm. `exposed`: all that met it; `matured`: those old enough for their outcome to be in, of which
    `successes` had it; `harms`: units, of all exposed, that had what a guardrail watches; `weight`: its share by design."""

    key: str
    exposed: int
    matured: Tally
    weight: float = 1.0
    harms: Mapping[str, int] = field(default_factory=dict)
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Terms:
    """How an experiment is read. `base_rate`: the organization's own before it, or None; `least_lift`: the smallest change
    worth finding, relative; `margins`: by how much each harm may rise, in shares of 1."""

    alpha: float = 0.05
    power: float = 0.8
    base_rate: float | None = None
    least_lift: float = 0.25
    margins: Mapping[str, float] = field(default_factory=dict)
    dealt: tuple[int, ...] | None = None
    """Units that each arm was dealt, where some of them have not met it yet; None: as many as were exposed."""
    is_split_known: bool = True
    """False where weights changed on the way, so that no one split can be expected."""

    @property
    def prior(self) -> Prior:
        return Prior() if self.base_rate is None else Prior.for_lift(self.base_rate, self.least_lift)

    def expecting(self, dealt: Sequence[int] | None) -> Terms:
        """The same with the units that were dealt; None where weights changed on the way."""
        return replace(self, dealt=tuple(dealt) if dealt is not None else None, is_split_known=dealt is not None)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A variant against the first arm. `adjusted_p_value` accounts for the other variants, and for every look."""

    key: str
    difference: Difference
    adjusted_p_value: float


@dataclass(frozen=True, slots=True)
class Guardrail:
    """One harm of one variant against the first arm."""

    name: str
    key: str
    rate: float
    control_rate: float
    difference: Difference
    state: Harm


@dataclass(frozen=True, slots=True)
class Reading:
    """All of it. `outcome` with its stable `reason`; `key`: the arm it names; `missing`: matured units an arm that are still
    needed to find the least lift, None where nobody can say; `detectable`: the least relative lift that those at hand find."""

    outcome: Outcome
    reason: str
    key: str | None
    missing: int | None
    detectable: float | None
    split: Split | None
    intervals: tuple[tuple[float, float], ...]
    beliefs: tuple[Belief, ...]
    comparisons: tuple[Comparison, ...]
    guardrails: tuple[Guardrail, ...]


def read(arms: Sequence[Arm], terms: Terms) -> Reading:
    """Reads an experiment of two arms or more; the first is what the others are compared with."""
    if len(arms) < 2:
        raise InvalidInput("an experiment is read with two arms at least")
    control, variants = arms[0], arms[1:]
    level, prior = terms.alpha / len(variants), terms.prior
    found = [compare(control.matured, each.matured, prior, alpha=level) for each in variants]
    p_values = holm([each.p_value for each in found])
    comparisons = tuple(
        Comparison(each.key, difference, p_value)
        for each, difference, p_value in zip(variants, found, p_values, strict=True)
    )
    guardrails = tuple(
        _guard(name, margin, control, each, terms.alpha / (len(variants) * len(terms.margins)))
        for name, margin in terms.margins.items()
        for each in variants
    )
    split = None
    if terms.is_split_known:
        # an arm that is switched off on all of the way was dealt nobody
        weights = [each.weight if each.is_enabled else 0.0 for each in arms]
        split = check_split(terms.dealt or [each.exposed for each in arms], weights)
    beliefs = tuple(believe_rates([each.matured for each in arms], prior))
    outcome, reason, key = _concluded(arms, terms, split, comparisons, guardrails, beliefs)
    base = _base(arms, terms)
    least = min(each.matured.total for each in arms)
    needed = _needed(base, terms, level) if outcome is Outcome.UNKNOWN else None
    return Reading(
        outcome=outcome,
        reason=reason,
        key=key,
        missing=None if needed is None else max(needed - least, 0),
        detectable=detectable_lift(base, least, alpha=level, power=terms.power) if base else None,
        split=split,
        intervals=tuple(rate_interval(each.matured, prior, alpha=terms.alpha) for each in arms),
        beliefs=beliefs,
        comparisons=comparisons,
        guardrails=guardrails,
    )


def _concluded(  # noqa: PLR0911  one for each conclusion
    arms: Sequence[Arm],
    terms: Terms,
    split: Split | None,
    comparisons: Sequence[Comparison],
    guardrails: Sequence[Guardrail],
    beliefs: Sequence[Belief],
) -> tuple[Outcome, str, str | None]:
    if split is not None and split.is_mismatch:
        return Outcome.INVALID, "split_mismatch", None
    if harmed := next((each for each in guardrails if each.state is Harm.HARMED), None):
        return Outcome.HARM, f"more_{harmed.name}", harmed.key
    if not any(each.matured.total for each in arms):
        return Outcome.UNKNOWN, "nothing_matured", None
    sure = [each for each in comparisons if each.adjusted_p_value <= terms.alpha]
    best = dict(zip([each.key for each in arms], beliefs, strict=True))
    if better := [each.key for each in sure if each.difference.estimate > 0]:
        return Outcome.BETTER, "evidence", max(better, key=lambda key: best[key].mean)
    if len(sure) == len(comparisons):
        return Outcome.WORSE, "evidence", arms[0].key
    margin = terms.least_lift * (_base(arms, terms) or 0.0)
    if all(-margin < each.difference.low and each.difference.high < margin for each in comparisons):
        return Outcome.ALIKE, "within_margin", None
    if not any(each.matured.successes for each in arms):
        return Outcome.UNKNOWN, "no_success_yet", None
    return Outcome.UNKNOWN, "undecided", None


def _guard(name: str, margin: float, control: Arm, variant: Arm, alpha: float) -> Guardrail:
    before, after = (Tally(each.exposed, each.harms.get(name, 0)) for each in (control, variant))
    difference = compare(before, after, Prior.around(0.02), alpha=alpha)
    state = Harm.HARMED if difference.low > 0 else Harm.SAFE if difference.high <= margin else Harm.UNKNOWN
    return Guardrail(name, variant.key, after.rate, before.rate, difference, state)


def _base(arms: Sequence[Arm], terms: Terms) -> float | None:
    """The rate to plan with: the organization's own, or else what the arms have together."""
    if terms.base_rate is not None:
        return terms.base_rate
    total, won = (sum(each) for each in zip(*((one.matured.total, one.matured.successes) for one in arms), strict=True))
    return won / total if won and won < total else None


def _needed(base: float | None, terms: Terms, level: float) -> int | None:
    if base is None or not 0 < base < 1 or not 0 < base * (1 + terms.least_lift) < 1:
        return None
    return sequential_size(base, base * (1 + terms.least_lift), alpha=level, power=terms.power)
