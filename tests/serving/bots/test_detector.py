"""Programs are told from people, with the reason."""

from __future__ import annotations

import pytest

from domain.networks import NetworkType
from serving.bots.detector import bot_reasons
from serving.capture.visitors import describe
from tests.factories.events import CHROME

PEOPLE = [
    CHROME,
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Mobile/15E148 Safari/604.1",
    "Mozilla/5.0 (Linux; Android 13; CUBOT P80) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64; rv:130.0) Gecko/20100101 Firefox/130.0",
]
PROGRAMS = [
    ("Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)", "known_bot"),
    ("Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)", "known_bot"),
    ("curl/8.5.0", "automation"),
    ("python-requests/2.32.0", "automation"),
    (
        "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/126.0.0.0 Safari/537.36",
        "headless",
    ),
    ("Mozilla/5.0 (Windows NT 10.0) Mimecast URL Protection", "security_scanner"),
    ("Barracuda Sentinel (EE)", "security_scanner"),
    ("", "empty_user_agent"),
    ("   ", "empty_user_agent"),
]


@pytest.mark.parametrize("user_agent", PEOPLE)
def test_people_are_not_flagged(user_agent):
    assert bot_reasons(user_agent, "", NetworkType.ISP) == ()


@pytest.mark.parametrize(("user_agent", "reason"), PROGRAMS)
def test_programs_are_flagged_with_a_reason(user_agent, reason):
    assert reason in bot_reasons(user_agent, "", NetworkType.ISP)


def test_a_rented_server_is_a_reason_of_its_own():
    assert bot_reasons(CHROME, "", NetworkType.HOSTING) == ("datacentre_network",)


def test_client_hints_give_a_headless_browser_away():
    assert bot_reasons(CHROME, '"HeadlessChrome";v="126"', None) == ("headless",)


@pytest.mark.parametrize(
    ("user_agent", "browser", "device"),
    [
        (PEOPLE[0], "Chrome 126", "desktop"),
        (PEOPLE[2], "Mobile Safari 17", "mobile"),
        (PEOPLE[3], "Chrome Mobile 125", "mobile"),
        (PROGRAMS[0][0], "Googlebot 2", "bot"),
    ],
)
def test_browser_and_device_are_named(user_agent, browser, device):
    seen = describe(user_agent, "", None)
    assert (seen["browser"], seen["device_type"]) == (browser, device)


def test_a_user_agent_of_any_length_and_bytes_is_described():
    assert describe("\x00\xff" * 5_000, "\x7f", None)["is_bot"] in {True, False}
