"""Writes a world's past as the files that sites, a mail system and the ad platforms would have left, for the batch doors.

Each run adds files for the days since the last one. What a file holds is the same whoever writes it; an interrupted span
is written again.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from data.simulator.client import Client
from data.simulator.contacts import card_of
from data.simulator.doors import DOOR_OF, DOORS
from data.simulator.engagement import mail_table
from data.simulator.journeys import DAY_SECONDS
from data.simulator.website import website_tables
from data.simulator.words import TITLES

VISITS_A_FILE = 100_000
"""About half a million events: what one landing stages at a time."""
VISITS_A_CHUNK = 25_000
CONNECTIONS_EVERY = 3
"""Of the people written to cold, every third is a connection on LinkedIn first."""
LAST_WRITTEN = "ad_spend"
"""The source whose file says that a span is complete."""

Progress = Callable[[str, int, int, str], None]
"""Called with step, done, total and detail."""


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """A file for one source's batch door."""

    organization: str
    source: str
    path: Path


def write_history(client: Client, folder: Path, *, until: date, chunk: int = VISITS_A_CHUNK) -> list[HistoryFile]:
    """Writes `folder/<client>/<source>/<first day>_<day after the last>…` for the days before `until` that no earlier
    run wrote, and answers every file of the client there is, in the order in which they should land."""
    home = folder / client.slug
    starts_on, days = client.parameters.starts_on, client.parameters.days
    since = _written_until(home) or starts_on
    until = min(until, starts_on + timedelta(days=days))
    if since < until:
        _forget_unfinished(home)
        span = f"{since}_{until}"
        first, last = (datetime.combine(day, time(), UTC) for day in (since, until))
        _write_events(client, home / "website_events", span, first, last, chunk)
        _write_table(home / "email_engagement" / f"{span}.parquet", mail_table(client, first, last))
        _write_text(home / "linkedin_engagement" / f"Connections_{span}.csv", _connections(client, since, until))
        _write_text(home / LAST_WRITTEN / f"{span}.csv", _spend(client, since, until))
    return history_files(folder, client.slug)


def history_files(folder: Path, slug: str) -> list[HistoryFile]:
    """Every file of a client, by source and name."""
    return [HistoryFile(slug, path.parent.name, path) for path in sorted((folder / slug).glob("*/*"))]


def _written_until(home: Path) -> date | None:
    ends = [path.stem.partition("_")[2] for path in home.glob(f"{LAST_WRITTEN}/*.csv")]
    return max((date.fromisoformat(end) for end in ends), default=None)


def _forget_unfinished(home: Path) -> None:
    """Takes away what an interrupted run left of its span."""
    finished = {path.stem for path in home.glob(f"{LAST_WRITTEN}/*.csv")}
    for path in home.glob("*/*"):
        if not any(span in path.name for span in finished):
            path.unlink()


def _write_events(client: Client, folder: Path, span: str, first: datetime, last: datetime, chunk: int) -> None:
    """Files of VISITS_A_FILE visits each, written a chunk at a time."""
    tables = website_tables(client, first, last, visits=min(chunk, VISITS_A_FILE))
    for number, table in enumerate(_regrouped(tables, min(chunk, VISITS_A_FILE)), start=1):
        _write_tables(folder / f"{span}_{number:04}.parquet", table)


def _regrouped(tables: Iterator[pa.Table], chunk: int) -> Iterator[Iterator[pa.Table]]:
    """The tables of one file after the other; each must be used up before the next is asked for."""
    a_file = VISITS_A_FILE // chunk
    for first in tables:
        rest = (table for _, table in zip(range(a_file - 1), tables, strict=False))
        yield _chain(first, rest)


def _chain(first: pa.Table, rest: Iterable[pa.Table]) -> Iterator[pa.Table]:
    yield first
    yield from rest


def _write_tables(path: Path, tables: Iterator[pa.Table]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.parent / f".{path.name}"
    first = next(tables)
    with pq.ParquetWriter(unfinished, first.schema, compression="zstd", compression_level=1) as writer:
        writer.write_table(first)
        for table in tables:
            writer.write_table(table)
    os.replace(unfinished, path)  # noqa: PTH105  # one rename, or none


def _write_table(path: Path, table: pa.Table) -> None:
    if table.num_rows:
        _write_tables(path, iter([table]))


def _write_text(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def _spend(client: Client, since: date, until: date) -> str:
    """What each paid channel billed on each day for the visits it brought, programs' included."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(
        ["spend_on", "channel", "source", "medium", "campaign", "amount", "currency", "clicks", "impressions"]
    )
    day_of = (client.traffic.at // DAY_SECONDS).astype(np.int64)
    first, last = ((day - client.parameters.starts_on).days for day in (since, until))
    for number in range(first, last):
        doors = np.bincount(
            client.traffic.door[slice(*np.searchsorted(day_of, [number, number + 1]))], minlength=len(DOORS)
        )
        for place, plan in enumerate(client.plan.channels):
            door = DOORS[DOOR_OF[plan.channel]]
            clicks = int(doors[DOOR_OF[plan.channel]])
            if plan.cost_minor:
                noise = 0.85 + 0.3 * float(client.chance.uniform("bill", number * 64 + place)[0])
                amount = f"{round(clicks * plan.cost_minor * noise) / 100:.2f}"
                on = client.parameters.starts_on + timedelta(days=number)
                table.writerow([on, plan.channel.value, door.source, door.medium, door.campaign, amount, plan.currency,
                                clicks, clicks * 40])  # fmt: skip
    return out.getvalue()


def _connections(client: Client, since: date, until: date) -> str:
    """LinkedIn's member-data export, with the notes that stand above its header."""
    out = io.StringIO()
    out.write(
        'Notes:\n"When exporting your connection data, you may notice that some of the email addresses are missing."\n\n'
    )
    table = csv.writer(out)
    table.writerow(["First Name", "Last Name", "URL", "Email Address", "Company", "Position", "Connected On"])
    cold = client.careers.person[~client.careers.by_form][::CONNECTIONS_EVERY]
    known = client.careers.known_at[~client.careers.by_form][::CONNECTIONS_EVERY]
    first, last = ((day - client.parameters.starts_on).days * DAY_SECONDS for day in (since, until))
    for person, at in zip(cold.tolist(), known.tolist(), strict=True):
        if first <= at < last:
            card = card_of(client.companies, client.people, person)
            on = client.parameters.starts_on + timedelta(days=int(at // DAY_SECONDS))
            table.writerow([
                card.first_name, card.last_name, f"https://www.linkedin.com/in/{card.first_name}-{card.last_name}-{person}".lower(),
                card.email if person % 2 else "", client.companies.name(int(client.people.company[person])),
                TITLES[client.people.title[person]], on.strftime("%d %b %Y"),
            ])  # fmt: skip
    return out.getvalue()
