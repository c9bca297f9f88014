"""What the server sees of a visitor, worked out once for each user agent and address and kept as ready JSON."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any

import msgspec
import ua_parser

from domain.networks import Network
from serving.bots.detector import TRAP_VISITED, WEBDRIVER, bot_reasons
from serving.network.resolver import NetworkResolver

MOST_KEPT = 20_000
"""Visitors kept in memory, about 2 kB each; the least recently seen goes first. Full addresses live here only."""

DEVICE_TYPES = (("iPad", "tablet"), ("Tablet", "tablet"), ("Mobi", "mobile"), ("iPhone", "mobile"), ("TV", "tv"))


class Visitor:
    """One user agent at one address. `context(...)` is the JSON stored with an event; what is unknown is left out."""

    __slots__ = ("_contexts", "_seen", "is_bot")

    def __init__(self, seen: dict[str, Any]) -> None:
        self._seen = seen
        self._contexts: dict[tuple[bool, bool, bool], str] = {}
        self.is_bot: bool = seen["is_bot"]

    def context(self, described: bool, driven: bool, trapped: bool = False) -> str:
        """`described`: consent allows the truncated network and the whole user agent. `driven`: navigator.webdriver.
        `trapped`: the event is of a page that no person is shown."""
        found = self._contexts.get((described, driven, trapped))
        if found is None:
            found = self._contexts[described, driven, trapped] = self._write(described, driven, trapped)
        return found

    def _write(self, described: bool, driven: bool, trapped: bool) -> str:
        seen = dict(self._seen)
        if not described:
            seen |= {"user_agent": None, "client_hints": None, "ip_network": None}
        more = [reason for reason, holds in ((WEBDRIVER, driven), (TRAP_VISITED, trapped)) if holds]
        if more:
            seen |= {"is_bot": True, "bot_reasons": [*seen["bot_reasons"], *more]}
        return msgspec.json.encode({name: value for name, value in seen.items() if value is not None}).decode()


class Visitors:
    """The visitors of a process. Used on the event loop only."""

    def __init__(self, networks: NetworkResolver) -> None:
        self._networks = networks
        self._kept: OrderedDict[tuple[bytes, str, bytes], Visitor] = OrderedDict()

    def warm_up(self) -> None:
        """Loads the lists of browsers and crawlers, which takes a second, before the first visitor waits for it."""
        describe("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/120.0.0.0 Safari/537.36", "", None)

    def get(self, user_agent: bytes, address: str, client_hints: bytes) -> Visitor:
        """About 0.4 ms for a new user agent, 20 µs for a new address, 0.3 µs for a visitor seen before."""
        key = user_agent, address, client_hints
        found = self._kept.get(key)
        if found is not None:
            self._kept.move_to_end(key)
            return found
        found = Visitor(
            describe(user_agent.decode("latin-1"), client_hints.decode("latin-1"), self._networks.resolve(address))
        )
        self._kept[key] = found
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return found


def describe(user_agent: str, client_hints: str, network: Network | None) -> dict[str, Any]:
    """The context of an event: what it came with and where it came from."""
    user_agent = user_agent[:1000]
    parsed = ua_parser.parse(user_agent)
    reasons = bot_reasons(user_agent, client_hints, network.type if network else None)
    browser, system = parsed.user_agent, parsed.os
    return {
        "user_agent": user_agent,
        "client_hints": client_hints[:300] or None,
        "browser": " ".join(filter(None, [browser.family, browser.major])) if browser else None,
        "os": " ".join(filter(None, [system.family, system.major])) if system else None,
        "device_type": _device_type(user_agent, is_bot=bool(reasons)),
        "ip_network": network.prefix if network else None,
        "asn": network.asn if network else None,
        "network_owner": (network.owner or None) if network else None,
        "network_type": network.type if network else None,
        "company_domain": (network.company_domain or None) if network else None,
        "company_name": (network.company_name or None) if network else None,
        "company_confidence": network.confidence if network else None,
        "country": (network.country or None) if network else None,
        "is_bot": bool(reasons),
        "bot_reasons": list(reasons),
    }


def _device_type(user_agent: str, *, is_bot: bool) -> str:
    if is_bot:
        return "bot"
    if "Android" in user_agent and "Mobile" not in user_agent:
        return "tablet"
    return next((kind for word, kind in DEVICE_TYPES if word in user_agent), "desktop")
