"""Any list, filtered and sorted by any of its fields: pages together are the whole, in order, on both dialects."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from domain.errors import InvalidInput
from domain.filters import FieldType, Sort, parse_filters
from domain.tenancy import Scope
from storage.ops.repositories.listing import ListField, clause, count, page, types_of
from storage.ops.tables import Company
from tests.factories import TESTER, make_organization

FIELDS = {
    "name": ListField(FieldType.TEXT, Company.name, is_sortable=True),
    "industry": ListField(FieldType.TEXT, Company.industry, is_sortable=True),
    "employee_count": ListField(FieldType.INTEGER, Company.employee_count, is_sortable=True),
    "created_at": ListField(FieldType.DATETIME, Company.created_at, is_sortable=True),
}
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
COMPANIES = [
    ("Alpine 100%", "Software", 10),
    ("alpine_2", "Software", 10),
    ("Brook", None, None),
    ("Cedar", "", 250),
    ("Delta", "Health", None),
    ("Ember", "Health", 40),
]


@pytest.fixture
def scope(store) -> Scope:
    made = Scope.of(make_organization(store, "Listed").organization_id)
    with store.write(made, TESTER) as work:
        for number, (name, industry, size) in enumerate(COMPANIES):
            work.session.add(
                Company(
                    organization_id=made.organization_id,
                    name=name,
                    industry=industry,
                    employee_count=size,
                    created_at=NOON + timedelta(hours=number // 2),
                )
            )
    return made


def asked(*filters):
    conditions = parse_filters(filters, types_of(FIELDS))
    return select(Company).where(*(clause(each, FIELDS[each.field]) for each in conditions))


def names(work, *filters, sort="name", limit=100, cursor=None):
    order = Sort(sort.removeprefix("-"), sort.startswith("-"))
    found = page(
        work, asked(*filters), fields=FIELDS, key=Company.company_id, sort=order, limit=limit, cursor=cursor, with_total=True
    )  # fmt: skip
    return [company.name for company in found.rows], found


@pytest.mark.parametrize(
    ("filters", "wanted"),
    [
        (["industry:eq:Health"], {"Delta", "Ember"}),
        (["industry:ne:Health"], {"Alpine 100%", "alpine_2", "Brook", "Cedar"}),
        (["industry:empty"], {"Brook", "Cedar"}),
        (["employee_count:filled"], {"Alpine 100%", "alpine_2", "Cedar", "Ember"}),
        (["employee_count:gte:40"], {"Cedar", "Ember"}),
        (["employee_count:not_in:10,40"], {"Brook", "Cedar", "Delta"}),
        (["name:starts:ALP"], {"Alpine 100%", "alpine_2"}),
        (["name:contains:0%"], {"Alpine 100%"}),
        (["name:contains:e_2"], {"alpine_2"}),
        (["industry:eq:Software", "name:starts:alpine_"], {"alpine_2"}),
        (["created_at:lt:2026-03-02T13:00:00+00:00"], {"Alpine 100%", "alpine_2"}),
    ],
)
def test_a_filter_keeps_what_people_expect(store, scope, filters, wanted):
    with store.read(scope) as work:
        assert set(names(work, *filters)[0]) == wanted


@pytest.mark.parametrize("sort", [f"{sign}{name}" for name in FIELDS for sign in ("", "-")])
@pytest.mark.parametrize("limit", [1, 2, 5])
def test_pages_together_are_the_whole_list_in_order(store, scope, sort, limit):
    with store.read(scope) as work:
        whole, first = names(work, sort=sort)
        assert sorted(whole) == sorted(name for name, _, _ in COMPANIES)
        assert first.total == len(COMPANIES)
        walked, cursor = [], None
        while True:
            part, found = names(work, sort=sort, limit=limit, cursor=cursor)
            walked += part
            cursor = found.next_cursor
            if cursor is None:
                break
        assert walked == whole


def test_rows_without_a_value_come_last_in_both_directions(store, scope):
    with store.read(scope) as work:
        assert set(names(work, sort="employee_count")[0][-2:]) == {"Brook", "Delta"}
        assert set(names(work, sort="-employee_count")[0][-2:]) == {"Brook", "Delta"}


def test_a_cursor_of_another_order_is_refused(store, scope):
    with store.read(scope) as work:
        cursor = names(work, sort="name", limit=1)[1].next_cursor
        with pytest.raises(InvalidInput, match="not a cursor"):
            names(work, sort="-name", cursor=cursor)


def test_a_count_stops_at_ten_thousand_and_one(store, scope):
    with store.read(scope) as work:
        assert count(work, asked("industry:eq:Health"), Company.company_id) == 2
