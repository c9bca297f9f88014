"""The same thing written in two ways is the same key; two things are two."""

from __future__ import annotations

import pytest

from domain.record_keys import company_key, given_key, mailbox_of, name_key, phone_key, profile_key, soundex


@pytest.mark.parametrize(
    ("one", "other"),
    [("Jean-Luc", "jean luc"), ("Łukasz", "LUKASZ"), ("Dr. Ada", "Ada"), ("O’Brien", "OBrien"), ("Müller", "muller")],
)
def test_a_name_is_one_name_however_it_is_spelled(one, other):
    assert name_key(one) == name_key(other)


def test_short_forms_are_the_name_they_are_short_for():
    assert {given_key(name) for name in ("Robert", "Bob", "Rob")} == {"robert"}
    assert given_key("Ada") == "ada"
    assert given_key("Bob Lee") == "boblee"


@pytest.mark.parametrize(
    ("name", "code"), [("robert", "r163"), ("rupert", "r163"), ("ashcraft", "a261"), ("tymczak", "t522"), ("", "")]
)
def test_soundex_is_the_archives_own(name, code):
    assert soundex(name) == code


def test_an_address_leads_to_its_mailbox():
    assert mailbox_of("A.B+news@GoogleMail.com") == ("ab", "gmail.com")
    assert mailbox_of("a.b+news@firm.example") == ("a.b", "firm.example")
    assert mailbox_of("nobody") == ("", "")


@pytest.mark.parametrize(
    ("phone", "country", "digits"),
    [
        ("+44 (0)20 7946 0000", None, "442079460000"),
        ("0044 20 7946 0000", "GB", "442079460000"),
        ("020 7946 0000", "GB", "442079460000"),
        ("06 1234 5678", "IT", "390612345678"),
        ("(212) 555-0123", "US", "12125550123"),
        ("1 212 555 0123 ext. 7", "US", "12125550123"),
        ("030 123456", "DE", "4930123456"),
        ("030 123456", None, "030123456"),
        ("12 34", None, ""),
    ],
)
def test_a_telephone_number_is_the_same_from_anywhere(phone, country, digits):
    assert phone_key(phone, country) == digits


def test_profiles_are_known_by_their_name():
    assert profile_key("https://de.linkedin.com/in/Ada-L?trk=x") == "ada-l"
    assert profile_key("https://example.com/in/ada") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Smith & Sons Co., Ltd.", "The Smith and Sons"),
        ("Søren Bryggeri A/S", "Soren Bryggeri A/S"),
        ("Acme S.A.", "ACME SA"),
        ("Müller GmbH & Co. KG", "Muller"),
    ],
)
def test_a_company_is_one_whatever_its_legal_form(one, other):
    assert company_key(one) == company_key(other)


def test_a_name_of_nothing_but_legal_form_stays_a_name():
    assert company_key("The Limited") == "the limited"
