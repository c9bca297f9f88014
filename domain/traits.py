"""What an `identify` says about somebody, read as facts: known names whatever their spelling, the rest as attributes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from domain.contacts import EmailAddress
from domain.errors import InvalidInput
from domain.forms import Told
from domain.merging import MAX_LENGTH, ContactFacts
from domain.text import storable

MOST_ATTRIBUTES = 30
LONGEST_VALUE = 1_000

NAMES = {
    "email": "email",
    "e_mail": "email",
    "first_name": "first_name",
    "given_name": "first_name",
    "last_name": "last_name",
    "family_name": "last_name",
    "surname": "last_name",
    "name": "name",
    "full_name": "name",
    "title": "title",
    "job_title": "title",
    "phone": "phone",
    "phone_number": "phone",
    "country": "country",
    "company": "company",
    "company_name": "company",
    "organization": "company",
    "external_id": "external_id",
    "user_id": "external_id",
}


def read_traits(traits: Mapping[str, Any]) -> Told:
    """Raises InvalidInput without an e-mail address or external id, or with an address that is none.

    A value that does not fit is cut (text) or left out (structures): a page's word must not fail for its length.
    """
    person: dict[str, str] = {}
    attributes: dict[str, Any] = {}
    for raw_name, raw in traits.items():
        name = _snake(str(raw_name))
        value = raw.get("name") if isinstance(raw, Mapping) else raw
        value = storable(value) if isinstance(value, str) else value
        if not isinstance(value, str | int | float | bool) or value == "" or not name:
            continue
        if known := NAMES.get(name):
            person.setdefault(known, str(value).strip())
        elif len(attributes) < MOST_ATTRIBUTES:
            attributes[name] = value[:LONGEST_VALUE] if isinstance(value, str) else value
    if "name" in person:
        first, _, last = person.pop("name").partition(" ")
        person.setdefault("first_name", first)
        person.setdefault("last_name", last.strip())
    company = person.pop("company", "")
    country = person.pop("country", "").upper()
    email, external_id = person.pop("email", ""), person.pop("external_id", "")
    if not email and not external_id:
        raise InvalidInput("identify needs an e-mail address or an external id in its traits")
    facts = ContactFacts(
        email=EmailAddress.parse(email) if email else None,
        external_id=external_id[:200] or None,
        country=country if re.fullmatch(r"[A-Z]{2}", country) else None,
        attributes=attributes,
        **{name: value[: MAX_LENGTH[name]] for name, value in person.items()},
    )
    return Told(facts, company)


def _snake(name: str) -> str:
    """`firstName`, `First name` and `first-name` are first_name."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"[^a-z0-9]+", "_", words.casefold()).strip("_")[:60]
