"""Who is whom, in the marts."""

from __future__ import annotations

from tests.dbt_project.world import at


def test_a_shared_browser_joins_nobody(told):
    people = {row["contact_id"]: row["person_id"] for row in told.rows("marts.contacts", "shared")}
    assert people["ada"] != people["bob"]
    nodes = {row["node"]: row["person_id"] for row in told.rows("intermediate.identity_components", "shared")}
    assert nodes["anonymous:v-shared"] == "anonymous:v-shared"


def test_a_shared_browser_joins_nobody_and_a_persons_word_outranks_a_pages(told):
    people = {row["node"]: row["person_id"] for row in told.rows("intermediate.identity_components", "browsers")}
    assert people["anonymous:own"] == people["contact:ruth"]
    assert people["contact:ruth"] != people["contact:nora"]
    assert people["anonymous:shared"] not in {people["contact:ruth"], people["contact:nora"]}
    assert people["anonymous:judged"] != people["contact:ruth"]


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


def test_two_records_of_one_person_are_joined_by_what_they_share(told):
    people = {row["contact_id"]: row["person_id"] for row in told.rows("marts.contacts", "twice")}
    assert people["zoe-1"] == people["zoe-2"]
    nodes = {row["node"]: row["person_id"] for row in told.rows("intermediate.identity_components", "twice")}
    assert nodes["external:crm-1"] == people["zoe-2"]
    edges = told.rows("intermediate.int_identity_edges", "twice")
    joined = {
        (row["rule"], row["confidence"], row["evidence"]) for row in edges if row["rule"].startswith("duplicate_")
    }
    assert joined == {
        ("duplicate_same_name_and_phone", 0.98, "contact:zoe-2"),
        ("duplicate_similar_name_and_phone", 0.96, "contact:jon-2"),
    }


def test_what_may_be_one_person_is_proposed_and_not_joined(told):
    people = {row["contact_id"]: row["person_id"] for row in told.rows("marts.contacts", "twice")}
    assert people["amy-1"] != people["amy-2"]
    (proposal,) = told.rows("marts.duplicate_proposals", "twice")
    assert (proposal["left_contact_id"], proposal["right_contact_id"]) == ("amy-1", "amy-2")


def test_one_decision_parts_two_people_and_gives_each_the_credit_of_their_own_touches(told):
    people = {row["contact_id"]: row["person_id"] for row in told.rows("marts.contacts", "twice")}
    assert people["jon-1"] != people["jon-2"]
    sessions = {row["anonymous_id"]: row["person_id"] for row in told.rows("marts.sessions", "twice")}
    assert sessions == {"v-jon-1": people["jon-1"], "v-jon-2": people["jon-2"]}
    touched = {row["touchpoint_id"]: row["person_id"] for row in told.rows("marts.touchpoints", "twice")}
    converted = {row["conversion_id"]: row["person_id"] for row in told.rows("marts.conversions", "twice")}
    credited = [
        row
        for row in told.rows("marts.attribution_credits", "twice")
        if row["model"] == "linear" and row["attribution_level"] == "person"
    ]
    now = {(row["conversion_id"], row["touchpoint_id"]) for row in credited if row["touchpoint_id"] in touched}
    before = {(row["conversion_id"], row["touchpoint_id"]) for row in told.credits_before}
    assert now
    assert all(touched[touch] == converted[conversion] for conversion, touch in now)
    assert any(touched.get(touch) not in {None, converted.get(conversion)} for conversion, touch in before)


def test_an_edge_names_its_rule_its_evidence_and_its_confidence(told):
    edges = {
        (row["left_node"], row["right_node"]): row for row in told.rows("intermediate.int_identity_edges", "alone")
    }
    edge = edges["anonymous:v-cal", "contact:cal"]
    assert (edge["rule"], edge["evidence"], edge["confidence"]) == ("identify_event", "event:i2", 0.7)


def test_deleted_contacts_are_gone_and_changed_ones_are_as_they_are_now(told):
    (contact,) = told.rows("marts.contacts", "records")
    assert (contact["contact_id"], contact["lifecycle_stage"]) == ("rob", "sql")


def test_a_merged_contact_is_no_contact_of_its_own_and_what_was_theirs_is_the_survivors(told):
    (contact,) = told.rows("marts.contacts", "merged")
    assert (contact["contact_id"], contact["session_count"], contact["email_reply_count"]) == ("merged-1", 2, 2)
    assert {row["contact_id"] for row in told.rows("marts.sessions", "merged")} == {"merged-1"}
    assert {row["contact_id"] for row in told.rows("marts.touchpoints", "merged")} == {"merged-1"}
    assert {row["contact_id"] for row in told.rows("features.contact_features", "merged")} == {"merged-1"}


def test_an_undone_merge_gives_each_their_own_again(told):
    contacts = told.rows("marts.contacts", "unmerged")
    assert [(row["contact_id"], row["session_count"], row["email_reply_count"]) for row in contacts] == [
        ("unmerged-1", 1, 1),
        ("unmerged-2", 1, 1),
    ]
    assert contacts[0]["person_id"] != contacts[1]["person_id"]


def test_what_came_by_an_address_stays_theirs_when_it_is_corrected_unless_somebody_else_has_it_now(told):
    sessions = {row["anonymous_id"]: row["contact_id"] for row in told.rows("marts.sessions", "corrected")}
    assert sessions == {"v-ina": "ina", "v-ina-phone": "ina", "v-kay": "liv"}
    people = {row["contact_id"]: row["person_id"] for row in told.rows("marts.contacts", "corrected")}
    assert len({people["ina"], people["kay"], people["liv"]}) == 3
