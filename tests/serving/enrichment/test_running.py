"""Runs of enrichment against providers on loopback: chains, money, faults, and what is left after a kill."""

from __future__ import annotations

from tests.vendor_server import Said


def test_a_chain_stops_at_the_first_valid_value_and_every_call_and_value_is_written_down(desk_anywhere):
    desk = desk_anywhere
    (company_id,) = desk.companies(1)
    desk.vendors.says("/first/", {"size": "51-200", "industry": "Software"})
    desk.vendors.says("/second/", {"size": 140})
    desk.connect_api("first", price=20_000)
    desk.connect_api("second", price=50_000)
    run_id = desk.run(desk.workflow({"employee_count": ["first", "second"], "industry": ["first", "second"]}))
    company = desk.company(company_id)
    assert (company.employee_count, company.industry) == (140, "Software")
    assert desk.status(run_id) == ("finished", "")
    assert [(call.connection, call.outcome, call.cost) for call in desk.calls()] == [
        ("first", "found", 20_000),
        ("second", "found", 50_000),
    ]
    assert desk.spent("run") == desk.spent("day") == (0, 70_000)
    assert {(value.field, value.connection, value.verdict) for value in desk.values()} == {
        ("employee_count", "first", "invalid"),
        ("industry", "first", "written"),
        ("employee_count", "second", "written"),
    }
    (row,) = desk.rows()
    assert (row.status, row.spent, row.filled_count) == ("done", 70_000, 2)


def test_the_same_question_is_bought_once_however_many_ask_it(desk):
    desk.companies(1)
    desk.vendors.says("/first/", Said({"size": 140}))
    desk.connect_api("first", price=20_000)
    workflow = desk.workflow({"employee_count": ["first"]}, overwrite="rules")
    desk.run(workflow)
    desk.run(workflow)
    assert len(desk.vendors.asked) == 1
