"""Worlds of companies whose truth is known, and a lake and a store that hold them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from domain.companies import CompanyFacts
from domain.settings import Settings
from models_ml.similarity.dataset import Companies
from storage.lake import Lake

TRADES = {
    "Logistics": "freight routing haulage warehouse pallets",
    "Software": "cloud platform developer API subscription",
    "Healthcare": "clinic patients diagnosis medical devices",
    "Hospitality": "hotel guests restaurant bookings kitchen",
}
FEATURES = (
    "organization_id text, company_id text, name text, domain text, industry text, employee_count integer, "
    "country text, description text, technologies text, titles text, page_paths text, contact_count bigint, "
    "session_count bigint, is_customer boolean, has_open_deal boolean, is_lost boolean, became_customer_at timestamptz"
)
MART = (
    "organization_id text, company_id text, name text, domain text, industry text, employee_count integer, "
    "country text, contact_count bigint, visitor_count bigint, session_count bigint, page_view_count bigint, "
    "first_seen_at timestamptz, last_seen_at timestamptz, first_channel text, network_type text, "
    "network_confidence text, deal_count bigint, is_customer boolean, has_open_deal boolean, is_lost boolean, "
    "became_customer_at timestamptz"
)


def made_up(
    count: int = 400, *, seed: int = 1, buying: str = "Logistics", rate: float = 0.5, told: bool = True
) -> Companies:
    """Companies of four trades, of which one buys. Unless `told`, only the description gives the trade away."""
    rng = np.random.default_rng(seed)
    facts, customers = [], []
    for number in range(count):
        trade = str(rng.choice(list(TRADES)))
        words = rng.choice(TRADES[trade].split(), 3, replace=False)
        facts.append(
            CompanyFacts(
                name=f"Firm {number:04d}",
                domain=f"firm{number:04d}.example",
                industry=trade if told else "",
                employee_count=int(rng.lognormal(4, 1)) + 1,
                country=str(rng.choice(["DE", "FR", "US"])),
                description=f"We sell {words[0]}, {words[1]} and {words[2]}",
            )
        )
        customers.append(trade == buying and rng.random() < rate)
    none = np.zeros(count, dtype=np.bool_)
    return Companies(
        tuple(f"c{number:04d}" for number in range(count)), tuple(facts), np.array(customers), none, none, none,
        np.arange(1, count + 1),
    )  # fmt: skip


@dataclass
class CompanyLake:
    """A lake with the two tables that dbt makes of companies."""

    lake: Lake
    settings: Settings

    def insert(self, table: str, rows: Sequence[Mapping[str, Any]]) -> None:
        names = list(dict.fromkeys(name for row in rows for name in row))
        batch = pa.table({name: [row.get(name) for row in rows] for name in names})
        with self.lake.writer() as cursor:
            cursor.register("batch", batch)
            cursor.execute(f"insert into {table} ({', '.join(names)}) select {', '.join(names)} from batch")

    def add(self, organization_id: str, companies: Companies, **changes: Any) -> None:
        """These companies as features and as mart; `changes` hold for all of them."""
        rows = [
            {
                "organization_id": organization_id, "company_id": name, "name": facts.name, "domain": facts.domain,
                "industry": facts.industry or None, "employee_count": facts.employee_count, "country": facts.country,
                "description": facts.description, "contact_count": 0, "session_count": 0,
                "is_customer": bool(customer), "has_open_deal": False, "is_lost": False, **changes,
            }
            for name, facts, customer in zip(companies.ids, companies.facts, companies.is_customer, strict=True)
        ]  # fmt: skip
        counts = {"visitor_count": 0, "page_view_count": 0, "deal_count": 0}
        for table, columns in (("features.company_features", FEATURES), ("marts.companies", MART)):
            known = {column.split()[0] for column in columns.split(", ")}
            self.insert(table, [{k: v for k, v in {**counts, **row}.items() if k in known} for row in rows])

    def rows(self, table: str, organization_id: str, order: str) -> list[dict[str, Any]]:
        found = self.lake.arrow(f"select * from {table} where organization_id = ? order by {order}", [organization_id])
        return list(found.to_pylist())


@pytest.fixture
def company_lake(settings) -> Iterator[CompanyLake]:
    lake = Lake.open(settings)
    lake.migrate()
    with lake.writer() as cursor:
        cursor.execute(f"create table features.company_features ({FEATURES})")
        cursor.execute(f"create table marts.companies ({MART})")
    yield CompanyLake(lake, settings)
    lake.close()
