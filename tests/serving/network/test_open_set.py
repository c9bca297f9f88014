"""The open set of the demo: ranges are found, its compact copy is the same set, and a broken copy is made anew."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from serving.network.open_set import FILES, OpenSet
from serving.network.resolver import OPEN_SET, NetworkResolver

V4 = '16777216,16777471,13335,"Cloudflare, Inc."\n3222011904,3222077439,7792,3M Company\n'
V6 = "42540488161975842760550356425300246528,42540488241204005274814694018844196863,6939,Hurricane Electric LLC\n"


@pytest.fixture
def package(tmp_path):
    folder = tmp_path / "package"
    folder.mkdir()
    (folder / FILES[0]).write_text(V4, encoding="utf-8")
    (folder / FILES[1]).write_text(V6, encoding="utf-8")
    return folder


def owner(found: OpenSet, address: str):
    return found.record(ip_address(address)).get("autonomous_system_organization")


def test_an_address_is_found_within_its_range_only(package, tmp_path):
    found = OpenSet.load(package, tmp_path / "cache")
    assert owner(found, "1.0.0.0") == owner(found, "1.0.0.255") == "Cloudflare, Inc."
    assert owner(found, "1.0.1.0") is None
    assert owner(found, "0.0.0.1") is None
    assert owner(found, "2001:0:1::") == "Hurricane Electric LLC"
    assert owner(found, "2002::") is None


def test_the_compact_copy_answers_like_the_text(package, tmp_path):
    first = OpenSet.load(package, tmp_path / "cache")
    second = OpenSet.load(package / ".." / "package", tmp_path / "cache")
    assert first is not second
    for address in ("1.0.0.7", "192.11.5.5", "8.8.8.8", "2001::1"):
        assert first.record(ip_address(address)) == second.record(ip_address(address))


@pytest.mark.parametrize("damage", [b"", b"{}\n[]\n", b'{"stamp": 1'])
def test_a_damaged_copy_is_made_anew(package, tmp_path, damage):
    cache = tmp_path / "cache"
    OpenSet.load(package, cache)
    cache.write_bytes(damage or cache.read_bytes()[:80])
    found = OpenSet.load(package / ".." / "package", cache)  # as another process would
    assert owner(found, "1.0.0.7") == "Cloudflare, Inc."


def test_new_text_replaces_an_old_copy(package, tmp_path):
    OpenSet.load(package, tmp_path / "cache")
    (package / FILES[0]).write_text(V4 + "3232235520,3232235775,1,Somebody New\n", encoding="utf-8")
    assert owner(OpenSet.load(package, tmp_path / "cache"), "192.168.0.1") == "Somebody New"


def test_where_it_is_not_installed_there_is_none(tmp_path):
    assert OpenSet.load(tmp_path, tmp_path / "cache") is None


@pytest.mark.skipif(not OPEN_SET.is_dir(), reason="the open network set is not installed: make assets")
def test_the_installed_set_knows_companies_and_providers(settings):
    resolver = NetworkResolver.of(settings)
    company = resolver.resolve("192.28.1.1")
    assert (company.owner, company.type, company.confidence) == ("3M Company", "business", "medium")
    assert resolver.resolve("73.0.0.1").type == "isp"
    assert resolver.resolve("73.0.0.1").company_name == ""
    assert resolver.resolve("52.95.110.1").type == "hosting"
