"""Conditions on any attribute as the API takes them, in words, and the columns of the list. No browser."""

from __future__ import annotations

from datetime import date

import pytest
from streamlit.testing.v1 import AppTest

from app.api_client import CompanyQuery
from app.column_choice import columns_of
from app.lead_table import filled_of, labels_of, names_of
from app.list_conditions import OF_COMPANIES, attributes_of, orders_of, told, words_for, written
from domain.filters import Op, parse_filters
from storage.ops.repositories import company_lists
from storage.ops.repositories.contact_questions import OF_SCORES, PLAIN, TAG

CUSTOM = [
    {"key": "budget", "label": "Budget", "data_type": "number", "options": [], "is_filterable": True},
    {"key": "is_vip", "label": "VIP", "data_type": "boolean", "options": [], "is_filterable": True},
    {"key": "renews_on", "label": "Renews", "data_type": "date", "options": [], "is_filterable": True},
    {"key": "plan", "label": "Plan", "data_type": "choice", "options": ["Pro", "Free, for ever"], "is_filterable": True},
    {"key": "note", "label": "Note", "data_type": "text", "options": [], "is_filterable": False},
    {"key": "title", "label": "Title", "data_type": "text", "options": [], "is_filterable": True},
]  # fmt: skip
ATTRIBUTES = attributes_of(CUSTOM)
FIELDS = {each.field: each for each in ATTRIBUTES}
VALUES = {"text": "a:b, c", "integer": 3, "number": 5000.0, "boolean": True, "date": date(2026, 5, 1),
          "datetime": date(2026, 5, 1)}  # fmt: skip


def test_companies_are_asked_only_what_their_list_knows():
    for each in OF_COMPANIES:
        assert company_lists.TYPES[each.field] is each.kind
    assert ("filter", "employee_count:gte:50") in CompanyQuery(filter=("employee_count:gte:50",)).parameters()


def test_only_what_lists_can_be_asked_is_offered():
    assert "custom.note" not in FIELDS
    assert {name for name in FIELDS if not name.startswith("custom.")} <= {*PLAIN, *OF_SCORES, TAG}
    for name, each in FIELDS.items():
        if name != TAG and not name.startswith("custom."):
            assert {**PLAIN, **OF_SCORES}[name].type is each.kind


@pytest.mark.parametrize("attribute", ATTRIBUTES, ids=lambda each: each.field)
def test_every_condition_that_can_be_put_together_is_one_that_the_api_reads(attribute):
    value = list(attribute.options) or VALUES[attribute.kind]
    for op in words_for(attribute):
        condition = written(attribute, op, value)
        (read,) = parse_filters([condition], {attribute.field: attribute.kind})
        assert read.op is op
        if attribute.options and read.values:
            assert list(read.values) == value
        assert told(condition, ATTRIBUTES).startswith(f"{attribute.label} {words_for(attribute)[op]}")


def test_a_condition_without_a_value_is_none_yet_and_words_are_peoples_own():
    assert written(FIELDS["custom.budget"], Op.GTE, None) is None
    assert written(FIELDS["title"], Op.EQ, "  ") is None
    assert written(FIELDS["custom.plan"], Op.IN, []) is None
    assert written(FIELDS["custom.budget"], Op.GTE, 5000.0) == "custom.budget:gte:5000"
    assert written(FIELDS["custom.budget"], Op.GTE, 1234567.25) == "custom.budget:gte:1234567.25"
    assert told("custom.plan:in:Pro,Free\\, for ever", ATTRIBUTES) == "Plan is one of Pro, Free, for ever"
    assert told("custom.is_vip:eq:false", ATTRIBUTES) == "VIP is no"
    assert told("custom.gone:filled", ATTRIBUTES) == "gone is known"


def test_orders_are_by_custom_fields_both_ways():
    assert orders_of(ATTRIBUTES)["-custom.budget"] == "Budget, highest first"
    assert orders_of(ATTRIBUTES)["custom.renews_on"] == "Renews, earliest first"
    assert "title" not in orders_of(ATTRIBUTES)


def test_chosen_columns_are_shown_in_their_order_and_no_two_are_called_alike():
    labels = labels_of(CUSTOM)
    assert labels["title"] == "Title (title)"
    names = names_of(CUSTOM)
    assert columns_of("Name", ["Plan", "Score", "not any more"], names, ["Stage"]) == ["Name", "Plan", "Score"]
    assert columns_of("Name", ["not any more"], names, ["Stage"]) == ["Name", "Stage"]
    item = {"title": "CTO", "company": None, "email": None, "tags": []}
    assert filled_of([item], labels) == [
        "Score", "Band", "Why", "Stage", "Title", "Budget", "VIP", "Renews", "Source", "Added",
    ]  # fmt: skip


def adding() -> None:
    from app.list_conditions import OF_COMPANIES, show_adding

    show_adding("somewhere", OF_COMPANIES, lambda: None)


def test_a_value_typed_just_before_the_click_is_the_one_that_is_asked():
    at = AppTest.from_function(adding).run()
    at.selectbox[0].set_value("employee_count").run()
    at.button[0].click().run()
    assert at.session_state["said_next"] == ("Enter a value first.", True)
    at.number_input[0].set_value(95)
    at.button[0].click().run()
    assert at.session_state["somewhere_conditions"] == ["employee_count:gte:95"]
