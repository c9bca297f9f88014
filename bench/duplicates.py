"""`python -m bench.duplicates` with numbers of contacts: a search for duplicates, from the store to the queue.

CPU seconds of the whole search and of its matching, for each number of contacts in turn; what a second search costs that
finds nothing new; and how many of the planted pairs were proposed. One contact in twenty has a second record with one of
the simulator's errors.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.keys import SECURITY
from data.simulator.contacts import ERRORS, Card, second_card
from data.simulator.words import FIRST, LAST
from domain.duplicates import RecordKind
from domain.settings import DataSettings, Settings
from domain.tenancy import Actor, Scope, SystemScope
from models_ml.duplicates import records
from models_ml.duplicates.comparisons import PEOPLE
from models_ml.duplicates.evaluate import measure
from models_ml.duplicates.matching import find_pairs
from models_ml.duplicates.proposing import propose
from storage.ops import migrate
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.contacts import Contacts
from storage.ops.repositories.duplicates import Duplicates
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store

SIZES = (25_000, 100_000)
IN_A_COMPANY = 8
AGAIN = 20
"""One contact in so many has a second record."""
ACTOR = Actor.system("bench")


def main(sizes: tuple[int, ...]) -> None:
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            settings = Settings(data=DataSettings(dir=Path(folder)), security=SECURITY)
            migrate.upgrade(settings)
            store = Store.open(settings)
            organization_id, truth = _fill(store, size)
            _measure(store, organization_id, truth)
            store.close()


def _measure(store: Store, organization_id: str, truth: set[tuple[str, str]]) -> None:
    with store.read(Scope.of(organization_id)) as work:
        rows = Duplicates(work).records_after(RecordKind.CONTACT, "", 10**9)
    began = time.process_time()
    compared = records.people(rows)
    prepared = time.process_time()
    found = find_pairs(compared, PEOPLE, at_least=0.5)
    matched = time.process_time()
    report = propose(store, organization_id, RecordKind.CONTACT)
    searched = time.process_time()
    propose(store, organization_id, RecordKind.CONTACT)
    again = time.process_time()
    said = measure({(pair.left_id, pair.right_id) for pair in found.pairs}, truth)
    print(
        f"{report.record_count:>9,} contacts, {report.compared_count:,} pairs compared, {report.proposed:,} proposed: "
        f"search {searched - matched:.1f} s CPU (keys {prepared - began:.1f}, matching {matched - prepared:.1f}), "
        f"again {again - searched:.1f} s; precision {said.precision:.3f}, recall {said.recall:.3f} of {said.true_count:,}",
        flush=True,
    )


def _fill(store: Store, size: int) -> tuple[str, set[tuple[str, str]]]:
    with store.write(SystemScope("bench"), ACTOR) as work:
        made = Organizations(work).create_agency("Bench")
        organization_id = made.organization_id
    scope, draw = Scope.of(organization_id), np.random.default_rng(3)
    company_count = max(1, size // IN_A_COMPANY)
    company_ids: list[str] = []
    for start in range(0, company_count, 500):
        with store.write(scope, ACTOR) as work:
            named = [
                {"name": f"Company {number}", "domain": f"firm{number}.example"}
                for number in range(start, min(start + 500, company_count))
            ]
            company_ids += [row["company_id"] for row in Companies(work).insert_many(named)]
    cards: list[tuple[Card, int]] = []
    truth: list[tuple[str, str]] = []
    for number in range(size * AGAIN // (AGAIN + 1)):
        first, last = str(draw.choice(FIRST)), str(draw.choice(LAST))
        company = int(draw.integers(company_count))
        email = f"{first}.{last}{number}@firm{company}.example".lower()
        card = Card(f"p-{number:07d}", first, last, email, f"+44 20 {draw.integers(10**7, 10**8)}")
        cards.append((card, company))
        if number % AGAIN == 0:
            again = second_card(card, int(draw.integers(len(ERRORS))))
            cards.append((again, company))
            truth.append((card.external_id, again.external_id))
    ids: dict[str, str] = {}
    for start in range(0, len(cards), 500):
        with store.write(scope, ACTOR) as work:
            rows = Contacts(work).insert_many(
                {
                    "external_id": card.external_id, "email": card.email, "first_name": card.first_name,
                    "last_name": card.last_name, "phone": card.phone, "company_id": company_ids[company],
                    "source": "import", "known_at": work.now(),
                }
                for card, company in cards[start : start + 500]
            )  # fmt: skip
            ids |= {row["external_id"]: row["contact_id"] for row in rows}
    return organization_id, {(min(pair), max(pair)) for pair in ((ids[one], ids[other]) for one, other in truth)}


if __name__ == "__main__":
    main(tuple(int(size) for size in sys.argv[1:]) or SIZES)
