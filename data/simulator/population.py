"""Who lives in a client's world: companies, the people of their buying groups, and the browsers they use.

All as columns of equal length. A company's people are its buying group: they look around at about the same time, and
what one of them saw counts a little for the others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.simulator.chance import Bools, Chance, Floats, Ints, Keys
from data.simulator.parameters import ClientPlan, WorldParameters
from data.simulator.words import COUNTRIES, DESKTOPS, DEVICES, END, INDUSTRIES, PHONES, SENIORITY, START, TITLE_WEIGHTS

BROWSERS_A_PERSON = 8
"""Keys of browsers: person times this, plus twice the device, plus one once its cookies were cleared."""

COULD_SHARE = 0.3
"""Part of the people who have a colleague before them to share a browser with."""


@dataclass(frozen=True)
class Companies:
    """One row a company, by position."""

    start: Ints
    end: Ints
    industry: Ints
    employees: Ints
    country: Ints
    trade: Ints
    is_ideal: Bools
    """Of an industry that the client sells to, in the trade it knows best."""
    has_gateway: Bools
    """Its mail gateway opens the links of every mail."""
    interested_day: Floats
    """When its project begins, in days of the world."""

    def name(self, company: int) -> str:
        return START[self.start[company]] + END[self.end[company]]

    def domain(self, company: int) -> str:
        return f"{self.name(company).lower()}{company}.example"

    @property
    def count(self) -> int:
        return len(self.start)

    @cached_property
    def domains(self) -> list[str]:
        return [self.domain(company) for company in range(self.count)]

    @cached_property
    def names(self) -> list[str]:
        return [self.name(company) for company in range(self.count)]


@dataclass(frozen=True)
class People:
    """One row a person, by position: which is also their number."""

    company: Ints
    first: Ints
    last: Ints
    title: Ints
    fit: Floats
    """0 to 1: how well the person matches what the client sells."""
    curiosity: Floats
    """Standard normal: how much they look at."""
    is_prospect: Bools
    """Written to cold; does not visit by themselves."""
    has_consent: Bools
    """Whether their browsers may be known at all."""
    device: tuple[Ints, Ints]
    """Rows of DEVICES: the first, and the second where they have one (-1 where not)."""
    browser_owner: Ints
    """Whose first browser they use: their own, or that of the person before them."""
    clears_cookies: Bools
    network: Ints
    """Row of NETWORK_KINDS of their first device."""
    best_send_hour: Ints
    """Hour of the week in UTC, 0 is Monday 00:00: when they answer mail most readily."""
    reads_by_proxy: Bools
    """Their mail provider fetches every image ahead of them."""

    @property
    def count(self) -> int:
        return len(self.company)


NETWORK_KINDS = ("business", "isp", "mobile", "hosting")
BUSINESS, ISP, MOBILE, HOSTING = range(4)


def draw_population(
    chance: Chance, plan: ClientPlan, parameters: WorldParameters, people_count: int
) -> tuple[Companies, People]:
    """The first `people_count` people; the same ones first, however many are drawn."""
    company = _companies_of(chance, people_count)
    companies = _companies(chance, plan, parameters, int(company[-1]) + 1)
    return companies, _people(chance, plan, parameters, companies, company)


def browser_keys(people: People, person: Ints, device: Ints, is_cleared: Bools) -> Keys:
    """The browser behind a visit: of its owner, device and cookies. A shared one keeps its cookies."""
    is_first = device == 0
    owner = np.where(is_first, people.browser_owner[person], person)
    is_own = owner == person
    cleared = is_cleared & is_own
    return np.asarray((owner * BROWSERS_A_PERSON + device * 2 + cleared).astype(np.uint64))


def _companies_of(chance: Chance, people_count: int) -> Ints:
    """Each person's company: groups of one to six in a row."""
    sizes = 1 + np.minimum(5, chance.exponential("group", np.arange(people_count), 1.1).astype(np.int64))
    return np.repeat(np.arange(people_count), sizes)[:people_count]


def _companies(chance: Chance, plan: ClientPlan, parameters: WorldParameters, count: int) -> Companies:
    keys = np.arange(count)
    weights = [2.5 if industry in plan.sells_to else 1.0 for industry in INDUSTRIES]
    industry, trade = chance.choice("industry", keys, weights), chance.below("trade", keys, 3)
    sold_to = np.array([name in plan.sells_to for name in INDUSTRIES])
    employees = np.exp(3.9 + 1.2 * chance.normal("employees", keys))
    return Companies(
        start=chance.below("start", keys, len(START)),
        end=chance.below("end", keys, len(END)),
        industry=industry,
        employees=np.clip(employees, 2, 9000).astype(np.int64),
        country=chance.choice("country", keys, [country.weight for country in COUNTRIES]),
        trade=trade,
        is_ideal=sold_to[industry] & (trade == plan.best_trade),
        has_gateway=chance.happens("gateway", keys, parameters.gateway_share),
        interested_day=chance.uniform("interest", keys) * parameters.days * 0.97,
    )


def _people(
    chance: Chance, plan: ClientPlan, parameters: WorldParameters, companies: Companies, company: Ints
) -> People:
    keys = np.arange(len(company))
    title = chance.choice("title", keys, TITLE_WEIGHTS)
    desktop = np.asarray(DESKTOPS)[chance.choice("desktop", keys, [DEVICES[d].weight for d in DESKTOPS])]
    phone = np.asarray(PHONES)[chance.choice("phone", keys, [DEVICES[d].weight for d in PHONES])]
    begins_on_phone = chance.happens("phone first", keys, 0.22)
    has_second = chance.happens("second device", keys, parameters.second_device_share)
    first = np.where(begins_on_phone, phone, desktop)
    second = np.where(has_second, np.where(begins_on_phone, desktop, phone), -1)
    has_neighbour = np.concatenate([[False], company[1:] == company[:-1]])
    shares = has_neighbour & chance.happens("shares a browser", keys, parameters.shared_browser_share / COULD_SHARE)
    consent = ~chance.happens("no consent", keys, parameters.without_consent_share)
    is_prospect = chance.happens("prospect", keys, parameters.prospect_share)
    shares &= consent & ~is_prospect & np.concatenate([[False], (consent & ~is_prospect)[:-1]])
    shares &= ~np.concatenate([[False], shares[:-1]])
    owner = np.where(shares, keys - 1, keys)
    at_office = chance.happens("office", keys, parameters.office_share)
    network = np.where(begins_on_phone, MOBILE, np.where(at_office, BUSINESS, ISP))
    network = np.where(chance.happens("vpn", keys, parameters.vpn_share), HOSTING, network)
    return People(
        company=company,
        first=chance.below("first name", keys, 10_000),
        last=chance.below("last name", keys, 10_000),
        title=title,
        fit=_fit(plan, companies, company, title),
        curiosity=chance.normal("curiosity", keys),
        is_prospect=is_prospect,
        has_consent=consent,
        device=(first[owner], second),
        browser_owner=owner,
        clears_cookies=chance.happens("clears cookies", keys, parameters.cleared_cookies_share),
        network=network[owner],
        best_send_hour=_best_hours(chance, companies, company),
        reads_by_proxy=chance.happens("proxy", keys, parameters.machine_open_share),
    )


def _fit(plan: ClientPlan, companies: Companies, company: Ints, title: Ints) -> Floats:
    smallest, largest = plan.best_employees
    employees = companies.employees[company]
    size = np.where((employees >= smallest) & (employees <= largest), 1.0, 0.3)
    likes = np.array([1.0 if industry in plan.sells_to else 0.3 for industry in INDUSTRIES])
    return np.asarray((size + likes[companies.industry[company]] + 1.5 * np.asarray(SENIORITY)[title]) / 3.5)


def _best_hours(chance: Chance, companies: Companies, company: Ints) -> Ints:
    """An hour of a working day by the person's own clock, most often in the morning; answered in UTC."""
    keys = np.arange(len(company))
    day = chance.choice("best day", keys, (20, 26, 24, 20, 10))
    hour = 7 + chance.choice("best hour", keys, (8, 14, 18, 14, 9, 5, 6, 8, 8, 6, 4))
    offset = np.array([country.utc_offset for country in COUNTRIES])[companies.country[company]]
    return np.asarray((day * 24 + hour - offset) % 168)
