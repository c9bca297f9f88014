"""What a new model must show before it takes over."""

from __future__ import annotations

from domain.promotion import Contest, Promotion, decide

FINE = {
    "rarer_outcomes": 500,
    "least_outcomes": 50,
    "calibration_error": 0.01,
    "allowed_error": 0.035,
    "contest": None,
}


def test_the_first_model_that_passes_takes_over():
    assert decide(**FINE).is_promoted


def test_a_difference_within_its_error_is_not_worse():
    assert decide(**FINE | {"contest": Contest("old-1", 0.80, -0.009, 0.01)}).is_promoted
    found = decide(**FINE | {"contest": Contest("old-1", 0.80, -0.011, 0.01)})
    assert not found.is_promoted
    assert "AUC -0.011 ± 0.010 against old-1" in found.reason


def test_a_model_in_use_that_learned_from_a_leak_is_out_however_well_it_ranks():
    contest = Contest("old-1", 0.95, -0.2, 0.01, "it learned from Deal Amount.")
    assert decide(**FINE | {"contest": contest}).is_promoted


def test_a_measured_error_above_what_is_allowed_blocks_and_says_so():
    assert decide(**FINE | {"calibration_error": 0.035}).is_promoted
    found = decide(**FINE | {"calibration_error": 0.036})
    assert not found.is_promoted
    assert "0.036 on unseen leads; 0.035 is allowed" in found.reason


def test_every_unmet_gate_is_said():
    found = decide(**FINE | {"rarer_outcomes": 10, "pinned": "mara keeps old-1 in use: we know it"})
    assert [gate.name for gate in found.gates if not gate.is_met] == ["enough_outcomes", "not_pinned"]
    assert "10 leads of the rarer outcome" in found.reason
    assert Promotion.of(found.as_dict()) == found
