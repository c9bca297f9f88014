"""A lake with deals of made-up agencies, as dbt would leave them."""

from __future__ import annotations

import polars as pl

from models_ml.forecast.publish import History
from storage.lake import Lake
from tests.models_ml.forecast.worlds import MOMENT, Agency

TABLES = (
    "intermediate.int_organizations_with_rules (organization_id text, time_zone text, currency text)",
    (
        "intermediate.int_deal_entries (organization_id text, deal_id text, seq bigint, stage text, "
        "entered_at timestamptz, known_at timestamptz)"
    ),
    (
        "marts.deal_history (organization_id text, deal_id text, pipeline text, is_deleted boolean, "
        "amount_minor bigint, known_at timestamptz, known_until timestamptz)"
    ),
)


def prepare(lake: Lake) -> None:
    """The tables that a forecast reads and writes."""
    lake.migrate()
    with lake.writer() as cursor:
        for table in TABLES:
            cursor.execute(f"create table if not exists {table}")


def fill(lake: Lake, organization_id: str, agency: Agency, time_zone: str = "UTC") -> None:
    """What was known of the agency by MOMENT."""
    with lake.writer() as cursor:
        cursor.execute(
            "insert into intermediate.int_organizations_with_rules values (?, ?, 'EUR')", [organization_id, time_zone]
        )
        for table, frame in (
            ("intermediate.int_deal_entries", agency.entries),
            ("marts.deal_history", agency.states),
        ):
            rows = frame.filter(pl.col("known_at") <= MOMENT).with_columns(organization_id=pl.lit(organization_id))
            cursor.register("rows", rows.to_arrow())
            cursor.execute(f"insert into {table} by name select * from rows")
            cursor.unregister("rows")


def history_of(organization_id: str, agency: Agency, currency: str = "EUR") -> History:
    """The same without a lake."""
    return History(
        organization_id,
        "UTC",
        currency,
        *(frame.filter(pl.col("known_at") <= MOMENT) for frame in (agency.entries, agency.states)),
    )
