"""What companies say of themselves on their own pages, and what they ask not to be read."""

from __future__ import annotations

import pytest

from domain.enrichment.answers import Outcome
from serving.enrichment.base import Asking, all_providers
from serving.enrichment.providers.website.provider import READ
from serving.enrichment.providers.website.reading import read_page, together
from serving.enrichment.web import Web
from serving.outside import Outside
from tests.vendor_server import Said

HOME = """<!doctype html><html><head><title>Home | Rocket Works</title>
<meta name="description" content="We build engines for small rockets.">
<script src="https://www.googletagmanager.com/gtm.js?id=G"></script>
<link rel="stylesheet" href="/wp-content/themes/x/style.css">
<script type="application/ld+json">{"@context": "https://schema.org", "@graph": [{"@type": "WebSite"},
 {"@type": ["Organization"], "name": "Rocket Works GmbH", "foundingDate": "2012-04-01", "telephone": "+49 30 1234567",
  "numberOfEmployees": {"@type": "QuantitativeValue", "value": 48},
  "address": {"addressLocality": "Berlin", "addressCountry": "Germany"},
  "sameAs": ["https://twitter.com/rw", "https://de.linkedin.com/company/rocket-works/"]}]}</script></head>
<body><a href="/about-us">About</a> <a href="/impressum">Impressum</a> <a href="/pricing">Pricing</a>
<a href="https://elsewhere.example/about">Partner</a><p>broken <b>markup</p></body></html>"""
IMPRINT = """<p>Write to <a href="mailto:jane.doe@rocket.example">Jane</a> or
<a href="mailto:info@rocket.example?subject=Hi">us</a>, not to <a href="mailto:info@agency.example">the agency</a></p>"""


def html(text, **more):
    return Said(text, content_type="text/html; charset=utf-8", **more)


@pytest.fixture
def read(vendors):
    vendors.forget()
    client = Outside(frozenset({vendors.address}), setting="X", seconds=1.0, keeps=False)

    def asked(domain="rocket.example"):
        options = {"address": f"{vendors.address}/"}
        question = {"company_domain": domain}
        return all_providers()["website"].answer(Asking(READ, question, options, {}, Web(client)))

    yield asked
    client.close()


def test_pages_of_a_company_tell_who_it_is(read, vendors):
    vendors.says("/", html(HOME))
    vendors.says("/robots.txt", Said("", 404))
    vendors.says("/about-us", Said({}, 404))
    vendors.says("/impressum", html(IMPRINT))
    answer = read()
    assert {name: told.value for name, told in answer.told.items()} == {
        "name": "Rocket Works GmbH", "description": "We build engines for small rockets.", "phone": "+49 30 1234567",
        "founded_year": "2012", "employee_count": 48, "city": "Berlin", "country": "Germany",
        "linkedin_url": "https://de.linkedin.com/company/rocket-works/", "contact_email": "info@rocket.example",
        "technologies": ["Google Tag Manager", "WordPress"],
    }  # fmt: skip
    assert [each.path for each in vendors.asked] == ["/robots.txt", "/", "/about-us", "/impressum"]


def test_a_site_that_asks_not_to_be_read_is_not_read(read, vendors):
    vendors.says("/robots.txt", Said("User-agent: *\nDisallow: /\n", content_type="text/plain"))
    vendors.says("/", html(HOME))
    answer = read()
    assert (answer.outcome, [each.path for each in vendors.asked]) == (Outcome.NOT_FOUND, ["/robots.txt"])


def test_where_nobody_can_know_what_is_allowed_nothing_is_read(read, vendors):
    vendors.says("/robots.txt", Said("", 503))
    answer = read()
    assert (answer.outcome, answer.is_about_question, len(vendors.asked)) == (Outcome.AWAY, True, 1)


def test_a_part_that_may_not_be_read_is_left_out(read, vendors):
    vendors.says("/robots.txt", Said("User-agent: LeadhouseBot\nDisallow: /impressum\n", content_type="text/plain"))
    vendors.says("/", html(HOME))
    vendors.says("/about-us", html(""))
    assert "contact_email" not in read().told
    assert "/impressum" not in vendors.counted()


@pytest.mark.parametrize(
    "target", ["https://parked.example/", "http://169.254.169.254/latest", "file:///etc/passwd", "http://["]
)
def test_a_redirect_that_leaves_the_company_is_not_followed(read, vendors, target):
    vendors.says("/robots.txt", Said("", 404))
    vendors.says("/", Said("", 302, {"Location": target}))
    answer = read()
    assert answer.outcome in {Outcome.NOT_FOUND, Outcome.MALFORMED}
    assert answer.told == {}
    assert [each.path for each in vendors.asked] == ["/robots.txt", "/"]


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.7", "169.254.169.254", "::ffff:10.0.0.7", "fd00::1"])
def test_a_domain_that_leads_inside_is_asked_nothing(address):
    client = Outside(resolve=lambda _host, _port: ["93.184.216.34", address], setting="X", seconds=0.2)
    question, api = {"company_domain": "rocket.example"}, all_providers()["http_json"]
    options = {"url": "https://api.rocket.example/{company_domain}", "fields": {"industry": "a"}}
    (lookup,) = api.operations(options)
    answers = [
        all_providers()["website"].answer(Asking(READ, question, {}, {}, Web(client))),
        api.answer(Asking(lookup, question, options, {}, Web(client))),
    ]
    client.close()
    assert [answer.outcome for answer in answers] == [Outcome.INVALID, Outcome.INVALID]
    assert all("is not on the public internet" in answer.problem for answer in answers)


def test_what_is_no_page_or_too_long_tells_nothing(read, vendors):
    vendors.says("/robots.txt", Said("", 404))
    vendors.says("/", Said("%PDF-1.7", content_type="application/pdf"))
    assert read().outcome is Outcome.NOT_FOUND
    vendors.says("/", html("x" * 400_000))
    assert read().outcome is Outcome.MALFORMED


@pytest.mark.parametrize(
    "text",
    ["", "<", "<html", "<script type='application/ld+json'>{", "<script type='application/ld+json'>[[[[", "\x00\ufffd",
     "<script type='application/ld+json'>" + "[" * 3000 + "</script>", "<a href='http://['>x</a>", "<meta name=description>",
     '<script type="application/ld+json">{"@type": "Organization", "name": {"@value": 3}, "address": [], "sameAs": {}}</script>'],
)  # fmt: skip
def test_no_page_is_too_broken_to_be_read(text):
    assert together([read_page(text, "https://rocket.example/")], "rocket.example") == {}
