"""What a failed job does next."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.jobs import LONGEST_DELAY, after_failure


def test_an_error_that_will_not_pass_is_not_tried_again():
    verdict = after_failure(1, max_attempts=8, retryable=False, chance=0.0)
    assert (verdict.again, verdict.reason) == (False, "not_retryable")


def test_attempts_end():
    assert after_failure(7, max_attempts=8, retryable=True, chance=0.0).again
    assert after_failure(8, max_attempts=8, retryable=True, chance=0.0).reason == "attempts_exhausted"


def test_delays_double():
    delays = [after_failure(n, max_attempts=99, retryable=True, chance=0.0).delay.total_seconds() for n in range(1, 6)]
    assert delays == [2, 4, 8, 16, 32]


def test_a_provider_that_says_when_is_believed():
    assert after_failure(1, max_attempts=8, retryable=True, chance=0.0, retry_after=90).delay == timedelta(seconds=90)


@given(attempts=st.integers(1, 10_000), chance=st.floats(0, 1))
def test_a_delay_is_never_longer_than_the_longest_nor_shorter_than_half(attempts, chance):
    delay = after_failure(attempts, max_attempts=20_000, retryable=True, chance=chance).delay
    full = after_failure(attempts, max_attempts=20_000, retryable=True, chance=0.0).delay
    assert full / 2 <= delay <= full <= LONGEST_DELAY
