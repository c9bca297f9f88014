"""Looks at every column of a record for signs that it was filled in after the outcome (domain/leakage judges).

Columns counted from events are not looked at: each event carries the moment we received it, and only earlier ones count.
A record's columns are, for a file may bring the lead and what became of it in one row.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.stats import norm, poisson

from domain.leakage import ALONE_AUC, Evidence, Leak, LeakRule, judge
from models_ml.lead_scoring.evaluate import Outcome, area, area_error
from models_ml.lead_scoring.features import BOOLEANS, CATEGORIES, POSITIONS, PREFIX, SIZES, Feature, Matrix, encode
from models_ml.lead_scoring.growth import SEED, Growth
from models_ml.lead_scoring.learners import LEARNERS

LEAST_FILLED = 20
"""Leads that must have a value before anything is said about it."""
PARTS, FOLDS = 20, 5
MOSTLY_KNOWN = 0.05
PRIOR_WEIGHT = 10.0
"""Pseudo-leads at the base rate that steady the rate of a rare value."""
MOST_ROWS = 50_000
"""The newest leads suffice: a leak is not subtle."""
DEAD_SHARES, DEAD_RATE = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5), 0.05
"""A weak end is dead where it holds so many leads and at most this part of the base rate came to the outcome."""
EMPTY_WORDS = ("select", "none", "n/a", "na", "no", "-", "unknown", "null", "0", "false", "not specified")
RECORD_COLUMNS = frozenset({*BOOLEANS, *SIZES, *CATEGORIES, *POSITIONS}) - {"first_touch_channel"}


@dataclass(frozen=True, slots=True)
class History:
    """What versions of records say of one attribute: contacts seen to get a value, and how many of them too late."""

    first_filled_count: int = 0
    filled_after_count: int = 0


@dataclass(frozen=True, slots=True)
class LeakFlag:
    """A column left out of learning, why, and who said otherwise if somebody did."""

    column: str
    label: str
    rule: str
    words: str
    evidence: Mapping[str, Any]
    is_overruled: bool = False
    overruled_by: str = ""
    overrule_reason: str = ""

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Self:
        return cls(**stored)


def find_leaks(
    rows: pa.Table,
    outcome: Outcome,
    features: Sequence[Feature],
    *,
    timely: NDArray[np.bool_] | None = None,
    histories: Mapping[str, History] | None = None,
) -> list[LeakFlag]:
    """The suspects among `features`, the strongest first. Rows are oldest first; too few of either outcome: none."""
    if min(int(outcome.sum()), int((~outcome).sum())) < LEAST_FILLED:
        return []
    newest = slice(max(0, len(outcome) - MOST_ROWS), None)
    known_in_time = np.zeros(len(outcome), np.bool_) if timely is None else timely
    return _Search(rows.slice(newest.start), outcome[newest], features, known_in_time[newest], histories or {}).flags()


class _Search:
    """The columns of one table, judged from the strongest down; who is found out no longer counts among the rest."""

    def __init__(
        self,
        rows: pa.Table,
        outcome: Outcome,
        features: Sequence[Feature],
        timely: NDArray[np.bool_],
        histories: Mapping[str, History],
    ) -> None:
        self._rows, self._outcome, self._features = rows, outcome, list(features)
        self._timely, self._histories = timely, histories
        self._matrix = encode(self._features, rows)
        self._folds = _fold_of(outcome)
        self._parts = [_parts(one, self._matrix[:, place]) for place, one in enumerate(self._features)]
        self._power = [
            max(area(outcome, self._ranked(codes)), self._as_it_is(place)) for place, codes in enumerate(self._parts)
        ]

    def flags(self) -> list[LeakFlag]:
        order = sorted(range(len(self._features)), key=lambda place: (-self._power[place], self._features[place].name))
        found: dict[int, LeakFlag] = {}
        for place in order:
            one = self._features[place]
            if not (one.name.startswith(PREFIX) or one.name in RECORD_COLUMNS):
                continue
            evidence = self._evidence(place, honest=[p for p in order if p not in found and p != place])
            leak = judge(evidence)
            if leak is not None:
                found[place] = _flag(one, leak, evidence)
        return list(found.values())

    def _evidence(self, place: int, honest: Sequence[int]) -> Evidence:
        one, outcome, auc = self._features[place], self._outcome, self._power[place]
        filled = _is_filled(one, self._rows)
        error = area_error(auc, int(outcome.sum()), int((~outcome).sum()))
        is_strong = auc - 2 * error >= ALONE_AUC
        history = self._histories.get(one.name, History())
        dead_end = self._dead_end(place) if is_strong and one.kind == "number" else DeadEnd()
        return Evidence(
            label=one.label,
            lead_count=len(outcome),
            base_rate=float(outcome.mean()),
            filled_count=int(filled.sum()),
            filled_rate=float(outcome[filled].mean()) if filled.any() else 0.0,
            good_filled_share=float(filled[outcome].mean()),
            bad_filled_share=float(filled[~outcome].mean()),
            auc=auc,
            auc_error=error,
            next_auc=max((self._power[other] for other in honest), default=0.5),
            rest_auc=self._together(honest) if is_strong else None,
            dead_share=dead_end.share,
            dead_rate=dead_end.rate,
            is_deader_than_strong=dead_end.is_deader,
            first_filled_count=history.first_filled_count,
            filled_after_share=history.filled_after_count / max(history.first_filled_count, 1),
            timely_share=float(self._timely.mean()),
        )

    def _ranked(self, codes: NDArray[np.int64]) -> Matrix:
        """Each lead's rate of good outcomes among those of the other folds that share its value."""
        size, base = int(codes.max()) + 1, float(self._outcome.mean())
        ranked = np.empty(len(codes))
        for fold in range(FOLDS):
            held = self._folds == fold
            count = np.bincount(codes[~held], minlength=size)
            good = np.bincount(codes[~held], weights=self._outcome[~held], minlength=size)
            ranked[held] = ((good + PRIOR_WEIGHT * base) / (count + PRIOR_WEIGHT))[codes[held]]
        return ranked

    def _as_it_is(self, place: int) -> float:
        """AUC of a number that is known of nearly every lead, by its own order: parts of few leads each hide some of it."""
        column = self._matrix[:, place]
        if self._features[place].kind != "number" or np.isnan(column).mean() > MOSTLY_KNOWN:
            return 0.5
        rising = area(self._outcome, np.nan_to_num(column, nan=float(np.nanmedian(column))))
        return max(rising, 1 - rising)

    def _together(self, places: Sequence[int]) -> float:
        """AUC of a scorecard of these columns on the leads of the folds it was not fitted on."""
        if not places:
            return 0.5
        columns = [self._features[place] for place in places]
        matrix, ranked = self._matrix[:, list(places)], np.empty(len(self._outcome))
        for held in (self._folds % 2 == 0, self._folds % 2 == 1):
            fitted = LEARNERS["logistic"].fit(columns, matrix[~held], self._outcome[~held], Growth())
            ranked[held] = fitted.raw(matrix[held])
        return area(self._outcome, ranked)

    def _dead_end(self, place: int) -> DeadEnd:
        """The largest share of leads, counted from the weaker end of a number, who hardly ever came to the outcome.

        What a column of its strength would leave there is the binormal model's: bad leads N(0, 1), good N(d, 1) with
        d = √2 Φ⁻¹(AUC).
        """
        column, base = self._matrix[:, place], float(self._outcome.mean())
        known = np.flatnonzero(~np.isnan(column))
        order = known[np.argsort(column[known], kind="stable")]
        if self._outcome[order[: len(order) // 2]].sum() > self._outcome[order[len(order) // 2 :]].sum():
            order = order[::-1]
        good = np.cumsum(self._outcome[order])
        apart = float(np.sqrt(2) * norm.ppf(min(self._power[place], 0.999)))
        best = DeadEnd()
        for share in DEAD_SHARES:
            count = int(share * len(order))
            if good[count - 1] > DEAD_RATE * base * count:
                continue
            limit = brentq(lambda at, s=share: base * norm.cdf(at - apart) + (1 - base) * norm.cdf(at) - s, -12, 12)
            expected = base * len(order) * norm.cdf(limit - apart)
            is_deader = good[count - 1] <= 0.35 * expected and poisson.cdf(good[count - 1], expected) < 0.001
            best = DeadEnd(count / len(column), good[count - 1] / count, best.is_deader or bool(is_deader))
        return best


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """Share of all leads, rate of good outcomes among them, and whether that is less than strength explains."""

    share: float = 0.0
    rate: float = 1.0
    is_deader: bool = False


def _flag(one: Feature, leak: Leak, evidence: Evidence) -> LeakFlag:
    measured = {
        name: round(value, 4) if isinstance(value, float) else value for name, value in asdict(evidence).items()
    }
    return LeakFlag(one.name, one.label, LeakRule(leak.rule).value, leak.words, measured)


def _parts(one: Feature, column: Matrix) -> NDArray[np.int64]:
    """Which part of its column a lead falls into: level, twentieth, or missing (the last)."""
    missing = np.isnan(column)
    if one.kind == "number":
        edges = np.unique(np.quantile(column[~missing], np.linspace(0, 1, PARTS + 1)[1:-1]))
        return np.where(missing, len(edges) + 1, np.searchsorted(edges, np.where(missing, 0.0, column), side="right"))
    size = 2 if one.kind == "boolean" else max(len(one.levels), 1)
    return np.where(missing, size, np.where(missing, 0.0, column)).astype(np.int64)


def _is_filled(one: Feature, rows: pa.Table) -> NDArray[np.bool_]:
    """Whether a value is there that says something: not empty, not nought, not the word for nothing."""
    column = rows[one.name].combine_chunks()
    if one.kind == "category":
        lowered = pc.utf8_lower(pc.utf8_trim_whitespace(column.cast(pa.string())))
        said = pc.invert(pc.is_in(lowered, value_set=pa.array(EMPTY_WORDS)))
    else:
        said = pc.not_equal(column.cast(pa.float64()), 0.0)
    return np.asarray(pc.fill_null(pc.and_kleene(pc.is_valid(column), said), fill_value=False), dtype=np.bool_)


def _fold_of(outcome: Outcome) -> NDArray[np.int64]:
    """A seeded fold for each lead; without regard to time, so that a change of the base rate hides nothing."""
    return np.random.default_rng(SEED).permutation(len(outcome)) % FOLDS
