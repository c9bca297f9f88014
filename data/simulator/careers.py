"""What becomes of contacts: attributes, the true probability of becoming a customer, stages, deals and revenue.

    log-odds = intercept + pull * (3 (fit - 0.5) + 0.8 budget + 0.5 visits + 0.5 pricing + quality of the first channel)
               + icp_pull * works for an ideal company

with budget and visits standardised. `intercept` is set so that `customer_rate` of the leads become customers. Outcomes
of a buying group hang together: people of a company share most of their luck, and one deal.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import expit, ndtr

from data.simulator.chance import Bools, Chance, Floats, Ints
from data.simulator.journeys import DAY_SECONDS, Visits
from data.simulator.pages import FORM_SECONDS, Pages
from data.simulator.parameters import ClientPlan, WorldParameters
from data.simulator.population import Companies, People
from data.simulator.words import PRICING
from domain.contacts import LifecycleStage
from domain.deals import DealStage

SHARED_LUCK = 0.8
"""Correlation of the outcomes of a buying group (of normal variables behind them)."""


@dataclass(frozen=True)
class Careers:
    """One row a contact, in order of person."""

    person: Ints
    known_at: Floats
    """Seconds since the world began, as all times here; infinite for never."""
    lead_at: Floats
    by_form: Bools
    first_channel: Ints
    """Position among the client's channels; -1 for somebody written to cold."""
    budget: Floats
    converts_probability: Floats
    """NaN for those who never became a lead."""
    converts: Bools
    mql_at: Floats
    sql_at: Floats
    opportunity_at: Floats
    customer_at: Floats
    lost_at: Floats
    steps_back: Bools
    """Goes back from SQL to MQL, and on again."""
    comes_back: Bools
    """Enters again, as an MQL, some days after having been lost."""

    @property
    def count(self) -> int:
        return len(self.person)


@dataclass(frozen=True)
class Moves:
    """Stage changes: `row` of the contact or deal, in order of row and time."""

    row: Ints
    former: list[str | None]
    stage: list[str]
    at: Floats


@dataclass(frozen=True)
class Deals:
    """One row a company with an opportunity."""

    contact: Ints
    """Row of Careers of its first customer, else of whoever opened it."""
    company: Ints
    amount_minor: Ints
    is_recurring: Bools
    opened_at: Floats
    proposal_at: Floats
    negotiation_at: Floats
    won_at: Floats
    lost_at: Floats
    steps_back: Bools
    """Goes back from negotiation to proposal, and on again."""


def submitted_at(visits: Visits, pages: Pages) -> Floats:
    """When the form of each visit would be sent: after its last page and the time it takes to fill in."""
    return np.asarray(visits.at + pages.totals(np.maximum(1.0, pages.seconds)) + FORM_SECONDS)


def draw_careers(
    chance: Chance, plan: ClientPlan, parameters: WorldParameters, companies: Companies, people: People, visits: Visits,
    pages: Pages, prospects_known_at: Floats, replied_at: Floats,
) -> Careers:  # fmt: skip
    """Everybody who is known: by the form, or because they were written to."""
    form_at = np.full(people.count, np.inf)
    sent = np.flatnonzero(visits.submits)
    form_at[visits.person[sent]] = submitted_at(visits, pages)[sent]
    lead_at = np.minimum(form_at, replied_at)
    person = np.flatnonzero(np.isfinite(lead_at) | np.isfinite(prospects_known_at))
    lead, by_form = lead_at[person], np.isfinite(form_at[person])
    before = visits.at <= lead_at[visits.person]
    seen = np.bincount(visits.person[before], minlength=people.count)[person]
    priced = np.bincount(
        visits.person[before], pages.totals((pages.page == PRICING).astype(np.float64))[before], people.count
    )[person]
    first_channel = np.full(people.count, -1)
    np.put(first_channel, visits.person[::-1], visits.channel[::-1])
    first_channel = np.where(by_form, first_channel[person], -1)
    budget = chance.normal("budget", person)
    quality = np.array([*(channel.quality for channel in plan.channels), -0.3])[first_channel]
    known = np.isfinite(lead)
    driven = _shifted(parameters, lead, 3.0 * (people.fit[person] - 0.5) + 0.8 * budget)
    log_visits = np.log1p(seen)
    centred = (
        (log_visits - log_visits[known].mean()) / max(log_visits[known].std(), 1e-9) if known.any() else log_visits
    )
    odds = parameters.driver_pull * (driven + 0.5 * centred + 0.5 * np.minimum(priced, 2) + quality)
    odds = odds + parameters.icp_pull * companies.is_ideal[people.company[person]]
    odds = odds + _intercept(odds[known], plan.customer_rate) + _customer_drift(parameters, lead)
    probability = np.where(known, expit(odds), np.nan)
    luck = np.sqrt(SHARED_LUCK) * chance.normal("luck of the company", people.company[person]) + np.sqrt(
        1.0 - SHARED_LUCK
    ) * chance.normal("luck", person)
    converts = known & (ndtr(luck) < np.nan_to_num(probability))
    return _with_stages(
        chance, person, np.where(by_form, lead, prospects_known_at[person]), lead, by_form, first_channel, budget,
        probability, converts,
    )  # fmt: skip


def lifecycle_moves(careers: Careers) -> Moves:
    """Every stage that contacts entered, with regressions and re-entries."""
    never = np.full(careers.count, np.inf)
    back = np.where(careers.steps_back, careers.sql_at + 0.12 * DAY_SECONDS, never)
    again = np.where(careers.steps_back, careers.sql_at + 0.4 * DAY_SECONDS, never)
    reentry = np.where(careers.comes_back, careers.lost_at + 5 * DAY_SECONDS, never)
    return _moves([
        (LifecycleStage.LEAD, careers.lead_at), (LifecycleStage.MQL, careers.mql_at),
        (LifecycleStage.SQL, careers.sql_at), (LifecycleStage.MQL, back), (LifecycleStage.SQL, again),
        (LifecycleStage.OPPORTUNITY, careers.opportunity_at), (LifecycleStage.CUSTOMER, careers.customer_at),
        (LifecycleStage.LOST, careers.lost_at), (LifecycleStage.MQL, reentry),
    ])  # fmt: skip


def draw_deals(chance: Chance, plan: ClientPlan, companies: Companies, people: People, careers: Careers) -> Deals:
    """One for each company that came to an opportunity: of its first customer, else of the first who came so far."""
    rows = np.flatnonzero(np.isfinite(careers.opportunity_at))
    company = people.company[careers.person[rows]]
    order = np.lexsort((rows, careers.opportunity_at[rows], careers.customer_at[rows], company))
    rows, company = rows[order], company[order]
    first = np.append(True, company[1:] != company[:-1]) if len(rows) else np.zeros(0, dtype=bool)
    contact, firm = rows[first], company[first]
    opened, won, lost = careers.opportunity_at[contact], careers.customer_at[contact], careers.lost_at[contact]
    closes = np.minimum(won, lost)
    length = np.where(np.isfinite(closes), closes - opened, 6 * DAY_SECONDS)
    size = np.clip(0.4 + companies.employees[firm] / 150.0, 0.4, 6.0)
    amount = plan.deal_minor * size * np.exp(0.35 * chance.normal("amount", firm))
    return Deals(
        contact=contact,
        company=firm,
        amount_minor=(amount / 100).astype(np.int64) * 100,
        is_recurring=chance.happens("recurs", firm, plan.recurring_share),
        opened_at=opened,
        proposal_at=opened + 0.3 * length,
        negotiation_at=opened + 0.6 * length,
        won_at=won,
        lost_at=lost,
        steps_back=chance.happens("deal steps back", firm, 0.1),
    )


def deal_moves(deals: Deals) -> Moves:
    """Every stage of every deal."""
    never = np.full(len(deals.contact), np.inf)
    step = np.minimum(deals.won_at, deals.lost_at)
    step = np.where(np.isfinite(step), step, deals.negotiation_at + DAY_SECONDS) - deals.negotiation_at
    back = np.where(deals.steps_back, deals.negotiation_at + 0.3 * step, never)
    again = np.where(deals.steps_back, deals.negotiation_at + 0.6 * step, never)
    return _moves([
        (DealStage.OPPORTUNITY, deals.opened_at), (DealStage.PROPOSAL, deals.proposal_at),
        (DealStage.NEGOTIATION, deals.negotiation_at), (DealStage.PROPOSAL, back), (DealStage.NEGOTIATION, again),
        (DealStage.WON, deals.won_at), (DealStage.LOST, deals.lost_at),
    ])  # fmt: skip


def _with_stages(
    chance: Chance, person: Ints, known_at: Floats, lead: Floats, by_form: Bools, first_channel: Ints, budget: Floats,
    probability: Floats, converts: Bools,
) -> Careers:  # fmt: skip
    """Stages with their moments: those who do not become customers leave the way somewhere."""
    likely = np.nan_to_num(probability)
    to_mql = np.isfinite(lead) & (converts | chance.happens("mql", person, 0.35 + 0.5 * likely))
    to_sql = to_mql & (converts | chance.happens("sql", person, 0.4 + 0.4 * likely))
    to_opportunity = to_sql & (converts | chance.happens("opportunity", person, 0.4))
    mql = np.where(to_mql, lead + _wait(chance, "mql after", person, 0.6), np.inf)
    sql = np.where(to_sql, mql + _wait(chance, "sql after", person, 1.2), np.inf)
    opportunity = np.where(to_opportunity, sql + _wait(chance, "opportunity after", person, 2.0), np.inf)
    customer = np.where(converts, opportunity + _wait(chance, "customer after", person, 3.0), np.inf)
    furthest = np.where(to_opportunity, opportunity, np.where(to_sql, sql, np.where(to_mql, mql, lead)))
    gives_up = np.isfinite(lead) & ~converts & chance.happens("lost", person, 0.6)
    lost = np.where(gives_up, furthest + 2 * _wait(chance, "lost after", person, 4.0), np.inf)
    return Careers(
        person=person, known_at=known_at, lead_at=lead, by_form=by_form, first_channel=first_channel, budget=budget,
        converts_probability=probability, converts=converts, mql_at=mql, sql_at=sql, opportunity_at=opportunity,
        customer_at=customer, lost_at=lost, steps_back=to_sql & chance.happens("steps back", person, 0.08),
        comes_back=gives_up & chance.happens("comes back", person, 0.1),
    )  # fmt: skip


def _wait(chance: Chance, name: str, person: Ints, days: float) -> Floats:
    """At least half a day."""
    return np.asarray(DAY_SECONDS * (0.5 + chance.exponential(name, person, days)))


def _shifted(parameters: WorldParameters, lead: Floats, driven: Floats) -> Floats:
    if parameters.drift is None:
        return driven
    after = lead >= parameters.drift.from_day * DAY_SECONDS
    return np.where(after, driven * (1.0 - parameters.drift.driver_shift), driven)


def _customer_drift(parameters: WorldParameters, lead: Floats) -> Floats:
    if parameters.drift is None:
        return np.zeros(len(lead))
    after = lead >= parameters.drift.from_day * DAY_SECONDS
    return np.where(after, np.log(parameters.drift.customer_factor), 0.0)


def _intercept(odds: Floats, rate: float) -> float:
    """What brings the mean probability to `rate`; found by halving."""
    low, high = -60.0, 60.0
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if len(odds) and expit(odds + middle).mean() < rate else (low, middle)
    return high if len(odds) else 0.0


def _moves(entries: list[tuple[LifecycleStage | DealStage, Floats]]) -> Moves:
    """Finite entries as moves in order of row and time; the stage before is the one entered last."""
    row = np.concatenate([np.flatnonzero(np.isfinite(at)) for _, at in entries])
    at = np.concatenate([at[np.isfinite(at)] for _, at in entries])
    code = np.concatenate([np.full(int(np.isfinite(at).sum()), place) for place, (_, at) in enumerate(entries)])
    order = np.lexsort((code, at, row))
    row, at, code = row[order], at[order], code[order]
    stage = [entries[place][0].value for place in code]
    former: list[str | None] = [
        stage[place - 1] if place and row[place - 1] == row[place] else None for place in range(len(row))
    ]
    return Moves(row, former, stage, at)
