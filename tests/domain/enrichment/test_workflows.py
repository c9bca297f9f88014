"""Workflows as documents: read back as they were written, with every fault named at its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.enrichment.fields import FIELDS, Subject
from domain.enrichment.workflows import parse_workflow, written
from domain.errors import InvalidInput

NAMES = st.from_regex(r"\A[a-z][a-z0-9_-]{0,10}\Z")
CHOICES = NAMES | st.fixed_dictionaries(
    {"provider": NAMES},
    optional={"minimum_confidence": st.floats(0, 1), "when": st.just(["country:eq:DE"])},
)


@st.composite
def documents(draw):
    fields = draw(st.lists(st.sampled_from(sorted(FIELDS[Subject.COMPANY])), min_size=1, max_size=4, unique=True))
    chain = st.lists(
        CHOICES, min_size=1, max_size=3, unique_by=lambda one: one if isinstance(one, str) else one["provider"]
    )
    return {
        "name": draw(st.text(min_size=1, max_size=20)),
        "subject": "company",
        "ceilings": draw(st.fixed_dictionaries({}, optional={"per_row": st.decimals(0, 10, places=3).map(float)})),
        "fields": [{"field": name, "providers": draw(chain)} for name in fields],
    }


@given(raw=documents())
def test_what_is_written_is_read_back_as_the_same(raw):
    read = parse_workflow(raw)
    assert parse_workflow(written(read)) == read
    assert written(parse_workflow(written(read))) == written(read)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"subject": "person"}, "subject"),
        ({"feilds": []}, "feilds"),
        ({"fields": [{"field": "x", "providers": ["a"]}]}, "no field 'x' of a company"),
        ({"fields": [{"field": "name", "providers": ["a", "a"]}]}, "name asks 'a' twice"),
        ({"fields": [{"field": "name", "providers": ["a"]}] * 2}, "'name' stands there twice"),
        ({"when": ["size:eq:1"]}, "is no filter"),
        ({"ceilings": {"per_row": -1}}, "ceilings.per_row"),
        ({"fields": [{"field": "name", "providers": [{"provider": "A B"}]}]}, "fields[0] (name).providers[0]"),
    ],
)
def test_a_fault_is_named_where_it_is(change, words):
    with pytest.raises(InvalidInput) as refused:
        parse_workflow({"name": "w", "subject": "company", "fields": [{"field": "name", "providers": ["a"]}], **change})
    assert words in refused.value.message
