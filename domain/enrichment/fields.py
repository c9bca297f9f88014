"""What can be found out about a person or a company, and when an answer is a value of it and not only some text.

A waterfall stops at the first *valid* value, so validity is decided here, once, whoever was asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from domain.companies import technologies_of
from domain.contacts import Domain, EmailAddress
from domain.errors import InvalidInput
from domain.imports.countries import country_of
from domain.mail_domains import MailDomainType, type_of
from domain.merging import MAX_LENGTH
from domain.verification import EmailStatus

E164 = re.compile(r"^\+[1-9]\d{6,14}$")
"""ITU-T E.164: at most 15 digits behind the plus; below seven there is no subscriber anywhere."""
_PHONE_MARKS = re.compile(r"[\s().\-/\u00a0\u2010-\u2015]")
_RANGE = re.compile(
    r"^\s*([\d.,]+\s*[kKmM]?)\s*(?:[-–—]|to)\s*([\d.,]+\s*[kKmM]?)\s*$|^\s*([\d.,]+\s*[kKmM]?)\s*\+\s*$"
)
_TAG = re.compile(r"<[a-zA-Z!/][^>]*>")
_NOT_KNOWN = frozenset({"n/a", "na", "none", "null", "unknown", "undefined", "-", "not found", "not available", "nan"})
MOST_EMPLOYEES = 3_000_000
"""Above the largest employer there is."""
FIRST_YEAR = 1200
LONGEST_LIST = 200


class Subject(StrEnum):
    """Whose facts a workflow looks for."""

    CONTACT = "contact"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class FieldKind:
    """A field: where it is kept, how long an answer is believed, and how a value of it is read."""

    name: str
    subject: Subject
    label: str
    lasts: timedelta
    read: Callable[[Any], Any]
    """Answers the value as it is kept; raises InvalidInput saying why something is none."""
    data_type: str = ""
    """Of a custom attribute (`domain.custom_attributes`); empty where the field is a column of its own."""

    @property
    def is_column(self) -> bool:
        return not self.data_type


@dataclass(frozen=True, slots=True)
class Checked:
    """A value as it is kept, or the reason why what was answered is none."""

    value: Any = None
    problem: str = ""

    @property
    def is_valid(self) -> bool:
        return not self.problem


def checked(field: FieldKind, answered: Any) -> Checked:
    """Whether an answer is a value of the field. An empty answer has the problem `empty`."""
    if answered is None or answered in ("", []):
        return Checked(problem="empty")
    if isinstance(answered, str) and answered.strip().casefold() in _NOT_KNOWN:
        return Checked(problem="empty")
    try:
        return Checked(field.read(answered))
    except InvalidInput as error:
        return Checked(problem=error.message)


def email(answered: Any) -> str:
    """An address that somebody may have: syntax and domain, and no throw-away one."""
    found = EmailAddress.parse(_line(answered, 320))
    if found.domain.value.endswith((".invalid", ".localhost", ".local")) or "*" in found.value:
        raise InvalidInput(f"{found} is no address on the internet")
    if type_of(found.domain) is MailDomainType.DISPOSABLE:
        raise InvalidInput(f"{found.domain} gives away addresses that are thrown away")
    return found.value


def email_spelled(answered: Any) -> str:
    """Any address, a throw-away one too."""
    return EmailAddress.parse(_line(answered, 320)).value


def email_status(answered: Any) -> str:
    """What is known of an address; that nothing is known is no value."""
    text = _line(answered, 20).casefold()
    if text not in set(EmailStatus) - {EmailStatus.UNKNOWN}:
        raise InvalidInput(f"{text!r} is no status of an address")
    return text


def phone(answered: Any) -> str:
    """E.164. A number without its country is none: the same digits are somebody else's in the next country."""
    text = _PHONE_MARKS.sub("", _line(answered, 60))
    if text.startswith("00"):
        text = f"+{text[2:]}"
    if not text.startswith("+"):
        raise InvalidInput(f"{text!r} says no country")
    if not E164.match(text):
        raise InvalidInput(f"{text!r} is not a telephone number (E.164)")
    return text


def domain(answered: Any) -> str:
    found = Domain.parse(_line(answered, 2000))
    if type_of(found) is not MailDomainType.CORPORATE:
        raise InvalidInput(f"{found} is nobody's own domain")
    return found.value


def url(answered: Any) -> str:
    """An address on the web with a host; without a scheme, https."""
    text = _line(answered, 2000)
    if "://" not in text:
        text = f"https://{text.removeprefix('//')}"
    try:
        parts = urlsplit(text)
    except ValueError:
        raise InvalidInput(f"not an address on the web: {text!r}") from None
    if parts.scheme not in {"http", "https"} or parts.username or parts.password or " " in text:
        raise InvalidInput(f"not an address on the web: {text!r}")
    Domain.parse(parts.hostname or "")
    return text


def linkedin_url(answered: Any) -> str:
    """A profile's or company's page there, in one spelling."""
    found = url(answered)
    parts = urlsplit(found)
    host = (parts.hostname or "").removeprefix("www.")
    if host != "linkedin.com" and not host.endswith(".linkedin.com"):
        raise InvalidInput(f"{host} is not LinkedIn")
    path = parts.path.rstrip("/")
    if not re.match(r"^/(in|pub|company|school|showcase)/[^/]+", path):
        raise InvalidInput(f"{found!r} is no profile")
    return f"https://www.linkedin.com{path}"


def employees(answered: Any) -> int:
    """A count, not a band: 51-200 says less than it seems to and is kept as `employee_range`."""
    if isinstance(answered, bool | list | dict):
        raise InvalidInput(f"{answered!r} is not a number of people")
    if isinstance(answered, str) and _RANGE.match(answered):
        raise InvalidInput(f"{answered!r} is a band, not a number of people")
    return _whole(answered, 1, MOST_EMPLOYEES, "number of people")


def employee_range(answered: Any) -> str:
    """`51-200` or `10001+`, digits only."""
    if isinstance(answered, int) and not isinstance(answered, bool):
        raise InvalidInput("a number of people is no band")
    found = _RANGE.match(_line(answered, 40))
    if found is None:
        raise InvalidInput(f"{answered!r} is no band of people")
    low, high, open_end = found.groups()
    if open_end:
        return f"{_count(open_end)}+"
    first, last = _count(low), _count(high)
    if not 0 <= first < last:
        raise InvalidInput(f"{answered!r} is no band of people")
    return f"{first}-{last}"


def year(answered: Any) -> int:
    return _whole(answered, FIRST_YEAR, 2100, "year")


def money(answered: Any) -> int:
    """Whole US dollars, as data providers state funding and revenue."""
    return _whole(answered, 0, 10**13, "sum of money")


def country(answered: Any) -> str:
    """ISO 3166-1 alpha-2, from a code or a name."""
    found = country_of(_line(answered, 80))
    if found is None:
        raise InvalidInput(f"{answered!r} is no country known here")
    return found


def listed(answered: Any) -> str:
    """Names, as a JSON list in one text: what `domain.companies.technologies_of` reads."""
    if not isinstance(answered, str | list):
        raise InvalidInput(f"{type(answered).__name__} where names belong")
    parts = answered if isinstance(answered, list) else technologies_of(_line(answered, 100_000))
    names = list(dict.fromkeys(_line(part, 200) for part in parts if isinstance(part, str) and part.strip()))
    if not names:
        raise InvalidInput("the list is empty")
    return json.dumps(names[:LONGEST_LIST], ensure_ascii=False)


def text_of(longest: int) -> Callable[[Any], str]:
    return lambda answered: _line(answered, longest)


def _line(answered: Any, longest: int) -> str:
    """Text in one line. A page, a list or an object where text belongs is a wrong type, not text."""
    if not isinstance(answered, str | int | float) or isinstance(answered, bool):
        raise InvalidInput(f"{type(answered).__name__} where text belongs")
    text = " ".join(str(answered).split())
    if not text or "\x00" in text:
        raise InvalidInput("no text")
    if _TAG.search(text):
        raise InvalidInput("HTML where text belongs")
    if len(text) > longest:
        raise InvalidInput(f"longer than {longest} characters")
    return text


def _whole(answered: Any, least: int, most: int, word: str) -> int:
    try:
        number = (
            float(str(answered).replace(",", "").replace(" ", "")) if isinstance(answered, str) else float(answered)
        )
    except (TypeError, ValueError):
        raise InvalidInput(f"{answered!r} is no {word}") from None
    if isinstance(answered, bool) or number != number or not number.is_integer() or not least <= number <= most:  # noqa: PLR0124  NaN is not itself
        raise InvalidInput(f"{answered!r} is no {word}")
    return int(number)


def _count(text: str) -> int:
    """`10K` is 10000."""
    cleaned = text.replace(",", "").replace(" ", "")
    factor = {"k": 1_000, "m": 1_000_000}.get(cleaned[-1:].casefold(), 1)
    try:
        return int(float(cleaned.rstrip("kKmM")) * factor)
    except ValueError:
        raise InvalidInput(f"{text!r} is no number") from None


def _days(number: int) -> timedelta:
    return timedelta(days=number)


def _field(
    name: str, subject: Subject, label: str, days: int, read: Callable[[Any], Any], data_type: str = ""
) -> FieldKind:
    return FieldKind(name, subject, label, _days(days), read, data_type)


_C, _O = Subject.CONTACT, Subject.COMPANY
_ALL = (
    _field("email", _C, "E-mail", 180, email),
    _field("first_name", _C, "First name", 1800, text_of(MAX_LENGTH["first_name"])),
    _field("last_name", _C, "Last name", 1800, text_of(MAX_LENGTH["last_name"])),
    _field("title", _C, "Job title", 90, text_of(MAX_LENGTH["title"])),
    _field("phone", _C, "Telephone", 180, phone),
    _field("country", _C, "Country", 365, country),
    _field("email_status", _C, "E-mail status", 90, email_status, "text"),
    _field("email_reason", _C, "E-mail status because", 90, text_of(40), "text"),
    _field("email_verified", _C, "E-mail verified", 90, email_spelled, "text"),
    _field("linkedin_url", _C, "LinkedIn profile", 365, linkedin_url, "text"),
    _field("seniority", _C, "Seniority", 90, text_of(80), "text"),
    _field("department", _C, "Department", 90, text_of(120), "text"),
    _field("city", _C, "City", 365, text_of(120), "text"),
    _field("domain", _O, "Domain", 365, domain),
    _field("name", _O, "Name", 365, text_of(200)),
    _field("industry", _O, "Industry", 365, text_of(200)),
    _field("employee_count", _O, "Employees", 90, employees),
    _field("country", _O, "Country", 365, country),
    _field("employee_range", _O, "Employees (band)", 180, employee_range, "text"),
    _field("city", _O, "City", 365, text_of(120), "text"),
    _field("description", _O, "Description", 180, text_of(2000), "text"),
    _field("founded_year", _O, "Founded", 3650, year, "integer"),
    _field("phone", _O, "Telephone", 180, phone, "text"),
    _field("contact_email", _O, "General e-mail", 180, email, "text"),
    _field("linkedin_url", _O, "LinkedIn page", 365, linkedin_url, "text"),
    _field("technologies", _O, "Technologies", 30, listed, "text"),
    _field("revenue_usd", _O, "Revenue (USD)", 180, money, "integer"),
    _field("funding_total_usd", _O, "Funding in all (USD)", 60, money, "integer"),
    _field("funding_stage", _O, "Latest funding", 60, text_of(80), "text"),
)
FIELDS: Mapping[Subject, Mapping[str, FieldKind]] = {
    subject: {field.name: field for field in _ALL if field.subject is subject} for subject in Subject
}
"""Fields by subject and name."""


def field_of(subject: Subject, name: str) -> FieldKind:
    """Raises InvalidInput for one that is not known, naming those that are."""
    found = FIELDS[subject].get(name)
    if found is None:
        raise InvalidInput(
            f"there is no field {name!r} of a {subject}", hint=f"Fields: {', '.join(sorted(FIELDS[subject]))}."
        )
    return found
