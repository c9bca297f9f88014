"""Filters to a saved question and back into the widgets, and what a bulk edit sends and tells. No browser."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.api_client import ContactQuery
from app.bulk_edit import LEAVE, NOBODY, matching_ids, told, values_of
from app.saved_views import BUILT_IN, HAS_EMAIL, IS_WORKED, is_lit, question_of, widget_values

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
    assert query_of(widget_values(question_of(query))) == query


def test_a_view_of_former_days_is_read_as_a_condition_and_lights_its_chip():
    question = {"attribute": ["url:https://x.example"], "stage": ["lead"]}
    assert widget_values(question)["leads_conditions"] == ["custom.url:eq:https://x.example"]
    assert is_lit(question, question_of(query_of(widget_values(question)), ["Score"]))
    assert not is_lit(question, {"stage": ["lead"]})


@pytest.mark.parametrize(("name", "question"), BUILT_IN)
def test_a_view_that_comes_with_the_product_lights_its_own_chip(name, question):
    assert question_of(query_of(widget_values(question))) == question, name


def test_only_what_was_chosen_is_sent():
    assert values_of(LEAVE, LEAVE, None, "x") == {}
    assert values_of("mql", NOBODY, "tier", " A ") == {
        "lifecycle_stage": "mql", "owner_user_id": None, "attributes": {"tier": "A"},
    }  # fmt: skip
    assert values_of(LEAVE, "u1", "tier", " ") == {"owner_user_id": "u1", "attributes": {"tier": None}}


def test_what_came_of_it_is_told_in_one_line():
    assert (
        told(["changed", "unchanged", "changed", "not_found"]) == "2 leads changed, 1 as they were, 1 not here any more"
    )
    assert told(["changed"]) == "1 lead changed"


class Pages:
    """A list of so many leads, a page at a time."""

    def __init__(self, count: int) -> None:
        self.count = count

    def contacts(self, _query, *, limit, cursor, with_total):
        first = int(cursor or 0)
        last = min(self.count, first + limit)
        items = [{"contact_id": str(number)} for number in range(first, last)]
        return {"items": items, "next_cursor": str(last) if last < self.count else None}


@pytest.mark.parametrize(("count", "found"), [(0, 0), (3, 3), (200, 200), (700, 500)])
def test_all_that_match_are_gathered_up_to_what_one_edit_takes(count, found):
    ids = matching_ids(Pages(count), ContactQuery())
    assert ids == [str(number) for number in range(found)]
