"""Filters to a saved question and back into the widgets, and what a bulk edit sends and tells. No browser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app import company_edits, company_views
from app.api_client import CompanyQuery, ContactQuery
from app.bulk_edit import Many
from app.lead_edits import LEAVE, NOBODY, values_of
from app.lead_views import HAS_EMAIL, IS_WORKED, VIEWS
from app.saved_views import is_lit, question_of
from domain.filters import parse_filters, parse_sort
from storage.ops.repositories import company_lists
from storage.ops.repositories.listing import sortable

WORDS = st.lists(st.sampled_from(["lead", "mql", "sql"]), unique=True).map(tuple)
QUERIES = st.builds(
    ContactQuery,
    q=st.text("abc", max_size=5), stage=WORDS, band=WORDS, source=WORDS, owner=WORDS,
    is_worked=st.sampled_from([None, True, False]), has_email=st.sampled_from([None, True, False]),
    min_score=st.one_of(st.none(), st.integers(1, 100).map(float)),
    filter=st.sampled_from([(), ("custom.tier:eq:A",), ("custom.url:eq:https://x.example", "title:filled")]),
    sort=st.sampled_from(["newest", "score", "name"]),
)  # fmt: skip


def query_of(widgets):
    """As the page reads its widgets."""
    email, worked = ({word: value for value, word in words.items()} for words in (HAS_EMAIL, IS_WORKED))
    return ContactQuery(
        q=widgets["q"], stage=tuple(widgets["leads_stage"]), band=tuple(widgets["leads_band"]),
        source=tuple(widgets["leads_source"]), owner=tuple(widgets["leads_owner"]),
        is_worked=worked[widgets["leads_worked"]], has_email=email[widgets["leads_email"]],
        min_score=float(widgets["leads_score"]) or None, filter=tuple(widgets["leads_conditions"]),
        sort=widgets["sort"],
    )  # fmt: skip


@given(QUERIES)
def test_a_view_brings_back_the_filters_that_it_was_made_of(query):
    assert query_of(VIEWS.widget_values(question_of(query))) == query


def test_a_view_of_former_days_is_read_as_a_condition_and_lights_its_chip():
    question = {"attribute": ["url:https://x.example"], "stage": ["lead"]}
    assert VIEWS.widget_values(question)["leads_conditions"] == ["custom.url:eq:https://x.example"]
    assert is_lit(question, question_of(query_of(VIEWS.widget_values(question)), ["Score"]))
    assert not is_lit(question, {"stage": ["lead"]})


@pytest.mark.parametrize(("name", "question"), VIEWS.built_in)
def test_a_view_that_comes_with_the_product_lights_its_own_chip(name, question):
    assert question_of(query_of(VIEWS.widget_values(question))) == question, name


def test_only_what_was_chosen_is_sent():
    assert values_of(LEAVE, LEAVE, None, "x") == {}
    assert values_of("mql", NOBODY, "tier", " A ") == {
        "lifecycle_stage": "mql", "owner_user_id": None, "attributes": {"tier": "A"},
    }  # fmt: skip
    assert values_of(LEAVE, "u1", "tier", " ") == {"owner_user_id": "u1", "attributes": {"tier": None}}


class Pages:
    """A list of so many leads, a page at a time."""

    def __init__(self, count: int) -> None:
        self.count = count

    def read(self, limit, cursor):
        first = int(cursor or 0)
        last = min(self.count, first + limit)
        items = [{"contact_id": str(number)} for number in range(first, last)]
        return {"items": items, "next_cursor": str(last) if last < self.count else None}


def many(count=0):
    return Many("leads", "contact_id", "lead", "leads", Pages(count).read, lambda _ids, _values: {})


def test_what_came_of_it_is_told_in_one_line():
    outcomes = ["changed", "unchanged", "changed", "not_found"]
    assert many().told(outcomes) == "2 leads changed, 1 as they were, 1 not here any more"
    assert many().told(["changed"]) == "1 lead changed"
    told = many().told(["no_record", "no_record"])
    assert told == "0 leads changed, 2 known by their network alone, which takes tags only"


@pytest.mark.parametrize(("count", "found"), [(0, 0), (3, 3), (200, 200), (700, 500)])
def test_all_that_match_are_gathered_up_to_what_one_edit_takes(count, found):
    assert many(count).matching_ids() == [str(number) for number in range(found)]


COMPANY_QUERIES = st.builds(
    CompanyQuery,
    q=st.text("abc", max_size=5), statuses=st.sampled_from([(), ("customer",), ("lost", "open_deal")]),
    industries=st.sampled_from([(), ("Freight, air", "Logistics")]), countries=st.sampled_from([(), ("DE",)]),
    least_quality=st.integers(2, 10), known_by=st.sampled_from(["any", "contacts", "network"]), visited=st.booleans(),
    filter=st.sampled_from([(), ("tag:eq:VIP",), ("employee_count:gte:95", "name:starts:A")]),
    sort=st.sampled_from(["-last_seen_at", "name", "lookalike_rank"]),
)  # fmt: skip


def company_query_of(widgets):
    """As the page reads its widgets."""
    kept = {name.removeprefix("companies_"): value for name, value in widgets.items()}
    return CompanyQuery(
        q=kept["q"], statuses=tuple(kept["status"]), industries=tuple(kept["industry"]),
        countries=tuple(kept["country"]), least_quality=kept["quality"], known_by=kept["known"],
        visited=kept["visited"], filter=tuple(kept["conditions"]), sort=kept["sort"],
    )  # fmt: skip


@given(COMPANY_QUERIES)
def test_a_view_of_companies_brings_back_the_filters_that_it_was_made_of(query):
    assert company_query_of(company_views.VIEWS.widget_values(question_of(query))) == query


@pytest.mark.parametrize(("name", "question"), company_views.VIEWS.built_in)
def test_a_view_of_companies_that_comes_with_the_product_can_be_asked_and_lights_its_chip(name, question):
    asked = question_of(company_query_of(company_views.VIEWS.widget_values(question)))
    assert is_lit(question, asked), name
    parse_filters(question.get("filter", []), company_lists.TYPES)
    parse_sort(question.get("sort", ""), sortable(company_lists.FIELDS), company_lists.NEWEST)


def test_what_a_view_made_elsewhere_asks_is_asked_whatever_the_widgets_know():
    question = {"filter": ["status:in:unheard of", "country:in:DE", "country:in:FR", "quality:gte:11"]}
    values = company_views.VIEWS.widget_values(question)
    assert values["companies_conditions"] == ["country:in:FR", "quality:gte:11"]
    assert is_lit(question, question_of(company_query_of(values)))


def test_only_what_was_written_of_companies_is_sent():
    assert company_edits.values_of(" ", None, "") == {}
    assert company_edits.values_of("Software", 40, "de", add=["VIP"]) == {
        "add_tags": ["VIP"], "industry": "Software", "employee_count": 40, "country": "DE",
    }  # fmt: skip
