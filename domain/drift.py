"""Whether leads still look, and come to the outcome, like those a model learned from: in words, with alarms. Pure.

PSI = Σ (now - then) · ln(now / then) over the parts of a distribution (Siddiqi 2006): below 0.1 steady, to 0.25 moved,
above that another population. Chance alone makes a PSI too, (1/n + 1/m) · χ² of (parts - 1) degrees of freedom (Yurdakul
2018): its mean is taken off before a PSI is held against those limits, and a PSI that chance explains is steady whatever
its size. A look at leads that have not moved alarms in one of a hundred cases at most, all its subjects taken together
(Bonferroni); tests/domain/test_drift.py draws such looks. Whether leads come to the outcome otherwise than they did, and since
when, is found by models_ml/lead_scoring/changes.py.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from statistics import NormalDist

MOVED_AT, ALARM_AT = 0.1, 0.25
FALSE_ALARMS = 0.01
"""Looks at unmoved leads that say anything at all; with few leads and rare levels up to three times as many do, and alarm in
one of a hundred (docs/performance.md)."""
LEAST_SHARE = 0.0005
"""An empty part would make the index infinite; of few leads half a lead is taken for it, which is more."""
CHANGED_BY = 1.5
"""A base rate, or a pull, alarms when it grew by half or shrank as much; one that changed less has moved."""
RANKING_LOSS = 0.05
"""An AUC alarms when it fell by so much, and more than chance would have it."""

SCORE, BASE_RATE, RANKING, PULL = "score", "base_rate", "ranking", "pull"
"""Subjects beside features. A pull is how far something tells leads apart: all of it together, or a feature (`pull_of`)."""

Part = tuple[str, float, float]
"""A part of a distribution by name, its share of the leads learned from, and of the newest."""


class DriftLevel(StrEnum):
    """How far a distribution has moved."""

    STEADY = "steady"
    MOVED = "moved"
    ALARM = "alarm"


def psi(then: Sequence[float], now: Sequence[float]) -> float:
    """Population stability index of two lists of counts over the same parts; 0 where either is empty."""
    total_then, total_now = math.fsum(then), math.fsum(now)
    if not total_then or not total_now:
        return 0.0
    least = max(LEAST_SHARE, 0.5 / min(total_then, total_now))
    pairs = (
        (max(before / total_then, least), max(after / total_now, least))
        for before, after in zip(then, now, strict=True)
    )
    return math.fsum((after - before) * math.log(after / before) for before, after in pairs)


def expected(parts: int, then_count: int, now_count: int) -> float:
    """The PSI of two samples of one population, on average."""
    return _scale(then_count, now_count) * max(parts - 1, 1)


def by_chance(parts: int, then_count: int, now_count: int, subjects: int = 1) -> float:
    """The PSI that none of so many subjects exceeds, in 99 of a hundred looks at samples of one population
    (Wilson-Hilferty's χ² quantile)."""
    freedom = max(parts - 1, 1)
    spread = 2 / (9 * freedom)
    quantile = freedom * (1 - spread + _deviations(subjects) * math.sqrt(spread)) ** 3
    return _scale(then_count, now_count) * quantile


def level_of(index: float, usual: float, chance: float) -> DriftLevel:
    """The level of a PSI, given what is `expected` of unmoved leads and what they exceed `by_chance`."""
    if index <= chance or index - usual < MOVED_AT:
        return DriftLevel.STEADY
    return DriftLevel.ALARM if index - usual >= ALARM_AT else DriftLevel.MOVED


def pull_of(feature: str) -> str:
    """The subject of a feature's pull on the outcome; the feature's own name is that of its values."""
    return f"{PULL}:{feature}"


def is_pull(subject: str) -> bool:
    return subject.partition(":")[0] == PULL


def change_level(ratio: float) -> DriftLevel:
    """The level of a rate or pull that changed more than chance would have it, to so large a part of what it was."""
    return DriftLevel.MOVED if 1 / CHANGED_BY < ratio < CHANGED_BY else DriftLevel.ALARM


def ranking_level(then: float, now: float, error: float, subjects: int = 1) -> DriftLevel:
    """How far an AUC has fallen; `error` is the standard error of the difference. One that rose is steady."""
    if then - now < _deviations(subjects) * error:
        return DriftLevel.STEADY
    return DriftLevel.ALARM if then - now >= RANKING_LOSS else DriftLevel.MOVED


def in_words(
    subject: str, label: str, index: float, chance: float, parts: Sequence[Part], since: datetime | None = None
) -> str:
    """What moved, from where to where and since when, in a sentence or two for people who call leads."""
    if subject == BASE_RATE:
        (came, before, after) = parts[0]
        within = came.removeprefix("good")
        if since is None:
            return f"Base rate: {before:.1%} of the leads learned from came to the outcome{within}, {after:.1%} of the newest."
        return f"Base rate: {before:.1%} of the leads came to the outcome{within}; since about {_day(since)}, {after:.1%} do."
    if subject == RANKING:
        (_, before, after) = parts[0]
        return f"Ranking: an AUC of {after:.3f} on the newest leads; {before:.3f} where old and new are mixed."
    if is_pull(subject):
        (_, high, high_now), (_, low, low_now) = parts
        what = label if subject == PULL else f"{label} tells leads apart"
        how = _how(index, _apart(high, low), _apart(high_now, low_now))
        return (
            f"{what} {how}{_since(since)}: of those it speaks for {high:.1%} came to the outcome before and "
            f"{high_now:.1%} since, of the others {low:.1%} and {low_now:.1%}."
        )
    furthest = sorted(parts, key=lambda part: (-abs(part[2] - part[1]), part[0]))[:2]
    moved = "; ".join(f"“{name}” from {then:.0%} to {now:.0%} of the leads" for name, then, now in furthest)
    return f"{label}: {moved} (PSI {index:.2f}; chance alone gives up to {chance:.2f})."


def what_it_costs(then_auc: float | None, now_auc: float | None) -> str:
    """What drift has cost the ranking so far; "" where it is not known."""
    if then_auc is None or now_auc is None:
        return ""
    if then_auc - now_auc < 0.005:
        return f"The ranking has not suffered: AUC {now_auc:.3f} on the newest leads, {then_auc:.3f} over all of them."
    return f"It costs ranking: AUC {now_auc:.3f} on the newest leads, {then_auc:.3f} where old and new are mixed."


def what_to_do(subjects: Sequence[tuple[str, str]]) -> list[str]:
    """Advice for the subjects (subject, label) that alarmed, the most urgent first."""
    names = {subject for subject, _ in subjects}
    pulls = {subject for subject in names if is_pull(subject)}
    features = [label for subject, label in subjects if subject not in {SCORE, BASE_RATE, RANKING, *pulls}]
    advice = []
    if features:
        named = f"{', '.join(features[:3])} and others" if len(features) > 3 else " and ".join(features)
        come, fills = ("comes", "it") if len(features) == 1 else ("come", "them")
        advice.append(
            f"Look where {named} {come} from: another form, list or campaign fills {fills} differently. If that is meant, train "
            "again (leadhouse run) once a hundred of the newest leads have an outcome; if not, mend the source."
        )
    if pulls:
        advice.append(
            "Trust the order of leads less until a hundred leads since then have an outcome and a training has learned from "
            "them; ask who sells what has changed: the offer, its price, or whom you write to."
        )
    if BASE_RATE in names:
        advice.append(
            "Trust the order of leads more than their percentages until the next training: probabilities are calibrated on the "
            "newest fifth of the leads, and follow a moving rate one training behind."
        )
    if names & {SCORE, RANKING} and not features and not pulls:
        advice.append("Train again (leadhouse run); if it stays, the leads have changed in ways no column tells.")
    return advice


def _how(index: float, then: float, now: float) -> str:
    """How a pull changed, in words that its two halves bear out: it is measured lead by lead, they are a cut in the middle."""
    if index < 0 and now < 0:
        return "the other way round"
    if index < 1 and now < then:
        return "less than it did"
    return "more than it did" if index > 1 and now > then else "otherwise than it did"


def _apart(high: float, low: float) -> float:
    """Two rates apart in log-odds."""
    inside = [min(max(rate, 1e-4), 1 - 1e-4) for rate in (high, low)]
    return math.log(inside[0] / (1 - inside[0])) - math.log(inside[1] / (1 - inside[1]))


def _since(moment: datetime | None) -> str:
    return f" since about {_day(moment)}" if moment else ""


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B}"


def _scale(then_count: int, now_count: int) -> float:
    return 1 / max(then_count, 1) + 1 / max(now_count, 1)


def _deviations(subjects: int) -> float:
    """Standard deviations that none of so many subjects exceeds in 99 of a hundred looks."""
    return NormalDist().inv_cdf(1 - FALSE_ALARMS / max(subjects, 1))
