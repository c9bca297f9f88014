"""All visits to a client's site, people's and programs', as columns in order of time: what the files are written from."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np

from data.simulator.careers import Careers
from data.simulator.chance import Bools, Chance, Floats, Ints, Keys
from data.simulator.doors import DIRECT, DOOR_OF, MAIL, SEARCH
from data.simulator.journeys import DAY_SECONDS, Visits
from data.simulator.mail import CLICKED, UNSEEN, MailEvents
from data.simulator.pages import Pages, fetch_pages, joined, page_keys, read_pages
from data.simulator.parameters import BotShares, ClientPlan, WorldParameters
from data.simulator.population import (
    BROWSERS_A_PERSON,
    BUSINESS,
    HOSTING,
    ISP,
    MOBILE,
    People,
    browser_keys,
)
from data.simulator.words import CASE_STUDY, CONTACT, CRAWLERS, DESKTOPS, DEVICES, MAIL_PAGES, PAGES

KINDS = ("human", "crawler", "headless", "stealth", "monitor", "scanner", "form_spam")
HUMAN, CRAWLER, HEADLESS, STEALTH, MONITOR, SCANNER, FORM_SPAM = range(7)
NOBODY = -1
OWN_ADDRESS, OTHER_ADDRESS, SPAM_ADDRESS = 1, 2, 3
"""Whose address a form is sent with: the person's, that of their planted duplicate, a spammer's."""
ENGAGED_SECONDS = 10.0
"""A page looked at as long as this is followed by a heartbeat that says so."""
_CLICKS = 1 << 50
_BOTS = 1 << 51
UNSEEN_PAGE = len(PAGES)
"""Row of the unseen link among pages."""


@dataclass(frozen=True)
class Traffic:
    """One row a visit."""

    key: Keys
    kind: Ints
    """Row of KINDS."""
    person: Ints
    """NOBODY for programs."""
    at: Floats
    """Seconds since the world began."""
    door: Ints
    browser: Keys
    has_id: Bools
    """Whether the browser may be known: without consent it has no id."""
    agent: Ints
    """Row of AGENTS."""
    network: Ints
    """Row of NETWORK_KINDS."""
    prefix: Ints
    """Number of the /48 of IPv6."""
    form: Ints
    """0, or with whose address the form is sent."""
    identifies: Bools
    """Came by a link that says who they are."""
    pages: Pages

    @property
    def count(self) -> int:
        return len(self.key)


MONITOR_AGENT = len(DEVICES) + len(CRAWLERS)
"""AGENTS are the rows of DEVICES, then CRAWLERS, then the monitor."""


def is_engaged(pages: Pages) -> Bools:
    """Pages followed by a heartbeat."""
    return pages.seconds >= ENGAGED_SECONDS


def is_downloaded(chance: Chance, traffic: Traffic) -> Bools:
    """Case studies of which a person takes the file along."""
    keys, _ = page_keys(traffic.key, np.diff(traffic.pages.start))
    reads = np.repeat(traffic.kind == HUMAN, np.diff(traffic.pages.start))
    return reads & (traffic.pages.page == CASE_STUDY) & chance.happens("download", keys, 0.35)


def human_traffic(
    chance: Chance, plan: ClientPlan, parameters: WorldParameters, people: People, visits: Visits, pages: Pages,
    careers: Careers, second_form: Ints, mail: MailEvents,
) -> Traffic:  # fmt: skip
    """People's own visits, and those that began with a link of a message."""
    doors = np.array([DOOR_OF[channel.channel] for channel in plan.channels])
    known_from = np.full(people.count, np.inf)
    known_from[careers.person] = np.where(careers.by_form, careers.lead_at, np.inf)
    door = doors[visits.channel]
    form = np.where(visits.submits, OWN_ADDRESS, 0)
    form[second_form] = OTHER_ADDRESS
    own = _of_people(
        chance, people, visits.key.astype(np.uint64), visits.person, visits.at, door, visits.device, visits.is_cleared,
        form, (door == MAIL) & (visits.at > known_from[visits.person]), pages,
    )  # fmt: skip
    chosen = (mail.type == CLICKED) & ~mail.is_machine & (mail.at < (parameters.days - 0.1) * DAY_SECONDS)
    message, person, at = mail.message[chosen], mail.person[chosen], mail.at[chosen]
    key = (message + _CLICKS).astype(np.uint64)
    device = chance.happens("click on second device", key, 0.5) & (people.device[1][person] >= 0)
    none = np.zeros(len(key), dtype=np.int64)
    clicks = _of_people(
        chance, people, key, person, at + 1.0, none + MAIL, device.astype(np.int64), none > 0, none, none == 0,
        _clicked_pages(chance, key, mail.link[chosen], people.curiosity[person]),
    )  # fmt: skip
    return together(own, clicks)


def bot_traffic(chance: Chance, parameters: WorldParameters, human_events: int) -> Traffic:
    """Programs, so many that each kind makes its part of all events."""
    shares = parameters.bots
    made = [
        _of_program(chance, shares, parameters, kind, human_events)
        for kind in (CRAWLER, HEADLESS, STEALTH, MONITOR, FORM_SPAM)
    ]
    traffic = made[0]
    for more in made[1:]:
        traffic = together(traffic, more)
    return traffic


def scanner_traffic(chance: Chance, people: People, mail: MailEvents) -> Traffic:
    """The visits of mail gateways, which open every link of a message within seconds."""
    first = mail.is_machine & (mail.type == CLICKED) & (mail.link == 0)
    message, at = mail.message[first], mail.at[first]
    company = people.company[mail.person[first]]
    key = (message + (SCANNER + 1) * _BOTS).astype(np.uint64)
    counts = np.full(len(key), UNSEEN + 1)
    links = np.array([*(PAGES.index(page) for page in MAIL_PAGES), UNSEEN_PAGE])
    fetched = fetch_pages(chance, key, counts, np.full(len(key), 0.4))
    pages = replace(fetched, page=np.tile(links, len(key)))
    none = np.zeros(len(key), dtype=np.int64)
    return Traffic(
        key=key, kind=none + SCANNER, person=none + NOBODY, at=at, door=none + MAIL, browser=key, has_id=none > 0,
        agent=none + DESKTOPS[0], network=np.where(company % 5 < 3, HOSTING, BUSINESS),
        prefix=0xF200 + company % 0x0DFF, form=none, identifies=none > 0, pages=pages,
    )  # fmt: skip


def event_count(chance: Chance, traffic: Traffic) -> int:
    """Website events these visits leave."""
    pages = traffic.pages
    extra = int(is_engaged(pages).sum()) + int(is_downloaded(chance, traffic).sum())
    forms = np.where(traffic.form == 0, 0, np.where(traffic.form == SPAM_ADDRESS, 2, 3))
    return len(pages.page) + extra + int(forms.sum()) + int(traffic.identifies.sum())


def in_order(traffic: Traffic) -> Traffic:
    """By time, then key."""
    order = np.lexsort((traffic.key, traffic.at))
    return taken(traffic, order)


def taken(traffic: Traffic, rows: Ints) -> Traffic:
    """Some of the visits with their pages, in the order of `rows`."""
    start = traffic.pages.start
    counts = (start[1:] - start[:-1])[rows]
    places = np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)
    pages = np.repeat(start[:-1][rows], counts) + places
    new = Pages(np.concatenate([[0], np.cumsum(counts)]), traffic.pages.page[pages], traffic.pages.seconds[pages])
    columns = {field.name: getattr(traffic, field.name)[rows] for field in fields(Traffic) if field.name != "pages"}
    return Traffic(**columns, pages=new)


def together(first: Traffic, second: Traffic) -> Traffic:
    columns = {
        field.name: np.concatenate([getattr(first, field.name), getattr(second, field.name)])
        for field in fields(Traffic)
        if field.name != "pages"
    }
    return Traffic(**columns, pages=joined(first.pages, second.pages))


def _of_people(
    chance: Chance, people: People, key: Keys, person: Ints, at: Floats, door: Ints, device: Ints, is_cleared: Bools,
    form: Ints, identifies: Bools, pages: Pages,
) -> Traffic:  # fmt: skip
    browser = browser_keys(people, person, device, is_cleared)
    agent = np.where(device == 1, people.device[1][person], people.device[0][person])
    second = np.where(agent >= len(DESKTOPS), MOBILE, ISP)
    network = np.where(device == 1, second, people.network[person])
    owner = (browser // np.uint64(BROWSERS_A_PERSON)).astype(np.int64)
    prefix = np.select(
        [network == BUSINESS, network == ISP, network == MOBILE],
        [people.company[person] % 0x8000, 0x8000 + chance.below("home", owner, 0x7000), 0xF000 + chance.below("cell", owner, 64)],
        0xF100 + chance.below("server", owner, 64),
    )  # fmt: skip
    return Traffic(
        key=key, kind=np.full(len(key), HUMAN), person=person, at=at, door=door, browser=browser,
        has_id=people.has_consent[person], agent=agent, network=network, prefix=prefix, form=form,
        identifies=identifies & people.has_consent[person], pages=pages,
    )  # fmt: skip


def _clicked_pages(chance: Chance, key: Keys, link: Ints, curiosity: Floats) -> Pages:
    """The page of the link first, then what else they look at."""
    pages = read_pages(chance, key, curiosity)
    first = np.array([PAGES.index(page) for page in MAIL_PAGES])[link]
    page = pages.page.copy()
    page[pages.start[:-1]] = first
    return replace(pages, page=page)


PROGRAMS = {
    # kind: pages of a visit (from, below), seconds between pages, part in data centres, whether cookies are kept
    CRAWLER: (5, 12, 0.8, 1.0, False),
    HEADLESS: (3, 8, 2.0, 1.0, True),
    STEALTH: (9, 15, 0.22, 0.0, True),
    MONITOR: (1, 2, 0.1, 1.0, False),
    FORM_SPAM: (1, 2, 0.6, 0.6, True),
}


def _of_program(
    chance: Chance, shares: BotShares, parameters: WorldParameters, kind: int, human_events: int
) -> Traffic:
    name = KINDS[kind]
    fewest, below, pace, in_data_centre, keeps_cookies = PROGRAMS[kind]
    a_visit = (fewest + below - 1) / 2 + (2 if kind == FORM_SPAM else 0)
    wanted = human_events / max(1e-9, 1.0 - shares.total) * getattr(shares, name)
    count = int(np.ceil(wanted / a_visit)) if wanted else 0
    number = np.arange(count)
    key = (number + (kind + 1) * _BOTS).astype(np.uint64)
    counts = fewest + chance.below(f"{name} pages", number, below - fewest)
    pages = fetch_pages(chance, key, counts, np.full(count, pace))
    if kind == FORM_SPAM:
        pages = replace(pages, page=np.full(count, CONTACT))
    last = (parameters.days - 0.05) * DAY_SECONDS
    at = last * ((number + chance.uniform(f"{name} at", number)) / max(1, count) if kind == MONITOR
                 else chance.uniform(f"{name} at", number))  # fmt: skip
    network = np.where(chance.happens(f"{name} place", number, in_data_centre), HOSTING, ISP)
    none = np.zeros(count, dtype=np.int64)
    agents = {CRAWLER: len(DEVICES) + chance.below("crawler", number, len(CRAWLERS)), MONITOR: none + MONITOR_AGENT}
    searches = chance.happens(f"{name} door", number, 0.5 if kind == STEALTH else 0.0)
    return Traffic(
        key=key,
        kind=none + kind,
        person=none + NOBODY,
        at=at,
        door=np.where(searches, SEARCH, DIRECT),
        browser=key // np.uint64(3) if kind == STEALTH else key,
        has_id=none == 0 if keeps_cookies else none > 0,
        agent=agents.get(kind, chance.below(f"{name} agent", number, len(DESKTOPS))),
        network=network,
        prefix=np.where(
            network == HOSTING, 0xF100 + chance.below(f"{name} net", number, 16),
            0x8000 + chance.below(f"{name} net", number, 0x7000),
        ),
        form=none + (SPAM_ADDRESS if kind == FORM_SPAM else 0),
        identifies=none > 0,
        pages=pages,
    )  # fmt: skip
