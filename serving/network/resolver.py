"""One question: whose network is this? Answered from the user's databases, or from the open set of the demo."""

from __future__ import annotations

from ipaddress import ip_address
from pathlib import Path
from typing import Any, Protocol

from domain.networks import Address, Network, judge
from domain.settings import Settings
from serving.network.databases import Database, claim_of
from serving.network.open_set import OpenSet

OPEN_SET = Path(__file__).resolve().parents[2] / "node_modules" / "@ip-location-db" / "asn"
"""Installed by `make assets`."""
OPEN_SET_READY = OPEN_SET.parents[1] / ".cache" / "leadhouse" / "asn.ranges"
"""Its compact copy, made with it: one for every data folder, since reading the text takes seconds."""


class Source(Protocol):
    """Anything that knows something of addresses."""

    def record(self, address: Address) -> Any:
        """A mapping in one of the vendors' vocabularies, empty where nothing is known."""
        ...

    def close(self) -> None:
        """Gives files back."""
        ...


class NetworkResolver:
    """Asks its sources in order. Not cached: whoever asks often keeps the answer (see serving.capture.visitors)."""

    def __init__(self, sources: list[Source]) -> None:
        self._sources = sources

    @classmethod
    def of(cls, settings: Settings) -> NetworkResolver:
        """The databases of the settings; without an ASN database of the user's, the open set where it is installed."""
        data = settings.data
        paths = [path for path in (data.geoip_domain, data.geoip_asn, data.geoip_city) if path is not None]
        sources: list[Source] = [Database(path) for path in paths]
        if data.geoip_asn is None and (open_set := OpenSet.load(OPEN_SET, OPEN_SET_READY)):
            sources.append(open_set)
        return cls(sources)

    def resolve(self, text: str) -> Network | None:
        """The network of an address as text; None where the text is no address."""
        try:
            address = ip_address(text.partition("%")[0])
        except ValueError:
            return None
        mapped = getattr(address, "ipv4_mapped", None)
        address = mapped or address
        if not address.is_global:
            return judge(address, claim_of([]))
        return judge(address, claim_of([source.record(address) for source in self._sources]))

    def close(self) -> None:
        for source in self._sources:
            source.close()
