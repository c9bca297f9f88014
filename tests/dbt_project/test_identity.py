"""Who is whom, in the marts."""

from __future__ import annotations

from tests.dbt_project.world import at


def test_a_shared_browser_joins_nobody(told):
    people = {row["contact_id"]: row["person_id"] for row in told.rows("marts.contacts", "shared")}
    assert people["ada"] != people["bob"]
    nodes = {row["node"]: row["person_id"] for row in told.rows("intermediate.identity_components", "shared")}
    assert nodes["anonymous:v-shared"] == "anonymous:v-shared"


def test_in_a_shared_browser_what_follows_an_identification_is_theirs_until_the_next(told):
    sessions = told.rows("marts.sessions", "shared", "started_at")
    assert [(row["started_at"], row["contact_id"]) for row in sessions] == [
        (at(), None),
        (at(days=1), "ada"),
        (at(days=2), "ada"),
        (at(days=3), "bob"),
        (at(days=3, minutes=10), "ada"),
    ]


def test_a_browser_of_one_person_is_theirs_from_its_first_event(told):
    (contact,) = told.rows("marts.contacts", "alone")
    assert (contact["session_count"], contact["person_id"]) == (3, "anonymous:v-cal")
    assert contact["first_touch_at"] == at()


def test_without_full_consent_an_event_is_linked_to_nobody(told):
    owners = {row["anonymous_id"]: row["contact_id"] for row in told.rows("marts.sessions", "alone")}
    assert owners["v-unconsenting"] is None
    assert owners["v-crawler"] is None
    assert owners["v-cal-phone"] == "cal"


def test_a_decision_joins_and_a_later_one_parts(told):
    people = {row["contact_id"]: row["person_id"] for row in told.rows("marts.contacts", "decided")}
    assert people["dan"] == people["dana"]
    assert people["eve"] != people["eva"]
    assert people["dan"] != people["eve"]


def test_a_browser_of_two_contacts_decided_to_be_one_belongs_to_that_person(told):
    people = {row["person_id"] for row in told.rows("marts.sessions", "decided")}
    joined = {row["person_id"] for row in told.rows("marts.contacts", "decided") if row["contact_id"] == "dan"}
    assert people == joined


def test_an_edge_names_its_rule_its_evidence_and_its_confidence(told):
    edges = {
        (row["left_node"], row["right_node"]): row for row in told.rows("intermediate.int_identity_edges", "alone")
    }
    edge = edges["anonymous:v-cal", "contact:cal"]
    assert (edge["rule"], edge["evidence"], edge["confidence"]) == ("identify_event", "event:i2", 0.7)


def test_deleted_contacts_are_gone_and_changed_ones_are_as_they_are_now(told):
    (contact,) = told.rows("marts.contacts", "records")
    assert (contact["contact_id"], contact["lifecycle_stage"]) == ("rob", "sql")
