"""A company in words and bands."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.companies import (
    CompanyFacts,
    Quality,
    SizeBand,
    company_text,
    domain_words,
    quality_of,
    technologies_of,
)

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
ALPINE = CompanyFacts(
    name="Alpine Logistics",
    domain="alpine-freight.co.uk",
    industry="Logistics",
    employee_count=120,
    country="DE",
    description="Freight   software\nfor hauliers",
    technologies=("Shopify", "Kafka"),
    titles=("CMO", "Head of Growth"),
    page_paths=("/services/paid-media", "/pricing"),
)


def test_a_text_holds_what_is_known_in_one_order():
    assert company_text(ALPINE) == (
        "Alpine Logistics. alpine freight. Logistics. Freight software for hauliers. Uses: Shopify, Kafka. "
        "People: CMO, Head of Growth. Interested in: services paid media, pricing"
    )


def test_what_is_not_known_is_not_named():
    assert company_text(CompanyFacts("Acme", domain="acme.com")) == "Acme"
    assert company_text(CompanyFacts("", industry=" ")) == ""


@pytest.mark.parametrize(
    ("domain", "words"),
    [
        ("acme.com", ["acme"]),
        ("www.alpine-logistics.co.uk", ["alpine", "logistics"]),
        ("shop24.example", ["shop"]),
        ("", []),
        ("münchen-druck.de", ["münchen", "druck"]),
    ],
)
def test_a_domain_says_its_words(domain, words):
    assert domain_words(domain) == words


@pytest.mark.parametrize(
    ("employees", "band"),
    [(None, None), (0, None), (-3, None), (1, "1-10"), (10, "1-10"), (11, "11-50"), (200, "51-200"), (5000, "1001-5000"), (5001, "5001+")],
)  # fmt: skip
def test_sizes_fall_into_bands(employees, band):
    assert SizeBand.of(employees) == band


@pytest.mark.parametrize(
    ("told", "names"),
    [
        ('["React", "AWS", "React"]', ("React", "AWS")),
        ("React, AWS; Kafka", ("React", "AWS", "Kafka")),
        ("", ()),
        ("[not json", ("[not json",)),
    ],
)
def test_technologies_are_read_from_lists_and_from_text(told, names):
    assert technologies_of(told) == names


def test_a_company_nobody_knows_and_nobody_sees_stands_lowest():
    nobody = quality_of(CompanyFacts(""), session_count=0, visitor_count=0, last_seen_at=None, now=NOW)
    assert nobody == Quality(1, 1)
    best = quality_of(ALPINE, session_count=9, visitor_count=2, last_seen_at=NOW - timedelta(days=1), now=NOW)
    assert (best, best.total) == (Quality(5, 5), 10)


@given(st.integers(0, 50), st.integers(0, 9), st.integers(0, 400))
def test_quality_never_falls_when_more_happens(sessions, visitors, days):
    seen = NOW - timedelta(days=days)
    less = quality_of(ALPINE, session_count=sessions, visitor_count=visitors, last_seen_at=seen, now=NOW)
    more = quality_of(ALPINE, session_count=sessions + 1, visitor_count=visitors + 1, last_seen_at=NOW, now=NOW)
    assert less.activity <= more.activity <= 5
