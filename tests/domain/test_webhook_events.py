"""When a webhook is tried again, and how its messages are signed."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.webhook_events import (
    GIVES_UP_AFTER,
    LONGEST_REST,
    RETRIES,
    DeliveryStatus,
    WebhookEvent,
    after_attempt,
    parse_events,
    read_secret,
    rest_after,
    signed_headers,
    write_secret,
)

AT = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOT_LONG = timedelta()


def test_the_signature_is_the_one_of_the_specification():
    """The example of Standard Webhooks 1.0: its secret, id, moment and body give its signature."""
    key = read_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    at = datetime.fromtimestamp(1614265330, UTC)
    headers = signed_headers("msg_p5jXN8AQM9LWM0D4loKWxJek", at, b'{"test": 2432232314}', [key])
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_while_two_secrets_hold_either_receiver_finds_its_own_signature():
    keys = [b"n" * 32, b"f" * 32]
    found = signed_headers("m", AT, b"{}", keys)["webhook-signature"].split(" ")
    content = f"m.{int(AT.timestamp())}.{{}}".encode()
    wanted = ["v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest()).decode() for key in keys]
    assert found == wanted


@pytest.mark.parametrize("text", ["", "whsec_", "whsec_!!", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_YQ=="])
def test_what_is_no_secret_is_refused(text):
    with pytest.raises(InvalidInput):
        read_secret(text)


@given(st.binary(min_size=24, max_size=64))
def test_a_secret_is_read_as_it_was_written(key):
    assert read_secret(write_secret(key)) == key


@given(st.integers(200, 299), st.integers(1, 50))
def test_every_2xx_is_delivered(status, attempts):
    verdict = after_attempt(attempts, status, failing_for=GIVES_UP_AFTER, chance=0.5)
    assert (verdict.status, verdict.again_in, verdict.switches_off) == (DeliveryStatus.DELIVERED, None, "")


@given(st.sampled_from([None, 301, 302, 400, 401, 404, 429, 500, 503]), st.floats(0, 1))
def test_everything_else_is_tried_ten_times_over_three_days(status, chance):
    verdicts = [after_attempt(n, status, failing_for=NOT_LONG, chance=chance) for n in range(1, len(RETRIES) + 2)]
    assert [verdict.status for verdict in verdicts[:-1]] == [DeliveryStatus.WAITING] * len(RETRIES)
    assert verdicts[-1].status is DeliveryStatus.FAILED
    delays = [verdict.again_in for verdict in verdicts[:-1]]
    assert delays == sorted(delays)
    assert timedelta(days=2.8) < sum(delays, timedelta()) < timedelta(days=3.5)


def test_a_receiver_says_how_long_to_wait_but_not_for_ever():
    waits = [
        after_attempt(1, 429, failing_for=NOT_LONG, chance=0, retry_after=asked).again_in for asked in (1, 90, 1e9)
    ]
    assert waits == [timedelta(seconds=5), timedelta(seconds=90), timedelta(hours=24)]


def test_one_that_is_gone_or_takes_nothing_for_five_days_is_switched_off():
    assert after_attempt(1, 410, failing_for=NOT_LONG, chance=0).switches_off == "the receiver said 410 Gone"
    assert after_attempt(1, 500, failing_for=GIVES_UP_AFTER, chance=0).switches_off
    assert not after_attempt(1, 500, failing_for=GIVES_UP_AFTER - timedelta(seconds=1), chance=0).switches_off


@given(st.integers(0, 10_000))
def test_a_rest_grows_and_has_an_end(failures):
    assert rest_after(failures) <= rest_after(failures + 1) <= LONGEST_REST


def test_events_are_kept_once_in_the_order_of_the_catalogue():
    assert parse_events(["deal.won", "lead.created", "deal.won"]) == (WebhookEvent.LEAD_CREATED, WebhookEvent.DEAL_WON)
    with pytest.raises(InvalidInput, match="no event"):
        parse_events(["deal.gone"])
    with pytest.raises(InvalidInput, match="without events"):
        parse_events([])
