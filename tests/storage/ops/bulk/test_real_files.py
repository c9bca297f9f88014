"""Files that others made: the UCI bank leads, HubSpot's tables, padded and corrupted person records."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from storage.ops.tables import AttributeDefinition, Contact, Deal
from tests.factories import make_organization
from tests.storage.ops.bulk.imported import all_of, counts, imported

DATA = os.environ.get("LEADHOUSE_TEST_DATA")
pytestmark = pytest.mark.skipif(not DATA, reason="LEADHOUSE_TEST_DATA names the folder of peers' data")


@pytest.fixture
def organization_id(sqlite_store) -> str:
    return make_organization(sqlite_store).organization_id


def file(name: str) -> bytes:
    return (Path(DATA or "") / name).read_bytes()


def bank(lines: int | None = None) -> bytes:
    found = file("leads/uci_bank_marketing/bank-full.csv").splitlines(keepends=True)
    return b"".join(found[: lines + 1 if lines else None])


def check_bank(store, settings, organization_id, content: bytes, rows: int) -> None:
    result = imported(
        store,
        settings,
        organization_id,
        content,
        outcome_column="y",
        positive_value="yes",
        post_outcome_columns=["duration"],
    )
    assert counts(result) == (rows, 0, 0, 0)
    definitions = {row["key"]: row for row in all_of(store, organization_id, AttributeDefinition)}
    assert len(definitions) == 17
    assert {key: row["role"] for key, row in definitions.items() if row["role"] != "feature"} == {
        "y": "outcome",
        "duration": "post_outcome",
    }
    assert {definitions[key]["data_type"] for key in ("age", "balance", "pdays")} == {"integer"}


def test_bank_leads_come_in_with_their_outcome_marked(sqlite_store, settings, organization_id):
    check_bank(sqlite_store, settings, organization_id, bank(1500), 1500)


@pytest.mark.slow
def test_all_bank_leads_come_in(sqlite_store, settings, organization_id):
    check_bank(sqlite_store, settings, organization_id, bank(), 45_211)


def test_hubspots_contacts_and_deals_come_in(sqlite_store, settings, organization_id):
    people = imported(sqlite_store, settings, organization_id, file("crm/hubspot_tables/contact_data.csv"))
    assert people.rejected_count == 0
    assert len(all_of(sqlite_store, organization_id, Contact)) == people.created_count
    deals = imported(sqlite_store, settings, organization_id, file("crm/hubspot_tables/deal_data.csv"), entity="deals")
    assert deals.rejected_count == 0
    assert len(all_of(sqlite_store, organization_id, Deal)) == deals.created_count > 0


@pytest.mark.parametrize("name", ["matching/febrl/dataset1.csv", "matching/splink_fake_1000/fake_1000.csv"])
def test_person_records_come_in_and_are_known_again(sqlite_store, settings, organization_id, name):
    first = imported(sqlite_store, settings, organization_id, file(name))
    again = imported(sqlite_store, settings, organization_id, file(name))

    assert first.rows_total == 1000
    assert first.created_count + first.updated_count + first.skipped_count + first.rejected_count == 1000
    assert again.created_count == 0
