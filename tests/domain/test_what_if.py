"""Facts changed to see what the score would be."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.what_if import changed_facts, checked


def test_changes_are_read_in_the_type_of_their_fact():
    asked = {"title": " CEO ", "country": "de", "sessions_7d": 3, "company_industry": "", "days_since_last_visit": 2}
    assert checked(asked) == {
        "title": "CEO", "country": "DE", "sessions_7d": 3, "company_industry": None, "days_since_last_visit": 2.0,
    }  # fmt: skip


@pytest.mark.parametrize(
    "changes",
    [
        {"email": "a@b.example"},
        {"country": "Germany"},
        {"sessions_7d": -1},
        {"sessions_7d": 1.5},
        {"sessions_7d": True},
        {"replies_30d": "many"},
        {"replies_30d": float("nan")},
        {"title": "x" * 201},
    ],
)
def test_what_is_no_change_is_refused(changes):
    with pytest.raises(InvalidInput):
        checked(changes)


def test_what_follows_from_a_change_is_changed_too_and_the_rest_stays():
    facts = {
        "title": None,
        "has_title": False,
        "has_company": False,
        "sessions_30d": 1,
        "sessions_7d": 0,
        "plan": "pro",
    }
    found = changed_facts(facts, {"title": "CEO", "company_employee_count": 50, "sessions_7d": 4})
    assert found == {
        **facts, "title": "CEO", "has_title": True, "has_company": True, "company_employee_count": 50, "sessions_7d": 4,
        "sessions_30d": 4, "page_views_30d": 4, "days_since_last_visit": 0.0,
    }  # fmt: skip
    assert changed_facts(facts, {}) == facts


counts = st.dictionaries(
    st.sampled_from(["sessions_7d", "sessions_30d", "page_views_30d", "pricing_views_30d"]), st.integers(0, 50)
)


@given(counts, counts.filter(bool))
def test_a_part_is_never_more_than_its_whole(facts, changes):
    found = changed_facts(facts, changes)
    assert (found.get("sessions_7d") or 0) <= (found.get("sessions_30d") or 0) <= (found.get("page_views_30d") or 0)
    assert (found.get("pricing_views_30d") or 0) <= (found.get("page_views_30d") or 0)
