"""Colours that somebody chose can be read in light and dark, whatever they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.brands import DARK_PAGE, LIGHT_PAGE, READABLE, Colour, contrast, host_of, readable_on
from domain.errors import InvalidInput

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("#000000", "#ffffff", 21.0),
        ("#ffffff", "#ffffff", 1.0),
        ("#777777", "#ffffff", 4.48),
        ("#767676", "#ffffff", 4.54),
    ],
)
def test_contrast_is_as_wcag_counts_it(one, other, expected):
    assert contrast(one, other) == contrast(other, one) == pytest.approx(expected, abs=0.005)


@given(COLOURS)
def test_any_colour_is_readable_on_both_pages_and_words_on_it_too(colour):
    shades = Colour.parse(colour).shades()
    assert contrast(shades.light, LIGHT_PAGE) >= READABLE
    assert contrast(shades.dark, DARK_PAGE) >= READABLE
    assert contrast(shades.on_light, shades.light) >= READABLE
    assert contrast(shades.on_dark, shades.dark) >= READABLE


@given(COLOURS, st.sampled_from([LIGHT_PAGE, DARK_PAGE]))
def test_a_colour_that_can_be_read_is_left_alone(colour, page):
    assert (readable_on(colour, page) == colour) == (contrast(colour, page) >= READABLE)


def test_a_colour_has_one_spelling():
    assert Colour.parse(" #ABC ") == Colour.parse("aabbcc") == Colour("#aabbcc")
    for wrong in ("", "red", "#12345", "#1234567", "rgb(0,0,0)", "#ggg", "#fff;}body{display:none"):
        with pytest.raises(InvalidInput):
            Colour.parse(wrong)


def test_a_host_has_one_spelling():
    assert host_of(" https://Leads.Example.com/ ") == "leads.example.com"
    for wrong in (
        "",
        "localhost",
        "10.0.0.1",
        "a b.example",
        "-a.example",
        "leads.example.com/path",
        "a..example",
        "x" * 64 + ".com",
    ):
        with pytest.raises(InvalidInput):
            host_of(wrong)
