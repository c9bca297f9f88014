"""Flows of paths: nothing runs backwards, and every conversion arrives."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.path_flows import OTHER, collapsed, flows

paths = st.lists(
    st.tuples(st.lists(st.sampled_from("ABCDEFGHI"), min_size=1, max_size=8).map(" > ".join), st.integers(1, 9)),
    min_size=1,
    max_size=9,
)


def test_the_same_channel_in_a_row_is_drawn_once():
    assert collapsed("A > A > B > A > A") == ["A", "B", "A"]


def test_the_least_used_channels_are_drawn_as_one():
    _, names = flows([("A > B", 5), ("C", 1), ("D", 1)], "Lead", most_channels=2)
    assert set(names.values()) == {"A", "B", OTHER, "Lead"}


@given(paths)
def test_every_conversion_arrives_and_no_flow_runs_backwards(found):
    links, names = flows(found, "Lead")
    assert sum(count for _, target, count in links if target == "Lead") == sum(count for _, count in found)
    assert all(
        target == "Lead" or int(source.split("|")[0]) == int(target.split("|")[0]) + 1 for source, target, _ in links
    )
    assert {key for source, target, _ in links for key in (source, target)} == set(names)
