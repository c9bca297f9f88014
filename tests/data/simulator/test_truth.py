"""The truth of the default world agrees with what landed and with itself."""

from __future__ import annotations

import pyarrow.compute as pc
import pytest


def by_organization(world, table: str):
    """Rows of a truth table as dictionaries, with the organization's id in the place of its slug."""
    return [{**row, "organization": world.organizations[row["organization"]]} for row in world.truth[table].to_pylist()]


def test_every_landed_event_is_in_the_truth_once(default_world):
    landed = default_world.rows("select organization_id, event_id from lake.raw.website_events__events")
    told = by_organization(default_world, "traffic")
    assert {(row["organization_id"], row["event_id"]) for row in landed} == {
        (row["organization"], row["event_id"]) for row in told
    }
    assert len(told) == len(landed)


def test_every_mail_event_is_in_the_truth_once(default_world):
    landed = default_world.rows("select organization_id, event_id from lake.raw.email_engagement__events")
    told = by_organization(default_world, "email_events")
    assert {(row["organization_id"], row["event_id"]) for row in landed} == {
        (row["organization"], row["event_id"]) for row in told
    }


def test_nothing_of_a_world_is_refused(default_world):
    assert default_world.rows("select * from lake.raw.quarantine__rows") == []


def test_every_id_of_a_browser_and_every_address_belongs_to_somebody(default_world):
    known = {(row["organization"], row["value"]) for row in by_organization(default_world, "identifiers")}
    human = {
        (row["organization"], row["event_id"]) for row in by_organization(default_world, "traffic") if not row["is_bot"]
    }
    events = default_world.rows(
        "select organization_id, event_id, anonymous_id, email_hash from lake.raw.website_events__events"
    )
    for event in events:
        if (event["organization_id"], event["event_id"]) in human:
            for value in (event["anonymous_id"], event["email_hash"]):
                assert value is None or (event["organization_id"], value) in known, event


def test_every_contact_of_the_store_is_a_person_of_the_truth(default_world):
    known = {row["value"] for row in default_world.truth["identifiers"].to_pylist() if row["kind"] == "contact_id"}
    contacts = default_world.rows("select distinct contact_id from lake.staging.stg_operational__contacts")
    assert contacts
    assert {row["contact_id"] for row in contacts} == known


def test_shares_of_channels_sum_to_one_for_each_client(default_world):
    sums = default_world.truth["channel_effects"].group_by("organization").aggregate([("share", "sum")])
    assert sums["share_sum"].to_pylist() == pytest.approx([1.0] * len(default_world.organizations))


def test_a_shared_browser_has_several_people_and_no_other_has(default_world):
    owners: dict[str, set[str]] = {}
    shared = set()
    for row in default_world.truth["identifiers"].to_pylist():
        if row["kind"] == "anonymous_id":
            owners.setdefault(row["value"], set()).add(row["person_key"])
            if row["is_shared"]:
                shared.add(row["value"])
    assert shared
    assert shared == {value for value, people in owners.items() if len(people) > 1}


def test_everybody_who_became_a_lead_is_one_in_the_mart(default_world):
    told = default_world.truth["people"]
    leads = told.filter(pc.less(told["lead_at"], default_world.now))
    owner = {
        (row["organization"], row["value"]): row["person_key"]
        for row in by_organization(default_world, "identifiers")
        if row["kind"] == "contact_id"
    }
    made = default_world.rows("select organization_id, contact_id from lake.marts.conversions where kind = 'lead'")
    converted = {(row["organization_id"], owner[row["organization_id"], row["contact_id"]]) for row in made}
    assert leads.num_rows > 50
    assert converted == {
        (default_world.organizations[row["organization"]], row["person_key"]) for row in leads.to_pylist()
    }


def test_duplicates_name_two_records_of_one_person(default_world):
    owner = {
        (row["organization"], row["value"]): row["person_key"]
        for row in default_world.truth["identifiers"].to_pylist()
        if row["kind"] == "external_id"
    }
    pairs = default_world.truth["duplicates"].to_pylist()
    assert pairs
    for pair in pairs:
        first, second = (owner[pair["organization"], pair[f"external_id_{side}"]] for side in "ab")
        assert first == second
