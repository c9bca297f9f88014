"""What a request tells of itself: lists of crawlers, words that browsers do not use, and where it comes from."""

from __future__ import annotations

import re
from functools import lru_cache

from crawlerdetect import CrawlerDetect

from domain.networks import NetworkType
from serving.bots import user_agents

KNOWN_BOT = "known_bot"
DECLARED_BOT = "declared_bot"
"""It names its owner's page or mailbox, or calls itself compatible with nothing."""
NOT_A_BROWSER = "not_a_browser"
"""It lacks what every browser's has: an engine, or the opening that sites ask for."""
EMPTY_USER_AGENT = "empty_user_agent"
HEADLESS = "headless"
AUTOMATION = "automation"
SECURITY_SCANNER = "security_scanner"
DATACENTRE_NETWORK = "datacentre_network"
WEBDRIVER = "webdriver"
"""The page said that it is driven (`navigator.webdriver`)."""

TRAP_VISITED = "trap_visited"
"""It asked for a page that no person is shown (`domain.page_urls.TRAP`)."""

_HEADLESS = re.compile(r"headless|phantomjs|slimerjs|jsdom|splash/|htmlunit", re.IGNORECASE)
_AUTOMATION = re.compile(
    r"selenium|webdriver|puppeteer|playwright|cypress|lighthouse|pagespeed|gtmetrix|pingdom|uptime|statuscake|site24x7|datadog"
    r"|^(?:curl|wget|python|java|go-http|okhttp|axios|node|ruby|perl|php|libwww|httpie|postman|insomnia|apache-httpclient)",
    re.IGNORECASE,
)
_SCANNER = re.compile(
    r"mimecast|barracuda|proofpoint|safelinks|urldefense|symantec|trendmicro|forcepoint|cloudmark", re.IGNORECASE
)


@lru_cache(maxsize=8192)
def user_agent_reasons(user_agent: str, client_hints: str = "") -> tuple[str, ...]:
    """Why this user agent is a program's, in order of certainty; empty for a browser's. About 300 µs when new."""
    if not user_agent.strip():
        return (EMPTY_USER_AGENT,)
    reasons = []
    said = user_agents.DEVICE.sub("", user_agent)
    if user_agents.NAMED.search(user_agent) or _is_listed(said):
        reasons.append(KNOWN_BOT)
    if user_agents.CALLED_COMPATIBLE.search(said) or user_agents.OWNER.search(said):
        reasons.append(DECLARED_BOT)
    if not user_agents.BROWSER.search(user_agent):
        reasons.append(NOT_A_BROWSER)
    if _HEADLESS.search(user_agent) or _HEADLESS.search(client_hints):
        reasons.append(HEADLESS)
    if _AUTOMATION.search(user_agent):
        reasons.append(AUTOMATION)
    if _SCANNER.search(user_agent):
        reasons.append(SECURITY_SCANNER)
    return tuple(reasons)


def _is_listed(user_agent: str) -> bool:
    return bool(user_agent.strip()) and CrawlerDetect(user_agent=user_agent).is_crawler()


def bot_reasons(user_agent: str, client_hints: str, network: NetworkType | None) -> tuple[str, ...]:
    """All that speaks for a program. A person behind a rented server (`hosting`) is flagged too: the reason says so."""
    reasons = user_agent_reasons(user_agent, client_hints)
    return (*reasons, DATACENTRE_NETWORK) if network is NetworkType.HOSTING else reasons
