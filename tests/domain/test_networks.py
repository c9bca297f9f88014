"""Whose network it is, and when that tells a company."""

from __future__ import annotations

from ipaddress import ip_address

import pytest

from domain.networks import Claim, Confidence, NetworkType, judge, network_type, truncated

VISITOR = ip_address("192.28.1.1")


@pytest.mark.parametrize(
    ("owner", "kind"),
    [
        ("3M Company", "business"),
        ("Ford Motor Company", "business"),
        ("Exxon Mobil Corporation", "business"),
        ("Bloomberg, LP", "business"),
        ("Comcast Cable Communications, LLC", "isp"),
        ("Deutsche Telekom AG", "isp"),
        ("Telstra Limited", "isp"),
        ("Vodafone GmbH", "isp"),
        ("China Mobile Communications Corporation", "mobile"),
        ("T-Mobile USA, Inc.", "mobile"),
        ("Amazon.com, Inc.", "hosting"),
        ("Hetzner Online GmbH", "hosting"),
        ("Google Cloud", "hosting"),
        ("University of California, San Diego", "education"),
        ("UK Ministry of Defence", "government"),
        ("", "unknown"),
    ],
)
def test_names_tell_the_kind_of_a_network(owner, kind):
    assert network_type(Claim(owner=owner)) == kind


@pytest.mark.parametrize(
    ("asn", "owner", "kind"), [(8075, "Microsoft Corporation", "hosting"), (15169, "Google LLC", "hosting")]
)
def test_known_systems_count_before_their_names(asn, owner, kind):
    assert network_type(Claim(asn=asn, owner=owner)) == kind


@pytest.mark.parametrize("kind", [kind for kind in NetworkType if not kind.may_be_company])
def test_an_access_provider_or_a_host_is_never_a_company(kind):
    claims = {
        NetworkType.ISP: Claim(owner="Comcast Cable", domain="comcast.net"),
        NetworkType.MOBILE: Claim(organization="Acme", user_type="cellular"),
        NetworkType.HOSTING: Claim(organization="Acme", is_hosting=True, domain="acme.com"),
        NetworkType.VPN: Claim(organization="Acme", is_vpn=True),
        NetworkType.PRIVATE: Claim(organization="Acme"),
        NetworkType.UNKNOWN: Claim(),
    }
    address = ip_address("10.0.0.1") if kind is NetworkType.PRIVATE else VISITOR
    found = judge(address, claims[kind])
    assert found.type is kind
    assert (found.company_name, found.company_domain, found.confidence) == ("", "", None)


def test_confidence_grows_with_what_is_known():
    assert judge(VISITOR, Claim(owner="Acme")).confidence is Confidence.LOW
    assert judge(VISITOR, Claim(owner="Acme, Inc.")).confidence is Confidence.MEDIUM
    assert judge(VISITOR, Claim(owner="Acme", domain="acme.com")).confidence is Confidence.MEDIUM
    assert judge(VISITOR, Claim(organization="Acme", user_type="business")).confidence is Confidence.HIGH


def test_the_customer_counts_where_a_database_tells_it_from_its_provider():
    found = judge(VISITOR, Claim(asn=7922, owner="Comcast Cable", isp="Comcast Cable", organization="Acme Widgets"))
    assert (found.type, found.company_name) == (NetworkType.BUSINESS, "Acme Widgets")


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.28.1.77", "192.28.1.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1::/48"),
        ("::ffff:192.28.1.77", "192.28.1.0/24"),
    ],
)
def test_an_address_is_kept_truncated(address, network):
    assert truncated(ip_address(address)) == network
