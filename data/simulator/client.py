"""Everything about one client of a world, drawn once, in the order in which it follows from one another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from data.simulator.careers import Careers, Deals, draw_careers, draw_deals, submitted_at
from data.simulator.chance import Chance
from data.simulator.contacts import Duplicates, draw_duplicates
from data.simulator.journeys import DAY_SECONDS, ChannelEffects, Visits, convert, draw_visits
from data.simulator.mail import Mailing, write_mail
from data.simulator.pages import Pages, read_pages
from data.simulator.parameters import ClientPlan, WorldParameters
from data.simulator.population import Companies, People, draw_population
from data.simulator.traffic import Traffic, bot_traffic, event_count, human_traffic, in_order, scanner_traffic, together

PILOT_PEOPLE = 2_000
"""People drawn first, to learn how many events one of them leaves."""


@dataclass(frozen=True)
class Client:
    """A client's part of a world. Times are seconds since 00:00 UTC of the world's first day."""

    plan: ClientPlan
    parameters: WorldParameters
    chance: Chance
    companies: Companies
    people: People
    visits: Visits
    pages: Pages
    """Of `visits`."""
    effects: ChannelEffects
    mailing: Mailing
    careers: Careers
    duplicates: Duplicates
    human: Traffic

    @property
    def slug(self) -> str:
        return self.plan.slug

    @cached_property
    def traffic(self) -> Traffic:
        """People's and programs' visits, in order of time."""
        bots = bot_traffic(self.chance, self.parameters, event_count(self.chance, self.human))
        scans = scanner_traffic(self.chance, self.people, self.mailing.events)
        return in_order(together(together(self.human, bots), scans))

    @cached_property
    def error_of(self) -> dict[int, int]:
        """Person to the error of their second record."""
        persons = self.careers.person[self.duplicates.contact]
        return dict(zip(persons.tolist(), self.duplicates.error.tolist(), strict=True))

    @cached_property
    def deals(self) -> Deals:
        return draw_deals(self.chance, self.plan, self.companies, self.people, self.careers)


def draw_client(parameters: WorldParameters, plan: ClientPlan) -> Client:
    """The client with as many people as make its part of the world's events."""
    wanted = parameters.event_count * plan.share / sum(client.share for client in parameters.clients)
    pilot = _drawn(parameters, plan, PILOT_PEOPLE)
    people_count = max(12, round(PILOT_PEOPLE * wanted / max(1, pilot.traffic_events)))
    return pilot.client if people_count == PILOT_PEOPLE else _drawn(parameters, plan, people_count).client


@dataclass(frozen=True)
class _Drawn:
    client: Client

    @property
    def traffic_events(self) -> int:
        return event_count(self.client.chance, self.client.traffic)


def _drawn(parameters: WorldParameters, plan: ClientPlan, people_count: int) -> _Drawn:
    chance = Chance(parameters.seed, plan.slug)
    companies, people = draw_population(chance, plan, parameters, people_count)
    visits = draw_visits(chance, plan, parameters, companies, people)
    pages = read_pages(chance, visits.key.astype(np.uint64), people.curiosity[visits.person])
    visits, effects = convert(chance, plan, parameters, people, visits)
    cold_known = np.where(people.is_prospect, companies.interested_day[people.company] * DAY_SECONDS, np.inf)
    cold = write_mail(chance, parameters, companies, people, cold_known)
    careers = draw_careers(chance, plan, parameters, companies, people, visits, pages, cold_known, cold.replied_at)
    known = np.full(people.count, np.inf)
    known[careers.person] = np.where(careers.by_form, careers.lead_at, cold_known[careers.person])
    mailing = write_mail(chance, parameters, companies, people, known)
    duplicates = draw_duplicates(chance, parameters, people, careers, visits, submitted_at(visits, pages))
    human = human_traffic(
        chance, plan, parameters, people, visits, pages, careers, duplicates.visit[duplicates.visit >= 0],
        mailing.events,
    )  # fmt: skip
    return _Drawn(
        Client(plan, parameters, chance, companies, people, visits, pages, effects, mailing, careers, duplicates, human)
    )
