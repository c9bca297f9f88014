"""Which addresses tell where somebody works."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from domain.contacts import Domain, EmailAddress
from domain.mail_domains import DISPOSABLE, FREE, company_domain, type_of

SEED = Path(__file__).parents[2] / "dbt_project" / "seeds" / "email_domains.csv"


@pytest.mark.parametrize(
    ("domain", "kind"),
    [
        ("gmail.com", "free"),
        ("mailinator.com", "disposable"),
        ("x.mailinator.com", "disposable"),
        ("northwind.example", "corporate"),
        ("notgmail.com", "corporate"),
    ],
)
def test_domains_are_told_apart(domain, kind):
    assert type_of(Domain(domain)) == kind


def test_a_free_address_stands_for_no_company():
    assert company_domain(EmailAddress.parse("ada@gmail.com")) is None
    assert company_domain(EmailAddress.parse("ada@northwind.example")) == Domain("northwind.example")


def test_the_models_use_the_same_list():
    with SEED.open(encoding="utf-8", newline="") as file:
        seeded = {row["domain"]: row["domain_type"] for row in csv.DictReader(file)}
    assert {name for name, kind in seeded.items() if kind == "free"} == FREE
    assert {name for name, kind in seeded.items() if kind == "disposable"} == DISPOSABLE
