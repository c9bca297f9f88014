"""The grammar of lists: what is written is what is meant, or is refused with the way out."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.filters import Condition, FieldType, Op, Sort, parse_filters, parse_sort

FIELDS = {
    "name": FieldType.TEXT,
    "amount_minor": FieldType.INTEGER,
    "probability": FieldType.NUMBER,
    "is_open": FieldType.BOOLEAN,
    "closes_on": FieldType.DATE,
    "updated_at": FieldType.DATETIME,
}


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        ("name:eq:a:b", Condition("name", Op.EQ, ("a:b",))),
        ("name:eq:", Condition("name", Op.EQ, ("",))),
        (r"name:in:a\,b,c", Condition("name", Op.IN, ("a,b", "c"))),
        ("amount_minor:gte:-5", Condition("amount_minor", Op.GTE, (-5,))),
        ("probability:lt:0.5", Condition("probability", Op.LT, (0.5,))),
        ("is_open:eq:true", Condition("is_open", Op.EQ, (True,))),
        ("closes_on:lte:2026-03-01", Condition("closes_on", Op.LTE, (date(2026, 3, 1),))),
        ("updated_at:gt:2026-03-01T12:00:00+02:00", Condition("updated_at", Op.GT, (datetime(2026, 3, 1, 10, tzinfo=UTC),))),
        ("updated_at:gt:2026-03-01", Condition("updated_at", Op.GT, (datetime(2026, 3, 1, tzinfo=UTC),))),
        ("name:empty", Condition("name", Op.EMPTY)),
    ],
)  # fmt: skip
def test_a_filter_is_read_as_its_field_is_typed(text, condition):
    assert parse_filters([text], FIELDS) == (condition,)


@pytest.mark.parametrize(
    "text",
    ["", "name", "name:eq", "nobody:eq:1", "name:gt:a", "is_open:eq:maybe", "amount_minor:eq:1.5", "amount_minor:eq:9223372036854775808",
     "probability:eq:nan", "probability:eq:inf", "closes_on:eq:yesterday", "name:in:", "name:empty:x", "name:eq:a\x00b"],
)  # fmt: skip
def test_what_is_no_filter_is_refused_with_the_way_out(text):
    with pytest.raises(InvalidInput):
        parse_filters([text], FIELDS)


@given(st.text())
def test_no_text_breaks_the_reader(text):
    try:
        (found,) = parse_filters([text], FIELDS)
    except InvalidInput:
        return
    assert found.field in FIELDS


def test_too_many_filters_are_refused():
    with pytest.raises(InvalidInput, match="at most 20"):
        parse_filters(["name:filled"] * 21, FIELDS)


def test_a_sort_names_a_field_and_a_direction():
    newest = Sort("updated_at", descending=True)
    assert parse_sort("", FIELDS, newest) == newest
    assert parse_sort("-name", FIELDS, newest) == Sort("name", descending=True)
    assert parse_sort("name", FIELDS, newest).text == "name"
    with pytest.raises(InvalidInput, match="sorted by 'secret'"):
        parse_sort("secret", FIELDS, newest)
