"""The truth of a world, as tables: never read by the product, only by tests, the bench, and whoever wants to know.

`folder/truth/<table>.parquet`, one file for all clients, and `parameters.json`. The identifiers of the store (hashes of
addresses, contact ids) exist once the world is in one: `complete_identifiers` adds them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from data.simulator.chance import Bools, Floats, Ints
from data.simulator.client import Client
from data.simulator.contacts import ERRORS, card_of, second_card
from data.simulator.doors import DOORS
from data.simulator.engagement import event_ids, ordered_rows
from data.simulator.journeys import DAY_SECONDS
from data.simulator.mail import TYPES
from data.simulator.parameters import WorldParameters
from data.simulator.traffic import HUMAN, OWN_ADDRESS
from data.simulator.website import anonymous_ids, client_moments, person_keys, truth_tables
from domain.contacts import EmailAddress
from domain.errors import InvalidInput
from domain.events import Channel

VISITS_A_CHUNK = 50_000
TABLES = ("people", "identifiers", "traffic", "email_events", "channel_effects", "duplicates")


class TruthWriter:
    """Writes the tables of one client after the other; use as a context manager. InvalidInput where the folder holds
    another world."""

    def __init__(self, parameters: WorldParameters, folder: Path) -> None:
        self._folder = folder / "truth"
        self._folder.mkdir(parents=True, exist_ok=True)
        told = self._folder / "parameters.json"
        if told.is_file() and WorldParameters.model_validate_json(told.read_text(encoding="utf-8")) != parameters:
            raise InvalidInput(f"{folder} holds another world", hint="Choose another folder, or take that one away.")
        told.write_text(parameters.model_dump_json(indent=2), encoding="utf-8")
        self._writers: dict[str, pq.ParquetWriter] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_problem: object) -> None:
        self._stack.close()

    def write(self, client: Client) -> None:
        for name in TABLES:
            for table in TRUTHS[name](client):
                if name not in self._writers:
                    writer = pq.ParquetWriter(
                        self._folder / f"{name}.parquet", table.schema, compression="zstd", compression_level=1
                    )
                    self._writers[name] = self._stack.enter_context(writer)
                self._writers[name].write_table(table)


def read_truth(folder: Path) -> dict[str, pa.Table]:
    """Every table of `folder/truth`, by name."""
    return {name: pq.read_table(folder / "truth" / f"{name}.parquet") for name in TABLES}


def complete_identifiers(folder: Path, slug: str, hash_key: bytes, contact_ids: Mapping[str, str]) -> None:
    """Adds to a client's identifiers the hash of every address and the contact id of every external id in the store."""
    path = folder / "truth" / "identifiers.parquet"
    table = pq.read_table(path)
    rows = table.to_pylist()
    known = {(row["organization"], row["kind"], row["value"], row["person_key"]) for row in rows}
    more = []
    for row in rows:
        if row["organization"] != slug:
            continue
        if row["kind"] == "email":
            more.append({**row, "kind": "email_hash", "value": EmailAddress.parse(row["value"]).hashed(hash_key)})
        elif row["kind"] == "external_id" and row["value"] in contact_ids:
            more.append({**row, "kind": "contact_id", "value": contact_ids[row["value"]]})
    new = [row for row in more if (slug, row["kind"], row["value"], row["person_key"]) not in known]
    pq.write_table(pa.Table.from_pylist(rows + new, schema=table.schema), path)


def _people(client: Client) -> Iterator[pa.Table]:
    people, careers = client.people, client.careers
    number = np.arange(people.count)
    ends = client.parameters.days * 86_400
    yield pa.table({
        "organization": _organization(client, people.count),
        "person_key": person_keys(number),
        "company_domain": pa.array(client.companies.domains).take(pa.array(people.company)),
        "is_prospect": pa.array(people.is_prospect),
        "is_customer": pa.array(_spread(people.count, careers.person, careers.customer_at < ends, False)),
        "converted": pa.array(_spread(people.count, careers.person, careers.converts, False)),
        "converts_probability": _optional(_spread(people.count, careers.person, careers.converts_probability, np.nan)),
        "lead_at": _moments(client, _spread(people.count, careers.person, careers.lead_at, np.inf)),
        "customer_at": _moments(client, _spread(people.count, careers.person, careers.customer_at, np.inf)),
        "fit": pa.array(people.fit),
        "is_of_ideal_company": pa.array(client.companies.is_ideal[people.company]),
        "best_send_hour": pa.array(people.best_send_hour),
        "external_id": _external_ids(people.count, careers.person),
    })  # fmt: skip


def _identifiers(client: Client) -> Iterator[pa.Table]:
    """Browsers of everybody who visits, addresses and external ids of everybody who is known."""
    human = client.human
    own = human.has_id & (human.kind == HUMAN)
    pairs, places = np.unique(
        np.column_stack([human.person[own].astype(np.uint64), human.browser[own]]), axis=0, return_inverse=True
    )
    names = (human.form[own] >= OWN_ADDRESS) | human.identifies[own]
    identified = np.bincount(places.reshape(-1), weights=names, minlength=len(pairs)) > 0
    _, owners = np.unique(pairs[:, 1], return_inverse=True)
    shared = np.bincount(owners.reshape(-1))[owners.reshape(-1)] > 1 if len(pairs) else np.zeros(0, dtype=bool)
    yield _identifier_table(
        client,
        pairs[:, 0].astype(np.int64),
        "anonymous_id",
        anonymous_ids(client.chance, pairs[:, 1]),
        shared,
        identified,
    )
    cards = [card_of(client.companies, client.people, int(person)) for person in client.careers.person]
    person = client.careers.person
    seconds = [
        second_card(cards[row], int(error))
        for row, error in zip(client.duplicates.contact, client.duplicates.error, strict=True)
    ]
    again = person[client.duplicates.contact]
    ends = client.parameters.days * DAY_SECONDS
    for owner, found, known_at in (
        (person, cards, client.careers.known_at), (again, seconds, client.duplicates.known_at)
    ):  # fmt: skip
        is_known = np.asarray(known_at < ends)
        yield _of_record(client, owner, "external_id", [card.external_id for card in found], is_known)
        with_email = np.array([card.email is not None for card in found], dtype=bool)
        emails = [card.email for card in found if card.email]
        yield _of_record(client, owner[with_email], "email", emails, is_known[with_email])


def _of_record(client: Client, person: Ints, kind: str, values: list[str], is_known: Bools) -> pa.Table:
    """What a record of the CRM holds; it is known where the record was made before the world's end."""
    never = np.zeros(len(person), dtype=bool)
    return _identifier_table(client, person, kind, pa.array(values, pa.string()), never, is_known)


def _identifier_table(
    client: Client, person: Ints, kind: str, values: pa.Array, is_shared: Bools, is_identified: Bools
) -> pa.Table:
    return pa.table({
        "organization": _organization(client, len(person)),
        "person_key": person_keys(person),
        "kind": pa.repeat(pa.scalar(kind), len(person)),
        "value": values,
        "is_shared": pa.array(is_shared),
        "is_identified": pa.array(is_identified),
    })  # fmt: skip


def _traffic(client: Client) -> Iterator[pa.Table]:
    return truth_tables(client, visits=VISITS_A_CHUNK)


def _email_events(client: Client) -> Iterator[pa.Table]:
    first = datetime.combine(client.parameters.starts_on, time(), UTC)
    rows = ordered_rows(client, first, first + timedelta(days=client.parameters.days))
    found = client.mailing.events
    yield pa.table({
        "organization": _organization(client, len(rows)),
        "event_id": event_ids(client, found, rows),
        "type": pa.array(TYPES).take(pa.array(found.type[rows])),
        "is_machine": pa.array(found.is_machine[rows]),
        "person_key": person_keys(found.person[rows]),
    })  # fmt: skip


def _channel_effects(client: Client) -> Iterator[pa.Table]:
    """The client's channels, and outbound mail, which makes leads of people written to cold."""
    channels = [plan.channel.value for plan in client.plan.channels]
    lost = [*client.effects.incremental_conversions.tolist(), client.mailing.expected_leads]
    effects = [*client.effects.effect.tolist(), 1.0]
    channels.append(Channel.OUTBOUND_EMAIL.value)
    met = {DOORS[door].channel.value for door in np.unique(client.human.door)}
    for missing in sorted({*met, Channel.LINKEDIN.value} - set(channels)):
        channels.append(missing)
        lost.append(0.0)
        effects.append(0.0)
    total = sum(lost)
    yield pa.table({
        "organization": _organization(client, len(channels)),
        "channel": channels,
        "effect": effects,
        "incremental_conversions": lost,
        "share": [value / total if total else 0.0 for value in lost],
    })  # fmt: skip


def _duplicates(client: Client) -> Iterator[pa.Table]:
    person = client.careers.person[client.duplicates.contact]
    first = _external_ids(client.people.count, person).take(pa.array(person))
    yield pa.table({
        "organization": _organization(client, len(person)),
        "external_id_a": first,
        "external_id_b": pc.binary_join_element_wise(first, "b", "-"),
        "error_kind": pa.array(ERRORS).take(pa.array(client.duplicates.error)),
        "person_key": person_keys(person),
    })  # fmt: skip


TRUTHS: dict[str, Callable[[Client], Iterator[pa.Table]]] = {
    "people": _people,
    "identifiers": _identifiers,
    "traffic": _traffic,
    "email_events": _email_events,
    "channel_effects": _channel_effects,
    "duplicates": _duplicates,
}


def _organization(client: Client, count: int) -> pa.Array:
    return pa.repeat(pa.scalar(client.slug), count)


def _spread(count: int, person: Ints, values: Floats | Bools, default: float | bool) -> Floats | Bools:
    """Values of contacts on all people."""
    spread = np.full(count, default, dtype=np.asarray(values).dtype)
    spread[person] = values
    return spread


def _optional(values: Floats) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _moments(client: Client, at: Floats) -> pa.Array:
    known = np.isfinite(at)
    found = client_moments(client, np.where(known, at, 0.0))
    return pc.if_else(pa.array(known), found, pa.scalar(None, found.type))


def _external_ids(count: int, person: Ints) -> pa.Array:
    known = np.zeros(count, dtype=bool)
    known[person] = True
    return pa.array([f"sim-{number:07d}" if known[number] else None for number in range(count)], pa.string())
