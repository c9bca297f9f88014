"""MaxMind-format files: what they say is what their makers say they say, and a broken one harms nobody."""

from __future__ import annotations

import json
import os
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any

import pytest

from domain.networks import NetworkType
from domain.settings import DataSettings, Settings
from serving.network.databases import Database, claim_of
from serving.network.resolver import NetworkResolver
from tests.factories.events import CHROME, make_event

DATA = Path(os.environ.get("LEADHOUSE_TEST_DATA", "")) / "geoip"
needs_data = pytest.mark.skipif(
    "LEADHOUSE_TEST_DATA" not in os.environ, reason="LEADHOUSE_TEST_DATA is not set: no GeoIP test databases"
)
FILES = sorted(DATA.glob("test-data/*.mmdb")) if "LEADHOUSE_TEST_DATA" in os.environ else []
ADDRESSES = [
    "1.128.0.1",
    "2.125.160.216",
    "81.2.69.142",
    "216.160.83.56",
    "2001:218::1",
    "::1",
    "0.0.0.0",
    "255.255.255.255",
]


def truth(name: str) -> list[tuple[Any, dict]]:
    """An address of every network of a source file, with the record its makers put there.

    Where networks lie within one another the smallest counts, for a look-up answers with it.
    """
    entries = json.loads((DATA / "source-data" / f"{name}.json").read_text(encoding="utf-8"))
    pairs = [(ip_network(text, strict=False), record) for entry in entries for text, record in entry.items()]
    smallest: dict[Any, tuple[int, dict]] = {}
    for network, record in pairs:
        first = network.network_address
        if first not in smallest or network.prefixlen >= smallest[first][0]:
            smallest[first] = network.prefixlen, record
    return [(as_visitor(first), record) for first, (_, record) in smallest.items()]


def as_visitor(address: Any) -> Any:
    """IPv4 stands in the lowest 32 bits of these files."""
    return ip_address(int(address)) if address.version == 6 and int(address) < 1 << 32 else address


@needs_data
@pytest.mark.parametrize(
    "name", ["GeoLite2-ASN-Test", "GeoIP2-ISP-Test", "GeoIP2-Domain-Test", "GeoIP2-Country-Test", "GeoIP2-City-Test"]
)
def test_a_database_says_what_its_makers_put_in(name):
    database = Database(DATA / "test-data" / f"{name}.mmdb")
    pairs = truth(name)
    assert len(pairs) >= 10
    for address, record in pairs:
        claim = claim_of([database.record(address)])
        assert claim.asn == record.get("autonomous_system_number")
        assert claim.owner == record.get("autonomous_system_organization", "")
        assert claim.isp == record.get("isp", "")
        assert claim.organization == record.get("organization", "")
        assert claim.domain == record.get("domain", "").lower()
        country = record.get("country") or record.get("registered_country") or {}
        assert claim.country == country.get("iso_code", "")
    database.close()


@needs_data
def test_the_enterprise_database_tells_who_uses_an_address():
    database = Database(DATA / "test-data" / "GeoIP2-Enterprise-Test.mmdb")
    for address, record in truth("GeoIP2-Enterprise-Test"):
        claim = claim_of([database.record(address)])
        traits = record.get("traits", {})
        assert claim.user_type == traits.get("user_type", "")
        assert claim.domain == traits.get("domain", "").lower()
    database.close()


@needs_data
@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_file_however_broken_stops_a_look_up(path):
    data = DataSettings(geoip_asn=path, geoip_city=path, geoip_domain=path)
    resolver = NetworkResolver.of(Settings(data=data))
    for address in ADDRESSES:
        found = resolver.resolve(address)
        assert found is not None
        assert isinstance(found.type, NetworkType)
    resolver.close()


@pytest.mark.parametrize("content", [b"", b"not a database", b"\xab\xcd\xefMaxMind.com" + b"\xff" * 50])
def test_a_file_that_is_no_database_is_gone_without(tmp_path, content):
    path = tmp_path / "broken.mmdb"
    path.write_bytes(content)
    resolver = NetworkResolver.of(Settings(data=DataSettings(dir=tmp_path, geoip_asn=path)))
    assert resolver.resolve("192.28.1.1").type is NetworkType.UNKNOWN


def test_a_file_that_is_missing_is_gone_without(tmp_path):
    settings = Settings(data=DataSettings(dir=tmp_path, geoip_asn=tmp_path / "none.mmdb"))
    assert NetworkResolver.of(settings).resolve("192.28.1.1").type is NetworkType.UNKNOWN


@pytest.mark.parametrize("text", ["", "unknown", "1.2.3", "1.2.3.4:80", "localhost", "999.1.1.1"])
def test_what_is_no_address_has_no_network(tmp_path, text):
    assert NetworkResolver([]).resolve(text) is None


@needs_data
def test_an_event_carries_the_network_and_never_the_address(settings, sqlite_store, clock):
    from tests.serving.capture.conftest import open_site

    data = settings.data.model_copy(
        update={
            "geoip_asn": DATA / "test-data" / "GeoLite2-ASN-Test.mmdb",
            "geoip_city": DATA / "test-data" / "GeoIP2-Country-Test.mmdb",
        }
    )
    with open_site(settings.model_copy(update={"data": data}), sqlite_store, clock) as site:
        app = site.client.app
        app.hot_paths["/v1/collect"]._trusted = frozenset({"testclient"})
        site.send(make_event(), headers={"x-forwarded-for": "1.128.3.4", "user-agent": CHROME})
        ((body, context),) = site.inbox()
    assert context["ip_network"] == "1.128.3.0/24"
    assert (context["asn"], context["network_type"]) == (1221, "isp")
    assert "company_name" not in context
    assert "1.128.3.4" not in json.dumps([body, context])
