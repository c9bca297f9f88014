"""A client's traffic as rows of website events, chunk by chunk: Parquet files as a collector would export them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import product

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from data.simulator.chance import Bools, Chance, Floats, Ints, Keys
from data.simulator.client import Client
from data.simulator.contacts import card_of, second_card
from data.simulator.doors import DOORS
from data.simulator.pages import FORM_SECONDS, page_keys
from data.simulator.population import BUSINESS, NETWORK_KINDS
from data.simulator.traffic import (
    FORM_SPAM,
    HUMAN,
    KINDS,
    MONITOR_AGENT,
    NOBODY,
    OTHER_ADDRESS,
    UNSEEN_PAGE,
    Traffic,
    is_downloaded,
    is_engaged,
    taken,
)
from data.simulator.words import (
    COUNTRIES,
    CRAWLERS,
    DEVICES,
    MONITOR,
    NETWORK_OWNERS,
    PAGES,
    TYPICAL_NETWORK,
    UNSEEN_LINK,
    Device,
)

EVENTS_A_VISIT = 64
"""Keys of events: key of the visit times this, plus three for each page (view, download, heartbeat), then the form's."""
VIEW, DOWNLOAD, PING, FORM_START, FORM_SUBMIT, IDENTIFY = range(6)
TYPES = ("page_view", "file_download", "page_ping", "form_start", "form_submit", "identify")
ADDRESSES = (*PAGES, UNSEEN_LINK)
TITLES = tuple(page.strip("/").replace("/", " – ").replace("-", " ").title() or "Home" for page in ADDRESSES)
AGENTS = (
    *DEVICES,
    *(Device(agent, "", "", "desktop", "", 0) for agent in CRAWLERS),
    Device(MONITOR, "", "", "desktop", "", 0),
)
FIRST_LOOK = {
    **dict.fromkeys(range(len(DEVICES), MONITOR_AGENT), ("known_bot", "declared_bot")),
    MONITOR_AGENT: ("known_bot", "declared_bot", "automation"),
}
"""What the collector says of a user agent when it sees it (serving.bots; a test holds the two together)."""
IN_DATA_CENTRE = ("datacentre_network",)
ON_THE_TRAP = ("trap_visited",)
RECEIVED_AFTER_MS = 180
PREFIXES = tuple(f"2001:db8:{number:x}::/48" for number in range(1 << 16))


@dataclass(frozen=True)
class _Rows:
    """Events of a chunk: which visit of it, what kind, when, on which page."""

    visit: Ints
    number: Ints
    """Place of the event in its visit: makes its key."""
    type: Ints
    at: Floats
    page: Ints
    is_landing: Bools
    """The first page view of a visit."""


def website_tables(client: Client, since: datetime, until: datetime, *, visits: int) -> Iterator[pa.Table]:
    """Events of the visits that began in the span, `visits` visits a table; columns are those that the batch door
    of website events knows. No event id, time or order depends on `visits`."""
    first, last = _bounds(client, since, until)
    for start in range(first, last, visits):
        yield events_table(client, taken(client.traffic, np.arange(start, min(start + visits, last))))


def truth_tables(client: Client, *, visits: int) -> Iterator[pa.Table]:
    """Whose each event was, for every event of the client, in the same order."""
    for start in range(0, client.traffic.count, visits):
        chunk = taken(client.traffic, np.arange(start, min(start + visits, client.traffic.count)))
        rows = _rows(client.chance, chunk)
        kind = chunk.kind[rows.visit]
        yield pa.table({
            "organization": _constant(client.slug, len(kind)),
            "event_id": _event_ids(client.chance, chunk, rows),
            "kind": _words(kind, KINDS),
            "is_bot": pa.array(kind != HUMAN),
            "person_key": person_keys(chunk.person[rows.visit]),
        })  # fmt: skip


def events_table(client: Client, chunk: Traffic) -> pa.Table:
    """Every event of some visits, in order of visit and place."""
    rows = _rows(client.chance, chunk)
    visit = rows.visit
    count = len(visit)
    is_view = rows.type == VIEW
    door = np.where(rows.is_landing, chunk.door[visit], -1)
    agent, network = chunk.agent[visit], chunk.network[visit]
    company = np.where(chunk.person[visit] == NOBODY, 0, client.people.company[chunk.person[visit]])
    names_company = (network == BUSINESS) & (chunk.kind[visit] == HUMAN)
    has_id = chunk.has_id[visit]
    happened = client_moments(client, rows.at)
    reasons, is_bot = _first_look(agent, network, rows.page == UNSEEN_PAGE)
    country = _country(client, chunk)[visit]
    return pa.table({
        "event_id": _event_ids(client.chance, chunk, rows),
        "type": _words(rows.type, TYPES),
        "anonymous_id": _hidden(anonymous_ids(client.chance, chunk.browser), visit, has_id),
        "session_hint": _hidden(hex_ids(client.chance, "session", chunk.key), visit, has_id),
        "email": _emails(client, chunk, rows),
        "occurred_at": happened,
        "sent_at": happened,
        "received_at": client_moments(client, rows.at + RECEIVED_AFTER_MS / 1000.0),
        "consent": _words((~has_id).astype(np.int64), ("full", "anonymous")),
        "page_url": _urls(client, rows, door),
        "page_title": _words(rows.page, TITLES),
        "referrer": _referrers(client, rows, door, is_view),
        "utm_source": _of_doors(door, "source"),
        "utm_medium": _of_doors(door, "medium"),
        "utm_campaign": _of_doors(door, "campaign"),
        "gclid": _click_ids(client.chance, chunk, visit, door, "gclid"),
        "li_fat_id": _click_ids(client.chance, chunk, visit, door, "li_fat_id"),
        "language": _words(country, [found.language for found in COUNTRIES]),
        "time_zone": _words(country, [found.time_zone for found in COUNTRIES]),
        "viewport": _words(agent, [found.viewport for found in AGENTS]),
        "user_agent": _words(agent, [found.user_agent for found in AGENTS]),
        "browser": _words(agent, [found.browser for found in AGENTS]),
        "os": _words(agent, [found.os for found in AGENTS]),
        "device_type": _words(agent, [found.kind for found in AGENTS]),
        "ip_network": _words(chunk.prefix[visit], PREFIXES),
        "network_asn": pa.array(np.array([TYPICAL_NETWORK[kind] for kind in NETWORK_KINDS])[network]),
        "network_owner": _owners(client, network, company, names_company),
        "network_type": _words(network, NETWORK_KINDS),
        "network_company_domain": _chosen(client.companies.domains, company, names_company),
        "network_company_name": _chosen(client.companies.names, company, names_company),
        "network_confidence": _words(np.where(names_company, 0, -1), ("high",)),
        "country": _words(country, [found.code for found in COUNTRIES]),
        "is_bot": pa.array(is_bot),
        "bot_reasons": reasons,
        "properties": _properties(chunk, rows, count),
    })  # fmt: skip


def events_by_visit(client: Client, chunk: Traffic) -> list[pa.Table]:
    """A table of events for each of some visits."""
    counts = np.bincount(_rows(client.chance, chunk).visit, minlength=chunk.count)
    table, starts = events_table(client, chunk), np.cumsum(counts) - counts
    return [table.slice(start, count) for start, count in zip(starts.tolist(), counts.tolist(), strict=True)]


def client_moments(client: Client, at: Floats) -> pa.Array:
    """Seconds of the world as instants in UTC, to the millisecond."""
    start = int(np.datetime64(client.parameters.starts_on.isoformat(), "ms").astype(np.int64))
    return pa.array(start + np.round(at * 1000.0).astype(np.int64), pa.timestamp("ms", tz="UTC"))


def site_of(client: Client) -> str:
    return f"https://www.{client.slug}.example"


def person_keys(person: Ints) -> pa.Array:
    """`p0`, `p1` …; null for nobody."""
    texts = pa.array(np.char.add("p", person.astype("U20")) if len(person) else [], pa.string())
    return pc.if_else(pa.array(person == NOBODY), pa.scalar(None, pa.string()), texts)


def anonymous_ids(chance: Chance, browser: Keys) -> pa.Array:
    return hex_ids(chance, "browser", browser)


def hex_ids(chance: Chance, name: str, keys: Keys) -> pa.Array:
    """32 hexadecimal digits for each key."""
    halves = np.column_stack([chance.bits(f"{name} id/1", keys), chance.bits(f"{name} id/2", keys)])
    text = _HEX[np.ascontiguousarray(halves).view(np.uint8)].reshape(-1)
    offsets = np.arange(len(halves) + 1, dtype=np.int32) * 32
    return pa.StringArray.from_buffers(len(halves), pa.py_buffer(offsets), pa.py_buffer(text.view(np.uint8)))


_HEX = np.frombuffer("".join(f"{byte:02x}" for byte in range(256)).encode(), dtype=np.uint16)


def _bounds(client: Client, since: datetime, until: datetime) -> tuple[int, int]:
    start = np.datetime64(client.parameters.starts_on.isoformat(), "s").astype(np.int64)
    seconds = [moment.timestamp() - float(start) for moment in (since, until)]
    first, last = np.searchsorted(client.traffic.at, seconds, side="left")
    return int(first), int(last)


def _rows(chance: Chance, chunk: Traffic) -> _Rows:
    """Page views, downloads and heartbeats; then the form's start and sending, and who it was."""
    pages = chunk.pages
    counts = np.diff(pages.start)
    visit = np.repeat(np.arange(chunk.count), counts)
    _, place = page_keys(chunk.key, counts)
    waits = np.where(chunk.kind[visit] == HUMAN, np.maximum(1.0, pages.seconds), pages.seconds)
    passed = np.cumsum(waits) - waits
    begins = chunk.at[visit] + passed - np.repeat(passed[pages.start[:-1]], counts)
    ends = chunk.at + np.add.reduceat(waits, pages.start[:-1]) if chunk.count else chunk.at
    parts = [
        (visit, 3 * place, VIEW, begins, pages.page),
        _where(is_downloaded(chance, chunk), visit, 3 * place + 1, DOWNLOAD, begins + np.minimum(4.0, waits / 2), pages.page),
        _where(is_engaged(pages), visit, 3 * place + 2, PING, begins + pages.seconds - 0.1, pages.page),
    ]  # fmt: skip
    sends = chunk.form > 0
    contact = np.full(chunk.count, PAGES.index("/contact"))
    filling = np.where(chunk.kind == FORM_SPAM, 1.2, FORM_SECONDS)
    all_visits, after = np.arange(chunk.count), 3 * counts
    parts += [
        _where(sends, all_visits, after, FORM_START, ends, contact),
        _where(sends, all_visits, after + 1, FORM_SUBMIT, ends + filling - 0.2, contact),
        _where(sends & (chunk.kind == HUMAN), all_visits, after + 2, IDENTIFY, ends + filling - 0.19, contact),
        _where(chunk.identifies, all_visits, after + 3, IDENTIFY, chunk.at + 0.4, pages.page[pages.start[:-1]]),
    ]
    visits, number, types, at, page = (
        np.concatenate([np.full(len(part[0]), part[column]) if column == 2 else part[column] for part in parts])
        for column in range(5)
    )
    order = np.lexsort((number, visits))
    return _Rows(visits[order], number[order], types[order], at[order], page[order], number[order] == 0)


def _where(chosen: Bools, visit: Ints, number: Ints, kind: int, at: Floats, page: Ints) -> tuple:
    return visit[chosen], number[chosen], kind, at[chosen], page[chosen]


def _event_ids(chance: Chance, chunk: Traffic, rows: _Rows) -> pa.Array:
    keys = chunk.key[rows.visit] * np.uint64(EVENTS_A_VISIT) + rows.number.astype(np.uint64)
    return hex_ids(chance, "event", keys)


def _words(codes: Ints, words: list[str] | tuple[str, ...]) -> pa.DictionaryArray:
    """Words by number; null for a number below 0 and for an empty word."""
    meant = np.array([word != "" for word in words])
    missing = (codes < 0) | ~meant[np.maximum(codes, 0)]
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32), mask=missing), pa.array(words))


def _constant(word: str, count: int) -> pa.DictionaryArray:
    return _words(np.zeros(count, dtype=np.int64), (word,))


def _hidden(ids: pa.Array, visit: Ints, shown: Bools) -> pa.Array:
    """An id of each visit on its events, where it may be known."""
    return ids.take(pa.array(visit, mask=~shown))


def _chosen(texts: list[str], which: Ints, shown: Bools) -> pa.Array:
    """Texts by number where `shown`; only those that occur become words, for a world has many companies."""
    used, codes = np.unique(which[shown], return_inverse=True)
    places = np.full(len(which), -1)
    places[shown] = codes
    return _words(places, [texts[number] for number in used] or [""])


def _country(client: Client, chunk: Traffic) -> Ints:
    """Of the person's company; programs come from anywhere."""
    company = client.people.company[np.maximum(chunk.person, 0)]
    anywhere = client.chance.below("country of a program", chunk.key, len(COUNTRIES))
    return np.where(chunk.person == NOBODY, anywhere, client.companies.country[company])


def _urls(client: Client, rows: _Rows, door: Ints) -> pa.DictionaryArray:
    """The page's address; on arrival with the campaign's parameters."""
    site = site_of(client)
    queries = ["", *(found.query for found in DOORS)]
    words = [f"{site}{page}" + (f"?{query}" if query else "") for page in ADDRESSES for query in queries]
    return _words(rows.page * len(queries) + door + 1, words)


def _referrers(client: Client, rows: _Rows, door: Ints, is_view: Bools) -> pa.DictionaryArray:
    """Where the visit came from on arrival, then the page before."""
    site = site_of(client)
    words = [*(found.referrer for found in DOORS), *(f"{site}{page}" for page in ADDRESSES)]
    before = np.concatenate([[0], rows.page[:-1]])
    inner = np.where(rows.is_landing | ~is_view, -1, len(DOORS) + before)
    return _words(np.where(rows.is_landing, door, inner), words)


def _of_doors(door: Ints, fact: str) -> pa.DictionaryArray:
    return _words(door, [getattr(found, fact) for found in DOORS])


def _click_ids(chance: Chance, chunk: Traffic, visit: Ints, door: Ints, name: str) -> pa.Array:
    bills = np.array([found.click_id == name for found in DOORS])
    shown = (door >= 0) & bills[door]
    found = np.flatnonzero(shown)
    places = np.full(len(visit), -1)
    places[found] = np.arange(len(found))
    return hex_ids(chance, name, chunk.key[visit[found]]).take(pa.array(places, mask=~shown))


def _owners(client: Client, network: Ints, company: Ints, names_company: Bools) -> pa.Array:
    """Providers by kind, companies by name; a mail gateway's own network by its own."""
    providers = [NETWORK_OWNERS.get(kind, "Mailguard Gateway") for kind in NETWORK_KINDS]
    of_provider = _words(np.where(names_company, -1, network), providers).cast(pa.string())
    return pc.coalesce(_chosen(client.companies.names, company, names_company).cast(pa.string()), of_provider)


def _first_look(agent: Ints, network: Ints, is_trap: Bools) -> tuple[pa.DictionaryArray, Bools]:
    hosting = NETWORK_KINDS.index("hosting")
    words = []
    for number in range(len(AGENTS)):
        said = FIRST_LOOK.get(number, ())
        for place, page in product(((), IN_DATA_CENTRE), ((), ON_THE_TRAP)):
            words.append(",".join((*said, *place, *page)))
    codes = agent * 4 + (network == hosting) * 2 + is_trap
    return _words(codes, words), np.array([word != "" for word in words])[codes]


def _emails(client: Client, chunk: Traffic, rows: _Rows) -> pa.Array:
    """The address on a form's events and on identifications: the door turns it into a hash."""
    found = np.flatnonzero((rows.type == FORM_SUBMIT) | (rows.type == IDENTIFY))
    found = found[(chunk.kind[rows.visit[found]] == FORM_SPAM) | chunk.has_id[rows.visit[found]]]
    texts = [_address(client, chunk, int(rows.visit[row])) for row in found]
    places = np.full(len(rows.visit), -1)
    places[found] = np.arange(len(found))
    return pa.array(texts, pa.string()).take(pa.array(places, mask=places < 0))


def _address(client: Client, chunk: Traffic, visit: int) -> str | None:
    if chunk.form[visit] > OTHER_ADDRESS:
        return f"offer{int(chunk.key[visit]) % 1_000_003}@bulk-mail.example"
    card = card_of(client.companies, client.people, int(chunk.person[visit]))
    if chunk.form[visit] == OTHER_ADDRESS:
        return second_card(card, client.error_of[int(chunk.person[visit])]).email
    return card.email


def _properties(chunk: Traffic, rows: _Rows, count: int) -> pa.Array:
    """Seconds of attention on a heartbeat, the file of a download, the form of its events."""
    pings = rows.type == PING
    seconds = np.zeros(count, dtype=np.int64)
    starts = chunk.pages.start[rows.visit[pings]]
    seconds[pings] = chunk.pages.seconds[starts + rows.number[pings] // 3].astype(np.int64)
    words = [
        *(f'{{"engaged_seconds":{second}}}' for second in range(901)),
        '{"file":"case-study.pdf"}',
        '{"form":"contact"}',
    ]
    codes = np.select([pings, rows.type == DOWNLOAD, rows.type >= FORM_START], [np.minimum(seconds, 900), 901, 902], -1)
    return _words(np.where(rows.type == IDENTIFY, -1, codes), words)
