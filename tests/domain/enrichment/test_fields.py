"""When an answer is a value of a field, and when it is only some text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.enrichment.fields import FIELDS, Subject, checked

COMPANY, CONTACT = FIELDS[Subject.COMPANY], FIELDS[Subject.CONTACT]


@pytest.mark.parametrize(
    ("field", "answered", "value"),
    [
        (CONTACT["email"], " Ada@Analytical.COM ", "ada@analytical.com"),
        (CONTACT["phone"], "+44 (20) 7946-0000", "+442079460000"),
        (CONTACT["phone"], "0049 30 1234567", "+49301234567"),
        (CONTACT["country"], "Deutschland", "DE"),
        (CONTACT["linkedin_url"], "linkedin.com/in/ada/?x=1", "https://www.linkedin.com/in/ada"),
        (COMPANY["employee_count"], "1,200", 1200),
        (COMPANY["employee_count"], 140.0, 140),
        (COMPANY["employee_range"], "10K - 50K", "10000-50000"),
        (COMPANY["employee_range"], "10001+", "10001+"),
        (COMPANY["domain"], "https://www.Acme.com/x", "acme.com"),
        (COMPANY["founded_year"], "1998", 1998),
        (COMPANY["technologies"], "React; Stripe, React", '["React", "Stripe"]'),
        (COMPANY["name"], "  Rocket \n Works ", "Rocket Works"),
    ],
)
def test_a_value_is_kept_in_one_spelling(field, answered, value):
    assert checked(field, answered).value == value


@pytest.mark.parametrize(
    ("field", "answered"),
    [
        (CONTACT["email"], "ada@"),
        (CONTACT["email"], "a***@analytical.com"),
        (CONTACT["email"], "ada@mailinator.com"),
        (CONTACT["email"], ["ada@analytical.com"]),
        (CONTACT["phone"], "030 1234567"),
        (CONTACT["phone"], "+1"),
        (CONTACT["phone"], True),
        (CONTACT["title"], "<b>CEO</b>"),
        (CONTACT["title"], {"name": "CEO"}),
        (CONTACT["title"], "x" * 201),
        (CONTACT["country"], "Atlantis"),
        (CONTACT["linkedin_url"], "https://linkedin.com.evil.example/in/ada"),
        (CONTACT["linkedin_url"], "https://www.linkedin.com/feed"),
        (COMPANY["employee_count"], "51-200"),
        (COMPANY["employee_count"], 0),
        (COMPANY["employee_count"], 1.5),
        (COMPANY["employee_count"], "NaN"),
        (COMPANY["employee_count"], True),
        (COMPANY["employee_range"], "200-51"),
        (COMPANY["domain"], "gmail.com"),
        (COMPANY["founded_year"], "19"),
        (COMPANY["technologies"], []),
        (COMPANY["name"], "N/A"),
        (COMPANY["name"], "null"),
    ],
)
def test_what_is_no_value_says_why(field, answered):
    found = checked(field, answered)
    assert (found.is_valid, found.value) == (False, None)
    assert found.problem


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=60),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(answered=ANYTHING)
def test_whatever_a_provider_answers_is_a_value_or_none_and_a_value_stays_one(answered):
    for field in (*COMPANY.values(), *CONTACT.values()):
        found = checked(field, answered)
        if found.is_valid:
            assert checked(field, found.value).value == found.value, field.name
