"""A client's mail events as a table that the batch door of e-mail engagement takes."""

from __future__ import annotations

import json
from datetime import datetime

import numpy as np
import pyarrow as pa

from data.simulator.chance import Ints
from data.simulator.client import Client
from data.simulator.contacts import card_of
from data.simulator.mail import CLICKED, MESSAGES_A_PERSON, OPENED, TYPES, UNSEEN, MailEvents
from data.simulator.website import AGENTS, PREFIXES, client_moments, hex_ids, site_of
from data.simulator.words import DEVICES, IMAGE_PROXY, MAIL_PAGES, UNSEEN_LINK

CAMPAIGNS = ("monthly-digest", "founders-outreach")


def mail_table(client: Client, since: datetime, until: datetime) -> pa.Table:
    """What happened to messages in a span, in order of time."""
    rows = ordered_rows(client, since, until)
    found = client.mailing.events
    message, kind = found.message[rows], found.type[rows]
    person = message // MESSAGES_A_PERSON
    links = [f"{site_of(client)}{page}?utm_source=newsletter&utm_medium=email" for page in (*MAIL_PAGES, UNSEEN_LINK)]
    return pa.table({
        "event_id": event_ids(client, found, rows),
        "type": _taken(TYPES, kind),
        "message_id": hex_ids(client.chance, "message", message.astype(np.uint64)),
        "campaign": _taken(CAMPAIGNS, client.people.is_prospect[person].astype(np.int64)),
        "sequence_step": pa.array(message % MESSAGES_A_PERSON + 1),
        "email": _addresses(client, person),
        "occurred_at": client_moments(client, found.at[rows]),
        "link_url": _taken(links, found.link[rows]),
        "is_machine": pa.array(found.is_recognised[rows]),
        "machine_reason": _taken(
            ("image_proxy", "security_scanner"),
            np.where(found.is_recognised[rows], (kind == CLICKED).astype(np.int64), -1),
        ),
        "properties": _readers(client, found, rows),
    })  # fmt: skip


def ordered_rows(client: Client, since: datetime, until: datetime) -> Ints:
    """Rows of the mail events of a span, by time, message, type and link."""
    found = client.mailing.events
    start = float(np.datetime64(client.parameters.starts_on.isoformat(), "s").astype(np.int64))
    inside = np.flatnonzero((found.at >= since.timestamp() - start) & (found.at < until.timestamp() - start))
    order = np.lexsort((found.link[inside], found.type[inside], found.message[inside], found.at[inside]))
    return np.asarray(inside[order])


def event_ids(client: Client, found: MailEvents, rows: Ints) -> pa.Array:
    """One of each message, type, link and maker."""
    what = (found.type[rows] * (UNSEEN + 2) + found.link[rows] + 1) * 2 + found.is_machine[rows]
    return hex_ids(client.chance, "mail event", (found.message[rows] * 128 + what).astype(np.uint64))


def _addresses(client: Client, person: Ints) -> pa.Array:
    used, places = np.unique(person, return_inverse=True)
    texts = [card_of(client.companies, client.people, int(number)).email for number in used]
    return pa.array(texts, pa.string()).take(pa.array(places))


def _taken(words: list[str] | tuple[str, ...], codes: Ints) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(codes, mask=codes < 0))


def _readers(client: Client, found: MailEvents, rows: Ints) -> pa.Array:
    """Who fetched the image or followed the link: user agent and network, as a mail system reports them."""
    person = found.message[rows] // MESSAGES_A_PERSON
    company = client.people.company[person]
    machine = found.is_machine[rows]
    agent = np.where(machine, 0, client.people.device[0][person])
    agent = np.where(machine & (found.type[rows] == OPENED), len(DEVICES), agent)
    home = 0x8000 + client.chance.below("home", client.people.browser_owner[person], 0x7000)
    prefix = np.where(client.people.network[person] == 0, company % 0x8000, home)
    prefix = np.where(machine, np.where(agent == len(DEVICES), 0xF1FF, 0xF200 + company % 0x0DFF), prefix)
    agents = (*(found.user_agent for found in AGENTS[: len(DEVICES)]), IMAGE_PROXY)
    shown = (found.type[rows] == OPENED) | (found.type[rows] == CLICKED)
    texts, places = np.unique(np.column_stack([agent, prefix])[shown], axis=0, return_inverse=True)
    words = [json.dumps({"user_agent": agents[a], "ip_network": PREFIXES[p]}) for a, p in texts.tolist()]
    codes = np.full(len(rows), -1)
    codes[shown] = places.reshape(-1)
    return _taken(words or [""], codes)
