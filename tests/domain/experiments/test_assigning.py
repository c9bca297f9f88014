"""Who gets which variant."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest
from scipy.stats import chisquare

from domain.errors import InvalidInput
from domain.experiments.assigning import Design, Variant, assign

DESIGN = Design("hero-2026", (Variant("now"), Variant("shorter"), Variant("bold", weight=2)))
UNITS = [f"company-{number}" for number in range(20_000)]


def _counts(design):
    return Counter(assign(design, unit).variant for unit in UNITS)


def test_units_come_to_variants_by_their_weights():
    counts = _counts(DESIGN)
    seen = [counts[key] for key in ("now", "shorter", "bold")]
    assert chisquare(seen, [5_000, 5_000, 10_000]).pvalue > 0.001


def test_a_unit_gets_the_same_variant_however_often_it_is_asked_and_another_salt_deals_anew():
    again = replace(DESIGN, salt="hero-2027")
    first = [assign(DESIGN, unit).variant for unit in UNITS]
    assert first == [assign(DESIGN, unit).variant for unit in UNITS]
    same = sum(one == assign(again, unit).variant for one, unit in zip(first, UNITS, strict=True))
    assert same / len(UNITS) == pytest.approx(0.25**2 * 2 + 0.5**2, abs=0.02)


def test_the_deal_is_pinned_so_that_a_new_version_of_the_product_moves_nobody():
    design = Design("pinned", (Variant("a"), Variant("b")))
    dealt = "".join(str(assign(design, f"u{number}").variant) for number in range(24))
    assert dealt == "bbabbbbbaaababbaabbaabaa"


def test_what_was_dealt_stays_when_weights_change_or_the_arm_is_switched_off():
    off = replace(DESIGN, variants=(Variant("now", is_enabled=False), Variant("shorter"), Variant("bold")))
    assert assign(off, "company-1", held="now").variant == "now"
    assert _counts(off)["now"] == 0


def test_a_variant_that_is_no_more_is_dealt_anew():
    assert assign(DESIGN, "company-1", held="of last year").reason == "dealt"


def test_a_holdout_is_the_same_for_all_experiments_of_its_salt_and_no_part_of_any():
    designs = [replace(DESIGN, salt=salt, holdout=0.1, holdout_salt="org") for salt in ("one", "two")]
    held_out = [{unit for unit in UNITS if assign(each, unit).reason == "held_out"} for each in designs]
    assert held_out[0] == held_out[1]
    assert len(held_out[0]) / len(UNITS) == pytest.approx(0.1, abs=0.01)


def test_nobody_is_in_two_experiments_of_a_layer():
    low, high = (
        replace(DESIGN, salt=salt, layer="home", layer_part=part)
        for salt, part in (("one", (0.0, 0.4)), ("two", (0.4, 1.0)))
    )
    inside = [{unit for unit in UNITS if assign(each, unit).variant} for each in (low, high)]
    assert not inside[0] & inside[1]
    assert len(inside[0] | inside[1]) == len(UNITS)


def test_traffic_keeps_the_rest_out_and_exclusions_come_first():
    some = replace(DESIGN, traffic=0.25)
    assert _counts(some)[None] / len(UNITS) == pytest.approx(0.75, abs=0.02)
    assert assign(some, "company-1", is_excluded=True).reason == "excluded"


@pytest.mark.parametrize(
    "changes",
    [
        {"salt": ""},
        {"variants": (Variant("alone"),)},
        {"variants": (Variant("a"), Variant("a"))},
        {"variants": (Variant("a", 0), Variant("b", is_enabled=False))},
        {"variants": (Variant("a", -1), Variant("b"))},
        {"traffic": 1.5},
        {"layer_part": (0.5, 0.5)},
    ],
)
def test_a_design_that_cannot_be_dealt_is_refused(changes):
    with pytest.raises(InvalidInput):
        replace(DESIGN, **changes)
