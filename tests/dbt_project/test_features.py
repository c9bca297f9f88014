"""Features of a moment know nothing of what came later."""

from __future__ import annotations

import json

from tests.dbt_project.world import BUILD_AT, at


def test_a_later_event_changes_no_earlier_row(told):
    (before,) = [row for row in told.training_before if row["contact_id"] == "fay"]
    (after,) = [row for row in told.rows("features.contact_training_rows", "features") if row["contact_id"] == "fay"]
    outcome = {"outcome", "outcome_at"}
    assert {key: value for key, value in before.items() if key not in outcome} == {
        key: value for key, value in after.items() if key not in outcome
    }
    assert (before["outcome"], after["outcome"], after["outcome_at"]) == (False, True, at(days=22))


def test_a_training_row_sees_what_was_known_at_its_moment(told):
    (row,) = [row for row in told.rows("features.contact_training_rows", "features") if row["contact_id"] == "fay"]
    assert (row["as_of_at"], row["title"], json.loads(row["attributes"])) == (at(days=1), "Buyer", {"size": 5})
    assert (row["sessions_30d"], row["page_views_30d"], row["pricing_views_30d"], row["downloads_30d"]) == (2, 1, 1, 1)
    assert (row["emails_sent_30d"], row["replies_30d"], row["first_touch_channel"]) == (1, 0, "AI Assistant")
    before_known = ("sessions_before_known", "page_views_before_known", "pricing_views_before_known")
    assert [row[name] for name in before_known] == [1, 1, 1]


def test_a_company_is_as_its_record_stood_at_the_moment(told):
    (then,) = [row for row in told.rows("features.contact_training_rows", "features") if row["contact_id"] == "fay"]
    (now,) = [row for row in told.rows("features.contact_features", "features") if row["contact_id"] == "fay"]
    assert (then["company_industry"], then["company_employee_count"]) == ("Retail", 40)
    assert (now["company_industry"], now["company_employee_count"]) == ("Logistics", 60)


def test_features_of_now_see_everything_and_keep_a_shared_browser_apart(told):
    found = {row["contact_id"]: row for row in told.rows("features.contact_features", "features")}
    fay, gus = found["fay"], found["gus"]
    assert (fay["as_of_at"], fay["title"], fay["replies_30d"]) == (BUILD_AT, "Chief Buyer", 1)
    assert (gus["page_views_30d"], gus["email_domain_type"], gus["has_phone"]) == (0, "free", False)


def test_attributes_are_told_apart_by_their_role(told):
    found = {row["contact_id"]: row for row in told.rows("features.contact_features", "features")}
    assert json.loads(found["fay"]["attributes"]) == {"size": 9}
    assert json.loads(found["fay"]["post_outcome_attributes"]) == {"calls": 30}


def test_an_outcome_that_came_with_the_lead_is_judged_by_what_came_with_the_lead(told):
    rows = told.rows("features.contact_training_rows", "outcomes", "contact_id")
    assert [(row["contact_id"], row["outcome"], row["outcome_source"], row["import_row_number"]) for row in rows] == [
        ("out-0", True, "attribute:y", 1),
        ("out-1", False, "attribute:y", 2),
    ]
    assert {row["as_of_at"] for row in rows} == {at()}
