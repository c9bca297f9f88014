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
    # browsers that phones, messengers, televisions and consoles bring along
    "Mozilla/5.0 (Linux; Android 14; SAMSUNG SM-S928B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/25.0 Chrome/121.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (Linux; U; Android 13; en-US; RMX3710 Build/TP1A.220905.001) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.58 UCBrowser/13.6.0.1315 Mobile Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/21E219 [FBAN/FBIOS;FBAV/454.0.0.38.108;FBBV/576839303]",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 17_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 LinkedInApp/9.29.4966",
    "Mozilla/5.0 (Linux; Android 12; M2101K6G; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/118.0.0.0 Mobile Safari/537.36 Instagram 305.0.0.34.110 Android",
    "Mozilla/5.0 (Linux; Android 10; ELE-AL00; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/86.0.4240.99 XWEB/4313 MMWEBSDK/20220805 Mobile Safari/537.36 MMWEBID/9903 MicroMessenger/8.0.27.2220",
    "Mozilla/5.0 (Linux; Android 6.0; VR BOT 552) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/72.0.3626.121 Mobile Safari/537.36",
    "Mozilla/5.0 (SMART-TV; LINUX; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36",
    "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.128 Safari/537.36 WebAppManager",
    "Opera/9.80 (Linux armv7l; HbbTV/1.2.1 (; Philips; 40HFL5010T12; ; PHILIPSTV; CE-HTML/1.0)) Presto/2.12.407 Version/12.50",
    "Mozilla/5.0 (PlayStation; PlayStation 5/7.20) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/15.4 Safari/605.1.15",
    "Mozilla/5.0 (Nintendo Switch; WifiWebAuthApplet) AppleWebKit/609.4 (KHTML, like Gecko) NF/6.0.2.21.3 NintendoBrowser/5.1.0.22474",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox Series X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/113.0.0.0 Safari/537.36 Edge/44.18363.8131",
    "Opera/9.80 (Android; Opera Mini/36.2.2254/119.132; U; id) Presto/2.12.423 Version/12.16",
    "Nokia6120c/3.83; Profile/MIDP-2.0 Configuration/CLDC-1.1",
    "Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; IEMobile/10.0; ARM; Touch; NOKIA; Lumia 920)",
    "Mozilla/5.0 (compatible; Konqueror/4.5; FreeBSD) KHTML/4.5.4 (like Gecko)",
    "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/125.0.0.0 Safari/537.36",
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
    (
        "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Novel-Reader; +https://novel.example/about) Chrome/135.0.0.0 Safari/537.36",
        "declared_bot",
    ),
    ("Mozilla/5.0 (compatible; Never Heard Of/1.0)", "declared_bot"),
    ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; CONTACT; study@lab.example) Chrome/58.0.3029.110", "declared_bot"),
    ("SomeCorp Event API", "not_a_browser"),
    ("nobody-knows-it/1.2.2", "not_a_browser"),
    ("Mozilla/5.0 (Windows NT 6.3; WOW64; Trident/7.0; rv:11.0; Catchpoint) like Gecko", "known_bot"),
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
