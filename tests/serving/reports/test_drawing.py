"""Charts are counted out into shapes that lie inside their picture."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from domain.reports.pieces import Bar, Bars, Line, Lines
from serving.reports.drawing import WIDTH, draw_bars, draw_lines, spark, ticks

NUMBERS = st.floats(0, 1e9)


@given(NUMBERS)
@settings(max_examples=60)
def test_an_axis_ends_above_the_largest_value_in_few_round_steps(top):
    steps = ticks(top)
    assert steps[0] == 0
    assert steps[-1] >= top
    assert 2 <= len(steps) <= 6


@given(st.lists(NUMBERS, max_size=40))
@settings(max_examples=40)
def test_lines_stay_inside_their_picture(values):
    names = tuple(str(number) for number in range(len(values)))
    picture = draw_lines(Lines("", "", names, (Line("Leads", tuple(values)),)))
    for point in picture.lines[0].points.split():
        across, up = map(float, point.split(","))
        assert picture.left <= across <= picture.right
        assert 0 <= up <= picture.bottom


def test_bars_are_as_long_as_they_are_large_and_leave_room_for_their_words():
    picture = draw_bars(Bars("", "", (Bar("A", 10.0, "10"), Bar("B", 5.0, "5"), Bar("C" * 40, 0.0, "0"))))
    first, second, last = picture.bars
    assert second.width == first.width / 2
    assert first.words_x < WIDTH
    assert len(last.name) < 30


def test_a_line_of_one_day_is_not_drawn():
    assert spark([3.0]) == ""
    assert draw_lines(Lines("", "", (), ())).lines == ()
