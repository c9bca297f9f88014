"""A search for companies like some and unlike others: which may be chosen, how they rank, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from domain.companies import SizeBand
from domain.errors import InvalidInput
from domain.lookalikes import MarkedCompanies
from models_ml.similarity.dataset import Companies, Flags
from models_ml.similarity.firmographics import Firmographics
from models_ml.similarity.ranking import Ranking, rank
from models_ml.similarity.reasons import Words, reasons, summary

Matrix = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]

UNMARKED = MarkedCompanies()
MOST_SEEDS = 200
"""Customers that are compared with, the newest: what one sold years ago says less of what one sells now."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a person asks for. Seeds are company ids; empty filters do not filter."""

    positive_ids: Sequence[str] = ()
    negative_ids: Sequence[str] = ()
    from_customers: bool = False
    """Customers are positive seeds too."""
    from_lost: bool = False
    """Companies whose deals were lost are negative seeds too."""
    industries: Sequence[str] = ()
    countries: Sequence[str] = ()
    sizes: Sequence[SizeBand] = ()
    has_visits: bool | None = None
    without_customers: bool = True
    without_open_deals: bool = True
    limit: int = 50


@dataclass(frozen=True, slots=True)
class Lookalike:
    """One company of the answer."""

    company_id: str
    rank: int
    score: float
    """0 to 100: the share of the seeds that it equals or beats in closeness to the other seeds."""
    text_closeness: float
    """Mean cosine to the nearest seeds."""
    firm_odds: float
    """Log-odds by industry, country, size and technologies."""
    closest_company_id: str | None
    closest_name: str
    summary: str
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Found:
    """The answer, with what it rests on."""

    lookalikes: list[Lookalike]
    positive_count: int
    negative_count: int
    candidate_count: int
    text_weight: float
    notes: list[str] = field(default_factory=list)


def find(
    companies: Companies,
    vectors: Matrix,
    wishes: Wishes,
    *,
    suppressed: Collection[str] = (),
    marked: MarkedCompanies = UNMARKED,
    words: Words | None = None,
) -> Found:
    """The companies most like the positive seeds. `vectors` has a row a company; a row of noughts has no text yet.

    What people said of companies counts in a search for companies like the customers: the good ones are seeds, and stay
    among what may be found, and the unfit ones are negative seeds. What they hid is found by no search.

    Raises InvalidInput when there is no positive seed among the organization's companies.
    """
    positive, negative = seeds_of(companies, wishes, marked)
    if not len(positive):
        raise InvalidInput(
            "there is nothing to be like yet",
            hint="Choose companies to start from, or mark your first customers: a won deal or the stage Customer.",
        )
    candidates = candidates_of(companies, wishes, positive, negative, {*suppressed, *marked.hidden})
    if not len(candidates):
        return Found([], len(positive), len(negative), 0, 0.0, ["No company meets these filters."])
    ranking = rank(vectors, Firmographics.of(companies), positive, negative, candidates)
    best = candidates[np.lexsort((candidates, -ranking.blend[candidates]))][: wishes.limit]
    known = words or Words(companies.texts)
    found = [_line(companies, ranking, known, int(place), number) for number, place in enumerate(best, start=1)]
    return Found(found, len(positive), len(negative), len(candidates), ranking.weight)


def seeds_of(companies: Companies, wishes: Wishes, marked: MarkedCompanies = UNMARKED) -> tuple[Places, Places]:
    """Places of the positive and negative seeds; what a person chose wins over what people said before, and that over
    what the flags say."""
    chosen = _known(companies, wishes.positive_ids)
    refused = _known(companies, wishes.negative_ids) - chosen
    if wishes.from_customers:
        said = _known(companies, marked.good) - refused
        refused |= _known(companies, marked.unfit) - chosen
        chosen |= said
    positive, negative = set(chosen), set(refused)
    if wishes.from_customers:
        customers = [int(place) for place in np.flatnonzero(companies.is_customer) if int(place) not in refused]
        customers.sort(key=lambda place: int(companies.newest_customer_first[place]))
        positive.update(customers[:MOST_SEEDS])
    if wishes.from_lost:
        lost = [int(place) for place in np.flatnonzero(companies.is_lost) if int(place) not in positive]
        negative.update(lost[:MOST_SEEDS])
    return _places(positive), _places(negative)


def candidates_of(
    companies: Companies, wishes: Wishes, positive: Places, negative: Places, left_out: Collection[str]
) -> Places:
    """Places of the companies that may be chosen: no seed, none that filters or the rules of exclusion leave out."""
    allowed: Flags = np.ones(len(companies), dtype=np.bool_)
    asked = _known(companies, wishes.positive_ids)
    allowed[[place for place in positive if int(place) in asked or companies.is_customer[place]]] = False
    allowed[negative] = False
    if wishes.without_customers:
        allowed &= ~companies.is_customer
    if wishes.without_open_deals:
        allowed &= ~companies.has_open_deal
    if wishes.has_visits is not None:
        allowed &= companies.has_visits == wishes.has_visits
    if wishes.industries:
        wanted = {name.casefold() for name in wishes.industries}
        allowed &= np.array([facts.industry.casefold() in wanted for facts in companies.facts], dtype=np.bool_)
    if wishes.countries:
        wanted = {name.upper() for name in wishes.countries}
        allowed &= np.array([facts.country.upper() in wanted for facts in companies.facts], dtype=np.bool_)
    if wishes.sizes:
        sizes = set(wishes.sizes)
        allowed &= np.array([band in sizes for band in companies.bands], dtype=np.bool_)
    allowed[list(_known(companies, left_out))] = False
    return np.flatnonzero(allowed)


def _line(companies: Companies, ranking: Ranking, words: Words, place: int, number: int) -> Lookalike:
    seed = int(ranking.closest[place])
    return Lookalike(
        company_id=companies.ids[place],
        rank=number,
        score=round(float(ranking.score[place]), 1),
        text_closeness=round(float(ranking.text[place]), 4),
        firm_odds=round(float(ranking.firm[place]), 3),
        closest_company_id=companies.ids[seed] if seed >= 0 else None,
        closest_name=companies.facts[seed].name if seed >= 0 else "",
        summary=summary(companies, place, seed) if seed >= 0 else "",
        reasons=reasons(companies, words, place, seed) if seed >= 0 else [],
    )


def _known(companies: Companies, ids: Collection[str]) -> set[int]:
    return {companies.place[name] for name in ids if name in companies.place}


def _places(found: Collection[int]) -> Places:
    return np.array(sorted(found), dtype=np.int64)
