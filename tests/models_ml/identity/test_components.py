"""Components of small graphs, by hand."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models_ml.identity.components import ComponentReport, constrained_union, solve

DAWN = datetime(2026, 1, 1, tzinfo=UTC)
STAMP = pa.timestamp("us", tz="UTC")


def people(*edges: tuple, nodes: dict[str, int] | None = None) -> tuple[dict[str, str], ComponentReport]:
    """`edges` are (left, right, strength or verdict `different`, confidence); `nodes` the days they were first seen on."""
    found = [(*edge, "strong", 1.0)[:4] if len(edge) == 2 else (*edge, 1.0)[:4] for edge in edges]
    names = sorted({name for edge in found for name in edge[:2]} | set(nodes or {}))
    days = nodes or {}
    table = pa.table(
        {
            "organization_id": ["o"] * len(found),
            "left_node": [edge[0] for edge in found],
            "right_node": [edge[1] for edge in found],
            "verdict": ["different" if edge[2] == "different" else "same" for edge in found],
            "strength": ["weak" if edge[2] == "weak" else "strong" for edge in found],
            "confidence": [float(edge[3]) for edge in found],
            "edge_id": [f"e{number}" for number in range(len(found))],
            "observed_at": pa.array([DAWN] * len(found), STAMP),
        }
    )
    seen = pa.array([DAWN + timedelta(days=days.get(name, 0)) for name in names], STAMP)
    answer, report = solve(
        table, pa.table({"organization_id": ["o"] * len(names), "node": names, "first_seen_at": seen})
    )
    return dict(zip(answer["node"].to_pylist(), answer["person_id"].to_pylist(), strict=True)), report


def test_a_person_is_named_after_the_oldest_member():
    found, _ = people(("email:x", "contact:b"), nodes={"email:x": 2, "contact:b": 1})
    assert found == {"email:x": "contact:b", "contact:b": "contact:b"}


def test_a_browser_of_one_identity_belongs_to_it():
    found, _ = people(
        ("email:x", "contact:a"), ("anonymous:v", "email:x", "weak"), ("anonymous:v", "contact:a", "weak")
    )
    assert len(set(found.values())) == 1


def test_a_browser_of_two_identities_joins_neither():
    found, report = people(("anonymous:v", "contact:a", "weak"), ("anonymous:v", "contact:b", "weak"))
    assert len(set(found.values())) == 3
    assert report.ambiguous_node_count == 1


def test_a_browser_of_two_contacts_that_are_one_person_belongs_to_that_person():
    found, _ = people(
        ("contact:a", "contact:b"), ("anonymous:v", "contact:a", "weak"), ("anonymous:v", "contact:b", "weak")
    )
    assert len(set(found.values())) == 1


def test_a_browser_on_an_old_address_finds_the_contact_behind_it():
    found, _ = people(
        ("email:old", "contact:a", "weak"), ("anonymous:v", "email:old", "weak"), ("anonymous:v", "contact:a", "weak")
    )
    assert len(set(found.values())) == 1


def test_two_people_decided_to_be_different_stay_apart_whatever_joins_them():
    found, report = people(
        ("contact:a", "email:x", "strong", 1.0),
        ("contact:b", "email:x", "strong", 0.8),
        ("contact:a", "contact:b", "different"),
    )
    assert found["contact:a"] == found["email:x"] != found["contact:b"]
    assert report.refused_edge_count == 1


def test_an_edge_without_its_node_is_an_error():
    edges = pa.table(
        {
            "organization_id": ["o"], "left_node": ["a"], "right_node": ["b"], "verdict": ["same"],
            "strength": ["strong"], "confidence": [1.0], "edge_id": ["e"], "observed_at": pa.array([DAWN], STAMP),
        }
    )  # fmt: skip
    nodes = pa.table({"organization_id": ["o"], "node": ["a"], "first_seen_at": pa.array([DAWN], STAMP)})
    with pytest.raises(ValueError, match="does not have"):
        solve(edges, nodes)


NUMBERS = st.integers(0, 9)


@settings(deadline=None)  # a busy machine is no wrong answer
@given(
    st.lists(st.tuples(NUMBERS, NUMBERS)), st.lists(st.tuples(NUMBERS, NUMBERS).filter(lambda pair: pair[0] != pair[1]))
)
def test_constrained_union_never_joins_what_is_kept_apart(edges, apart):
    roots, refused = constrained_union(range(10), edges, apart)
    assert all(roots[a] != roots[b] for a, b in apart)
    assert refused == 0 or apart
    if not apart:
        assert all(roots[a] == roots[b] for a, b in edges)
