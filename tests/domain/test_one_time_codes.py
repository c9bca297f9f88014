"""Codes of an authenticator, by the vectors of the RFCs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.one_time_codes import DRIFT, STEP_SECONDS, address_of, code_at, matching_step, step_at

SECRET = b"12345678901234567890"
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
     (2000000000, "69279037"), (20000000000, "65353130")],
)  # fmt: skip
def test_codes_are_those_of_rfc_6238_appendix_b(seconds, code):
    step = step_at(datetime.fromtimestamp(seconds, UTC))
    assert code_at(SECRET, step, digits=8) == code
    assert code_at(SECRET, step) == code[2:]


@pytest.mark.parametrize(("counter", "code"), enumerate(["755224", "287082", "359152", "969429", "338314"]))
def test_codes_are_those_of_rfc_4226_appendix_d(counter, code):
    assert code_at(SECRET, counter) == code


@given(st.binary(min_size=20, max_size=20), st.integers(-4 * STEP_SECONDS, 4 * STEP_SECONDS))
def test_a_code_counts_within_one_step_of_its_time(secret, seconds_off):
    step = step_at(NOW)
    found = matching_step(secret, code_at(secret, step), NOW + timedelta(seconds=seconds_off), after=0)
    is_near = abs(step_at(NOW + timedelta(seconds=seconds_off)) - step) <= DRIFT
    assert (found is not None) == is_near or code_at(secret, found) == code_at(secret, step)


def test_a_code_that_was_used_and_all_before_it_are_refused():
    step = step_at(NOW)
    assert matching_step(SECRET, code_at(SECRET, step), NOW, after=step - 1) == step
    assert matching_step(SECRET, code_at(SECRET, step), NOW, after=step) is None
    assert matching_step(SECRET, code_at(SECRET, step - 1), NOW, after=step) is None
    assert matching_step(SECRET, code_at(SECRET, step + 1), NOW, after=step) == step + 1


@pytest.mark.parametrize("typed", ["", "abc", "12345", "é23456", "1" * 400])
def test_nonsense_is_no_code(typed):
    assert matching_step(SECRET, typed, NOW, after=0) is None


def test_spaces_are_how_authenticators_show_a_code():
    code = code_at(SECRET, step_at(NOW))
    assert matching_step(SECRET, f" {code[:3]} {code[3:]} ", NOW, after=0) == step_at(NOW)


def test_the_address_says_whose_secret_it_is():
    assert address_of(SECRET, "ada@agency.example") == (
        "otpauth://totp/Leadhouse:ada%40agency.example"
        "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=Leadhouse&digits=6&period=30"
    )
