"""What is known of a company: its people and pages before it bought, its deals, and no access provider among them."""

from __future__ import annotations

from tests.dbt_project.world import at


def companies(told, table="features.company_features"):
    return {row["company_id"]: row for row in told.rows(table, "firms")}


def test_a_customer_is_described_by_what_was_known_before_it_bought(told):
    found = companies(told)["won-co"]
    assert (found["industry"], found["employee_count"], found["description"]) == ("Logistics", 120, "Freight software")
    assert found["technologies"] == '["Kafka","Rails"]'
    assert (found["titles"], found["page_paths"]) == ("CMO", "/pricing | /cases")
    assert (found["is_customer"], found["has_open_deal"], found["is_lost"]) == (True, False, False)
    assert found["became_customer_at"] == at(days=5)


def test_a_company_stands_where_its_deals_stand(told):
    found = companies(told)
    assert [(row["is_customer"], row["has_open_deal"], row["is_lost"]) for row in (found["open-co"], found["lost-co"])] == [
        (False, True, False),
        (False, False, True),
    ]  # fmt: skip
    assert companies(told, "marts.companies")["open-co"]["deal_count"] == 2


def test_networks_of_access_providers_and_hosts_are_no_companies(told):
    found = companies(told, "marts.companies")
    assert {name for name in found if name.startswith("network:")} == {"network:campus.example"}
    assert (found["network:campus.example"]["network_type"], found["network:campus.example"]["first_channel"]) == (
        "education",
        "Direct",
    )
    assert found["won-co"]["network_type"] is None
