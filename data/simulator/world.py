"""The people of a small world: who they are, how they found the site, and what came of it. Drawn from a seed.

Nothing here is real: company names are composed from syllables, addresses end in `.example` (RFC 2606).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random

FIRST = (
    "Ada Amara Anders Anika Bruno Carla Chen Chloe Dario Dina Elif Emil Farah Felix Grace Hana Hugo Imani Ines Ivan "
    "Jonas Julia Kai Lea Liam Lina Luca Maja Marco Mei Mila Nadia Nils Noor Olga Omar Priya Rafael Rosa Sami Sara Tariq "
    "Theo Uma Vera Yara Yuki Zoe"
).split()
LAST = (
    "Abara Berg Brandt Costa Diaz Eriksen Fischer Fontaine Garcia Haddad Hansen Ito Jansen Kaya Keller Kowalski Larsen "
    "Lindqvist Marino Meyer Moreau Nakamura Novak Okafor Olsen Patel Petrov Quinn Ricci Romero Rossi Santos Schmidt Silva "
    "Sokolov Tanaka Thomsen Ueda Vargas Weber Wong Yilmaz Zhang"
).split()
START = "Alder Blue Bright Cedar Clear Copper Delta Ember Fern Grand Harbor Iron Juniper Lumen Maple North Oak Pine Quartz River Solar Stone Terra Vela West".split()
END = "bridge cart craft dale field forge gate grid hill labs lane line loop mark mill path peak point port ridge side stack stream wave works".split()
INDUSTRIES = (
    "Software",
    "E-commerce",
    "Healthcare",
    "Manufacturing",
    "Finance",
    "Education",
    "Hospitality",
    "Logistics",
)
TITLES = (
    "Head of Marketing",
    "CMO",
    "Founder",
    "Marketing Manager",
    "VP Sales",
    "Operations Lead",
    "Student",
    "Consultant",
)
PAGES = ("/", "/services", "/services/seo", "/services/paid-media", "/case-studies", "/case-studies/alpine", "/pricing",
         "/blog/attribution", "/blog/landing-pages", "/about", "/contact")  # fmt: skip

BROWSERS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.4 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
)
BOTS = (
    "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)",
    "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)",
    "python-requests/2.32.3",
)


@dataclass(frozen=True, slots=True)
class Door:
    """A way to the site: its share of visits, what the first page view carries, and how well its visitors convert."""

    name: str
    share: float
    referrer: str
    query: str
    lift: float


DOORS = (
    Door("Organic Search", 0.29, "https://www.google.com/", "", 1.0),
    Door("Direct", 0.19, "", "", 0.9),
    Door("Paid Search", 0.17, "https://www.google.com/", "utm_source=google&utm_medium=cpc&utm_campaign=search-brand&gclid=G{n}", 1.5),
    Door("Paid Social", 0.12, "https://www.linkedin.com/", "utm_source=linkedin&utm_medium=paid-social&utm_campaign=founders-q4&li_fat_id=L{n}", 0.7),
    Door("Referral", 0.07, "https://clutch.co/agencies", "", 1.6),
    Door("Email", 0.07, "", "utm_source=newsletter&utm_medium=email&utm_campaign=monthly-digest", 1.3),
    Door("Organic Social", 0.05, "https://www.facebook.com/", "", 0.5),
    Door("AI Assistant", 0.04, "https://chatgpt.com/", "", 1.4),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Firm:
    name: str
    domain: str
    industry: str
    employees: int
    country: str


FORM_SECONDS = 25


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: when, through which door, which pages with seconds on each, and whether it ends in the form."""

    at: datetime
    door: Door
    pages: tuple[tuple[str, int], ...]
    submits: bool

    @property
    def submitted_at(self) -> datetime:
        """When its form is sent: after the last page and the half minute that filling it in takes."""
        return self.at + timedelta(seconds=sum(max(1, seconds) for _, seconds in self.pages) + FORM_SECONDS)


@dataclass(slots=True)
class Person:
    """Somebody of this world; `lead_at` is the submission that made them known, stages follow with their moments."""

    number: int
    first_name: str
    last_name: str
    title: str
    firm: Firm
    anonymous_id: str
    user_agent: str
    address: str
    visits: tuple[Visit, ...]
    stages: tuple[tuple[str, datetime], ...] = ()
    deal_minor: int = 0
    is_bot: bool = False
    outbound: tuple[tuple[str, datetime], ...] = field(default=())

    @property
    def email(self) -> str:
        return f"{self.first_name}.{self.last_name}{self.number}@{self.firm.domain}".lower()

    @property
    def lead_at(self) -> datetime | None:
        return next((visit.submitted_at for visit in self.visits if visit.submits), None)


@dataclass(frozen=True, slots=True)
class World:
    """`people` over `days` days from `starts_on`, the same for the same seed."""

    seed: int
    starts_on: date
    days: int
    people_count: int

    def people(self) -> Iterator[Person]:
        firms = [_firm(Random(f"{self.seed}:firm:{n}"), n) for n in range(max(20, self.people_count // 4))]
        for number in range(self.people_count):
            yield self._person(Random(f"{self.seed}:person:{number}"), number, firms)

    def _person(self, rng: Random, number: int, firms: list[Firm]) -> Person:
        firm = rng.choice(firms)
        title = rng.choices(TITLES, (14, 8, 10, 18, 9, 11, 15, 15))[0]
        is_bot = rng.random() < 0.05
        fit = _fit(firm, title)
        visits = self._visits(rng, fit=fit, is_bot=is_bot)
        person = Person(
            number=number, first_name=rng.choice(FIRST), last_name=rng.choice(LAST), title=title, firm=firm,
            anonymous_id=hashlib.sha256(f"{self.seed}:{number}".encode()).hexdigest()[:32],
            user_agent=rng.choice(BOTS if is_bot else BROWSERS),
            address=f"198.51.{rng.randrange(100, 101)}.{rng.randrange(1, 255)}",
            visits=visits, is_bot=is_bot,
        )  # fmt: skip
        if person.lead_at is not None:
            person.stages, person.deal_minor = _career(rng, person.lead_at, fit, firm)
        elif not is_bot and rng.random() < 0.25:
            person.outbound = self._outbound(rng, fit)
        return person

    def _visits(self, rng: Random, *, fit: float, is_bot: bool) -> tuple[Visit, ...]:
        count = rng.randrange(1, 4) if is_bot else 1 + min(7, int(rng.expovariate(1.0)))
        first = rng.uniform(0, self.days)
        visits: list[Visit] = []
        for index in range(count):
            day = first + index * rng.expovariate(1 / 4.0) if index else first
            if day >= self.days:
                break
            door = rng.choices(DOORS, [door.share for door in DOORS])[0]
            pages = _pages(rng, is_bot=is_bot)
            asked = any(page in {"/pricing", "/contact"} for page, _ in pages)
            chance = 0.045 * door.lift * (0.3 + 1.9 * fit) * (2.2 if asked else 0.7) * (1 + 0.25 * index)
            submits = not is_bot and not any(visit.submits for visit in visits) and rng.random() < chance
            visits.append(Visit(self._moment(rng, day), door, pages, submits))
        return tuple(sorted(visits, key=lambda visit: visit.at))

    def _moment(self, rng: Random, day: float) -> datetime:
        hour = min(23, max(0, round(rng.gauss(13, 3.5))))
        at = datetime.combine(self.starts_on + timedelta(days=int(day)), time(hour, rng.randrange(60)), UTC)
        return at + timedelta(seconds=rng.randrange(60), milliseconds=rng.randrange(1000))

    def _outbound(self, rng: Random, fit: float) -> tuple[tuple[str, datetime], ...]:
        at = self._moment(rng, rng.uniform(0, self.days - 1))
        story = [("sent", at)]
        if rng.random() < 0.04:
            return (*story, ("bounced", at + timedelta(minutes=2)))
        story.append(("delivered", at + timedelta(minutes=1)))
        if rng.random() < 0.35:
            story.append(("opened_machine", at + timedelta(minutes=3)))
        if rng.random() < 0.3 + 0.2 * fit:
            story.append(("opened", at + timedelta(hours=rng.uniform(0.5, 30))))
            if rng.random() < 0.18:
                story.append(("clicked", story[-1][1] + timedelta(minutes=1)))
            if rng.random() < 0.10 + 0.12 * fit:
                story.append(("replied", story[-1][1] + timedelta(hours=rng.uniform(0.2, 20))))
            elif rng.random() < 0.03:
                story.append(("unsubscribed", story[-1][1] + timedelta(minutes=2)))
        return tuple(story)


def _firm(rng: Random, number: int) -> Firm:
    name = rng.choice(START) + rng.choice(END)
    employees = int(min(5000, max(2, rng.lognormvariate(3.8, 1.1))))
    country = rng.choices(("US", "GB", "DE", "FR", "NL", "SE", "IN"), (30, 15, 18, 10, 9, 6, 12))[0]
    return Firm(name, f"{name.lower()}{number}.example", rng.choice(INDUSTRIES), employees, country)


def _fit(firm: Firm, title: str) -> float:
    """0 to 1: how well the person matches what this agency sells; the truth that a model should find."""
    size = 1.0 if 20 <= firm.employees <= 400 else 0.35
    industry = {"Software": 1.0, "E-commerce": 0.9, "Healthcare": 0.6, "Finance": 0.6}.get(firm.industry, 0.3)
    seniority = {"CMO": 1.0, "Founder": 0.9, "Head of Marketing": 0.9, "VP Sales": 0.7, "Marketing Manager": 0.6,
                 "Operations Lead": 0.4, "Consultant": 0.2, "Student": 0.0}[title]  # fmt: skip
    return (size + industry + 1.5 * seniority) / 3.5


def _pages(rng: Random, *, is_bot: bool) -> tuple[tuple[str, int], ...]:
    if is_bot:
        return tuple((page, 0) for page in PAGES)
    count = 1 + min(6, int(rng.expovariate(0.55)))
    weights = (18, 10, 7, 7, 9, 6, 10, 8, 7, 5, 6)
    return tuple((page, int(rng.lognormvariate(3.2, 0.9))) for page in rng.choices(PAGES, weights, k=count))


def _career(rng: Random, lead_at: datetime, fit: float, firm: Firm) -> tuple[tuple[tuple[str, datetime], ...], int]:
    stages, at = [("lead", lead_at)], lead_at
    for stage, chance, days in (("mql", 0.25 + 0.55 * fit, 2.0), ("sql", 0.3 + 0.4 * fit, 4.0),
                                ("opportunity", 0.65, 5.0), ("customer", 0.2 + 0.35 * fit, 9.0)):  # fmt: skip
        if rng.random() >= chance:
            break
        at += timedelta(days=rng.expovariate(1 / days))
        stages.append((stage, at))
    size = min(4.0, 0.5 + firm.employees / 120)
    return tuple(stages), int(rng.lognormvariate(8.6, 0.4) * size) * 100
