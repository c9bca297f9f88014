"""Proof on customers held out: would the ranking have found them before they were customers?

Customers are dealt into folds, each whole company in one. The customers of the other folds are the seeds; the held-out
ones lie among all companies that are no seed. recall@k is the share of held-out customers within the first k; lift is
that over what a random order finds, k / candidates. Beside it stand a random order, filters alone (how many of industry,
country and size are among the seeds' commonest values), firmographics alone and text alone. Ties are broken by chance,
so a tied customer counts by its chance to be within k. Intervals are 95 % of 2,000 bootstrap draws of customers.

Where people have marked companies, `marked` is the hybrid with the good ones as seeds and the unfit ones against, on the
same folds and draws. A customer that somebody called unfit is none that should be found.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from domain.lookalikes import MarkedCompanies
from models_ml.similarity.dataset import Companies
from models_ml.similarity.firmographics import Firmographics
from models_ml.similarity.ranking import rank
from models_ml.similarity.search import UNMARKED

Matrix = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

FOLDS = 5
LEAST_CUSTOMERS = 20
"""Below, a fold holds out fewer than four, and no interval says anything."""
MOST_CUSTOMERS = 500
MOST_OTHERS = 20_000
"""Larger organizations are judged on a seeded draw; recall is then that of the draw, which the report says."""
DEPTHS = (10, 50, 100, 500)
BEST_SHARE = 0.1
DRAWS = 2_000
SEED = 20261
METHODS = ("hybrid", "filters", "firmographics", "text", "random")
MARKED = "marked"


@dataclass(frozen=True, slots=True)
class Recall:
    """Of one method at one depth."""

    method: str
    depth: int
    is_best_tenth: bool
    """The depth is a tenth of the candidates."""
    recall: float
    low: float
    high: float
    lift: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What the ranking is worth for one organization; `verdict` says it in a sentence."""

    customer_count: int
    company_count: int
    fold_count: int
    recalls: tuple[Recall, ...]
    gain: float | None
    """Recall in the best tenth above that of filters alone; None where it was not judged."""
    gain_low: float | None
    gain_high: float | None
    verdict: str
    notes: tuple[str, ...] = ()
    marked_gain: tuple[float, float, float] | None = None
    """Recall in the best tenth with marks above that without, and its interval; None without marks."""

    @property
    def beats_filters(self) -> bool:
        return self.gain_low is not None and self.gain_low > 0

    def recall_of(self, method: str, depth: int | None = None) -> Recall | None:
        """At a depth; without one, in the best tenth."""
        fitting = (
            one
            for one in self.recalls
            if one.method == method and (one.is_best_tenth if depth is None else one.depth == depth)
        )
        return next(fitting, None)

    def as_dict(self) -> dict[str, Any]:
        return {**asdict(self), "beats_filters": self.beats_filters}


def evaluate(
    companies: Companies, vectors: Matrix, marked: MarkedCompanies = UNMARKED, *, folds: int = FOLDS, seed: int = SEED
) -> Evaluation:
    """Judges the ranking on the organization's own customers; says why not where there are too few."""
    rng = np.random.default_rng(seed)
    unfit = [companies.place[name] for name in marked.unfit if name in companies.place]
    if any(companies.is_customer[unfit]):
        wanted = companies.is_customer.copy()
        wanted[unfit] = False
        companies = replace(companies, is_customer=wanted)
    customers, others = np.flatnonzero(companies.is_customer), np.flatnonzero(~companies.is_customer)
    if len(customers) < LEAST_CUSTOMERS or len(others) < LEAST_CUSTOMERS:
        return _not_judged(len(customers), len(companies))
    notes = []
    if len(customers) > MOST_CUSTOMERS or len(others) > MOST_OTHERS:
        customers = np.sort(rng.permutation(customers)[:MOST_CUSTOMERS])
        others = np.sort(rng.permutation(others)[:MOST_OTHERS])
        notes.append(f"Judged on a draw of {len(customers):,} customers among {len(others):,} other companies.")
    kept = np.sort(np.concatenate([customers, others]))
    part, part_vectors = companies.only(kept), vectors[kept]
    return _judged(part, part_vectors, marked, folds, rng, notes)


def _judged(
    companies: Companies,
    vectors: Matrix,
    marked: MarkedCompanies,
    folds: int,
    rng: np.random.Generator,
    notes: list[str],
) -> Evaluation:
    good, unfit = _places(companies, marked.good), _places(companies, marked.unfit)
    methods = (*METHODS, MARKED) if len(good) or len(unfit) else METHODS
    customers = np.flatnonzero(companies.is_customer)
    dealt = rng.permutation(len(customers)) % folds
    firmographics = Firmographics.of(companies)
    above: dict[str, list[tuple[Numbers, Numbers]]] = {method: [] for method in methods if method != "random"}
    counts: list[Numbers] = []
    for fold in range(folds):
        held, seeds = customers[dealt == fold], customers[dealt != fold]
        candidates = np.setdiff1d(np.arange(len(companies)), seeds)
        none = np.zeros(0, dtype=np.int64)
        ranking = rank(vectors, firmographics, seeds, none, candidates)
        values = {
            "hybrid": ranking.blend,
            "firmographics": ranking.firm,
            "text": ranking.text,
            "filters": firmographics.matches(seeds),
        }
        if MARKED in methods:
            liked = np.union1d(seeds, np.setdiff1d(good, held))
            values[MARKED] = rank(vectors, firmographics, liked, unfit, candidates).blend
        for method, of_all in values.items():
            above[method].append(_standing(of_all, held, candidates))
        counts.append(np.full(len(held), float(len(candidates))))
    candidate_counts = np.concatenate(counts)
    typical = round(float(candidate_counts.mean()))
    tenth = max(1, round(BEST_SHARE * typical))
    depths = sorted({depth for depth in DEPTHS if depth <= typical // 2} | {tenth})
    draws = rng.integers(0, len(candidate_counts), size=(DRAWS, len(candidate_counts)))
    recalls: list[Recall] = []
    hits: dict[tuple[str, int], Numbers] = {}
    for depth in depths:
        chance = np.minimum(1.0, depth / candidate_counts)
        for method in methods:
            found = chance if method == "random" else _hits(above[method], depth)
            hits[method, depth] = found
            recalls.append(_recall(method, depth, found, chance, draws, is_best_tenth=depth == tenth))
    gain, low, high = _gain(hits["hybrid", tenth] - hits["filters", tenth], draws)
    evaluation = Evaluation(
        customer_count=len(customers),
        company_count=len(companies),
        fold_count=folds,
        recalls=tuple(recalls),
        gain=gain,
        gain_low=low,
        gain_high=high,
        verdict="",
        notes=tuple(notes),
        marked_gain=_gain(hits[MARKED, tenth] - hits["hybrid", tenth], draws) if MARKED in methods else None,
    )
    return Evaluation(**{**_fields(evaluation), "verdict": _verdict(evaluation)})


def _places(companies: Companies, ids: Collection[str]) -> Places:
    return np.array(sorted(companies.place[name] for name in ids if name in companies.place), dtype=np.int64)


def _gain(difference: Numbers, draws: Places) -> tuple[float, float, float]:
    """The mean of a paired difference, and 95 % of its draws."""
    low, high = np.quantile(difference[draws].mean(axis=1), [0.025, 0.975])
    return round(float(difference.mean()), 4), round(float(low), 4), round(float(high), 4)


def _standing(values: Numbers, held: Places, candidates: Places) -> tuple[Numbers, Numbers]:
    """For each held-out company: how many candidates lie above it, and how many share its place (itself included)."""
    ordered = np.sort(values[candidates])
    up_to = np.searchsorted(ordered, values[held], side="right")
    below = np.searchsorted(ordered, values[held], side="left")
    return (len(ordered) - up_to).astype(np.float64), (up_to - below).astype(np.float64)


def _hits(standings: list[tuple[Numbers, Numbers]], depth: int) -> Numbers:
    """The chance of each held-out company to be within the first `depth`."""
    above = np.concatenate([pair[0] for pair in standings])
    tied = np.concatenate([pair[1] for pair in standings])
    return np.asarray(np.clip((depth - above) / np.maximum(tied, 1.0), 0.0, 1.0))


def _recall(
    method: str, depth: int, found: Numbers, chance: Numbers, draws: npt.NDArray[np.int64], *, is_best_tenth: bool
) -> Recall:
    low, high = np.quantile(found[draws].mean(axis=1), [0.025, 0.975])
    recall = float(found.mean())
    return Recall(
        method, depth, is_best_tenth, round(recall, 4), round(float(low), 4), round(float(high), 4),
        round(recall / max(float(chance.mean()), 1e-9), 2),
    )  # fmt: skip


def _verdict(found: Evaluation) -> str:
    hybrid, filters, chance = (found.recall_of(method) for method in ("hybrid", "filters", "random"))
    assert hybrid is not None
    assert filters is not None
    assert chance is not None
    assert found.gain_low is not None
    assert found.gain_high is not None
    figures = (
        f"The first tenth of the list holds {hybrid.recall:.0%} of customers held out "
        f"({hybrid.low:.0%} to {hybrid.high:.0%}), filters alone {filters.recall:.0%}, chance {chance.recall:.0%}"
    )
    if found.gain_low > 0:
        return f"Better than filters. {figures}."
    if found.gain_high < 0:
        return f"Worse than filters: use filters. {figures}."
    better = "" if hybrid.low > chance.recall else ", nor than chance"
    return f"Not better than filters{better}, as far as {found.customer_count} customers can tell. {figures}."


def _not_judged(customer_count: int, company_count: int) -> Evaluation:
    told = f"{customer_count:,} of {company_count:,} companies {'is a customer' if customer_count == 1 else 'are customers'}"
    return Evaluation(
        customer_count, company_count, 0, (), None, None, None,
        f"Too few to judge: {told}; it takes {LEAST_CUSTOMERS} of either to hold some out.",
    )  # fmt: skip


def _fields(found: Evaluation) -> Mapping[str, Any]:
    return {name: getattr(found, name) for name in Evaluation.__slots__}
