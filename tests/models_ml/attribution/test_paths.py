"""Paths from anybody's data, what is refused, and the ways to shorten them."""

from __future__ import annotations

import pytest

from domain.errors import InvalidInput
from models_ml.attribution.paths import Paths, last_steps, transformed


def words(paths: Paths) -> list[str]:
    return [
        "".join(paths.channels[step] for step in paths.steps[start:end])
        for start, end in zip(paths.offsets, paths.offsets[1:], strict=False)
    ]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("unique", "DABBCDCC"),
        ("exposure", "DABCDC"),
        ("remove_consecutive_duplicates", "DABCDC"),
        ("first", "DABC"),
        ("last", "ABDC"),
        ("remove_direct", "ABBCCC"),
    ],
)
def test_a_transform_shortens_each_path_by_itself(name, expected):
    paths = Paths.of([("DABBCDCC", 1, 1, 0), ("DD", 1, 1, 0), ("C", 1, 1, 0)])
    first, second, third = words(transformed(paths, name, direct="D"))
    assert first == expected
    assert second == ("DD" if name in {"unique", "remove_direct"} else "D")
    assert third == "C"


def test_transforms_follow_one_another():
    paths = Paths.of([("DABBDB", 1, 1, 0)])
    assert words(transformed(paths, "remove_direct", "exposure", direct="D")) == ["AB"]


def test_a_look_back_in_steps_keeps_the_last_ones():
    assert words(last_steps(Paths.of([("ABCD", 1, 1, 0), ("E", 1, 1, 0)]), 2)) == ["CD", "E"]


def test_text_and_lists_are_the_same_paths():
    text = Paths.of_text(["Paid Search >Direct", "Direct"], [2, 0], None, [1, 4])
    lists = Paths.of([(["Paid Search", "Direct"], 2, 2, 1), (["Direct"], 0, 0, 4)])
    assert text.channels == lists.channels == ("Direct", "Paid Search")
    assert text.steps.tolist() == lists.steps.tolist()
    assert (text.values.tolist(), text.nulls.tolist()) == ([2, 0], [1, 4])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([], "at least one path"),
        ([(["A"], 1, 1, 0), ([], 1, 1, 0)], "path 2 has a step without a channel"),
        ([(["A", " "], 1, 1, 0)], "path 1 has a step without a channel"),
        ([(["A"], 1, 1, 0), (["A", None], 1, 1, 0)], "path 2 has a step without a channel"),
        ([(["A"], -1, 1, 0)], "conversions of path 1"),
        ([(["A"], 1, 1, 0), (["A"], 1, float("nan"), 0)], "values of path 2"),
        ([(["A"], 1, 1, float("inf"))], "nulls of path 1"),
    ],
)
def test_what_is_no_path_is_refused_in_words(rows, words):
    with pytest.raises(InvalidInput, match=words):
        Paths.of(rows)


def test_what_there_is_not_is_refused_by_name():
    paths = Paths.of([("A", 1, 1, 0)])
    with pytest.raises(InvalidInput, match="no path transform 'shuffle'; there are unique, exposure"):
        transformed(paths, "shuffle")
    with pytest.raises(InvalidInput, match="at least one step"):
        last_steps(paths, 0)
    with pytest.raises(InvalidInput, match="one number a path"):
        Paths.of_text(["A", "B"], [1])
