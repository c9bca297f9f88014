"""Forms: what a field may hold, whether an answer is acceptable, and whether a submission looks like spam.

Pure: the form's definition, the answers and the moment come in; values, problems or a decision come out.
"""

from __future__ import annotations

import hashlib
import hmac
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from domain.contacts import EmailAddress
from domain.decisions import Decision
from domain.errors import InvalidInput
from domain.mail_domains import MailDomainType, type_of
from domain.merging import MAX_LENGTH, ContactFacts
from domain.text import storable

RULE_VERSION = "forms/1"
MAX_FIELDS = 60
MAX_OPTIONS = 200
MAX_ANSWER = 5_000
"""Characters of one answer, unless its field says less."""
TOKEN_LIVES = timedelta(days=7)
"""A page may stand open that long before its form counts as sent without one."""

_KEY = re.compile(r"^[a-z][a-z0-9_]{0,59}$")
_PHONE = re.compile(r"^\+?[0-9 ()./-]{5,38}(?:\s*(?:x|ext\.?)\s*[0-9]{1,6})?$", re.IGNORECASE)
_TRUE = frozenset({"yes", "on", "true", "1"})
_FALSE = frozenset({"", "no", "off", "false", "0"})


class FieldType(StrEnum):
    """How a field is asked and checked."""

    TEXT = "text"
    TEXTAREA = "textarea"
    EMAIL = "email"
    PHONE = "phone"
    NUMBER = "number"
    URL = "url"
    SELECT = "select"
    CHECKBOX = "checkbox"
    HIDDEN = "hidden"


PEOPLE = ("email", "first_name", "last_name", "title", "phone", "country", "company")
"""What of a person a field may fill; `attributes.<key>` is a custom attribute, and nothing keeps it in the submission."""


@dataclass(frozen=True, slots=True)
class FormField:
    """One question. `maps_to` says where the answer goes: one of PEOPLE, `attributes.<key>`, or "" for nowhere else."""

    key: str
    label: str
    type: FieldType = FieldType.TEXT
    required: bool = False
    options: tuple[str, ...] = ()
    maps_to: str = ""
    max_length: int = 0
    business_only: bool = False
    """Of an e-mail field: free and disposable mail is refused."""
    placeholder: str = ""
    value: str = ""
    """Of a hidden field: what it says unless the page's address says otherwise."""

    @classmethod
    def parse(cls, raw: Mapping[str, Any]) -> FormField:
        """Reads a field as forms keep it; raises InvalidInput naming the field."""
        key = str(raw.get("key", ""))
        if not _KEY.match(key) or key.startswith("lh_"):
            raise InvalidInput(f"a field's key is a short snake_case word, not {key!r}")
        unknown = set(raw) - set(cls.__slots__)
        if unknown:
            raise InvalidInput(f"{key}: unknown properties {', '.join(sorted(unknown))}")
        if raw.get("type", "text") not in set(FieldType):
            raise InvalidInput(f"{key}: there is no field type {raw['type']!r}")
        kind = FieldType(raw.get("type", "text"))
        options = tuple(dict.fromkeys(storable(str(option)) for option in raw.get("options", ())))
        maps_to = str(raw.get("maps_to", ""))
        if kind is FieldType.SELECT and not 0 < len(options) <= MAX_OPTIONS:
            raise InvalidInput(f"{key}: a choice needs between 1 and {MAX_OPTIONS} options")
        if maps_to and maps_to not in PEOPLE and not re.fullmatch(r"attributes\.[a-z][a-z0-9_]{0,59}", maps_to):
            raise InvalidInput(f"{key}: answers cannot go to {maps_to!r}")
        return cls(
            key=key,
            label=storable(str(raw.get("label") or key.replace("_", " ").capitalize()))[:200],
            type=kind,
            required=bool(raw.get("required", False)),
            options=options,
            maps_to=maps_to,
            max_length=int(raw.get("max_length") or 0),
            business_only=bool(raw.get("business_only", False)),
            placeholder=storable(str(raw.get("placeholder", "")))[:200],
            value=storable(str(raw.get("value", "")))[:200],
        )

    def as_dict(self) -> dict[str, Any]:
        """As forms keep it and as pages see it; what is at its default is left out."""
        shown = {name: getattr(self, name) for name in self.__slots__}
        kept = {name: value for name, value in shown.items() if value or name in {"required", "label"}}
        return {**kept, "type": self.type.value, "options": list(self.options)}

    @property
    def longest(self) -> int:
        limit = self.max_length or MAX_ANSWER
        return min(limit, MAX_LENGTH.get(self.maps_to, limit), MAX_ANSWER)


def parse_fields(raw: Iterable[Mapping[str, Any]]) -> list[FormField]:
    """A form's fields in order; raises InvalidInput for a bad one, two of one key, or a form that reaches nobody."""
    fields = [FormField.parse(one) for one in raw]
    keys = [one.key for one in fields]
    if not 0 < len(fields) <= MAX_FIELDS:
        raise InvalidInput(f"a form has between 1 and {MAX_FIELDS} fields")
    if len(set(keys)) != len(keys):
        raise InvalidInput("two fields have the same key")
    emails = [one for one in fields if one.maps_to == "email"]
    if len(emails) != 1 or emails[0].type is not FieldType.EMAIL or not emails[0].required:
        raise InvalidInput("a form needs one required e-mail field that maps to email")
    return fields


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with one answer: a stable code, and words for the person who filled in the form."""

    field: str
    code: str
    message: str


@dataclass(frozen=True, slots=True)
class Checked:
    """The answers as values, or the problems with them (then the values are not to be used)."""

    values: dict[str, Any] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()


def check_answers(fields: Iterable[FormField], answers: Mapping[str, Any]) -> Checked:
    """Reads every field's answer. Keys that no field has are ignored: pages send more than we asked for."""
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for one in fields:
        raw = answers.get(one.key, one.value if one.type is FieldType.HIDDEN else "")
        text = (
            ("yes" if raw else "") if isinstance(raw, bool) else storable(str(raw if raw is not None else "")).strip()
        )
        found = _read(one, text)
        if isinstance(found, Problem):
            problems.append(found)
        elif found not in (None, ""):
            values[one.key] = found
    return Checked(values, tuple(problems))


def _read(one: FormField, text: str) -> Any:
    """The value of one answer, "" for none, or the problem with it."""
    if not text:
        return Problem(one.key, "required", f"{one.label} is needed.") if one.required else ""
    if len(text) > one.longest:
        return Problem(one.key, "too_long", f"{one.label} may have at most {one.longest} characters.")
    read = READERS.get(one.type)
    return read(one, text) if read else text


def _read_email(one: FormField, text: str) -> str | Problem:
    try:
        email = EmailAddress.parse(text)
    except InvalidInput:
        return Problem(one.key, "not_an_email", "This does not look like an e-mail address.")
    if one.business_only and type_of(email.domain) is not MailDomainType.CORPORATE:
        return Problem(one.key, "not_a_business_email", "Please use the address you have at work.")
    return email.value


def _read_phone(one: FormField, text: str) -> str | Problem:
    if not _PHONE.match(text) or sum(letter.isdigit() for letter in text) < 5:
        return Problem(one.key, "not_a_phone", "This does not look like a phone number.")
    return re.sub(r"\s+", " ", text)


def _read_number(one: FormField, text: str) -> float | int | Problem:
    try:
        number = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        number = math.inf
    if not abs(number) <= 1e15:
        return Problem(one.key, "not_a_number", "This does not look like a number.")
    return int(number) if number.is_integer() else number


def _read_url(one: FormField, text: str) -> str | Problem:
    parts = urlsplit(text if "://" in text else f"https://{text}")
    if parts.scheme not in {"http", "https"} or "." not in parts.netloc or " " in text:
        return Problem(one.key, "not_a_url", "This does not look like a web address.")
    return parts.geturl()


def _read_choice(one: FormField, text: str) -> str | Problem:
    return text if text in one.options else Problem(one.key, "not_an_option", "Please choose one of the list.")


def _read_checkbox(one: FormField, text: str) -> bool | str | Problem:
    lowered = text.casefold()
    if lowered in _TRUE:
        return True
    if lowered not in _FALSE:
        return Problem(one.key, "not_an_option", "This box is either ticked or not.")
    return Problem(one.key, "required", f"{one.label} is needed.") if one.required else ""


READERS: Mapping[FieldType, Callable[[FormField, str], Any]] = {
    FieldType.EMAIL: _read_email,
    FieldType.PHONE: _read_phone,
    FieldType.NUMBER: _read_number,
    FieldType.URL: _read_url,
    FieldType.SELECT: _read_choice,
    FieldType.CHECKBOX: _read_checkbox,
}
"""Field types that take more than text; they answer the value or the problem with it."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the answers say about the person, and the name of their company."""

    facts: ContactFacts
    company_name: str


def facts_of(fields: Iterable[FormField], values: Mapping[str, Any]) -> Told:
    """Lays checked answers out by where their fields map to."""
    person: dict[str, Any] = {}
    attributes: dict[str, Any] = {}
    for one in fields:
        if one.key not in values or not one.maps_to:
            continue
        target, _, key = one.maps_to.partition(".")
        if key:
            attributes[key] = values[one.key]
        else:
            person[target] = values[one.key]
    company = str(person.pop("company", ""))
    email = EmailAddress(str(person.pop("email")))
    country = str(person.pop("country", "")).upper()
    texts = {name: str(value) for name, value in person.items()}
    known_country = country if re.fullmatch(r"[A-Z]{2}", country) else None
    return Told(ContactFacts(email=email, country=known_country, attributes=attributes, **texts), company)


def issue_token(key: bytes, form_id: str, now: datetime) -> str:
    """Proof that a form was fetched at this moment: the time, and its HMAC under the organization's key."""
    issued = f"{int(now.timestamp() * 1000):x}"
    return f"{issued}.{_sign(key, form_id, issued)}"


def token_age(key: bytes, form_id: str, token: str, now: datetime) -> timedelta | None:
    """How long ago the token was issued for this form; None if it is not one of ours."""
    issued, _, signature = token.partition(".")
    if not hmac.compare_digest(_sign(key, form_id, issued).encode(), signature.encode()):
        return None
    return now - datetime.fromtimestamp(int(issued, 16) / 1000, UTC)


def _sign(key: bytes, form_id: str, issued: str) -> str:
    own_key = hmac.new(key, b"form-token", hashlib.sha256).digest()
    return hmac.new(own_key, f"{form_id}|{issued}".encode(), hashlib.sha256).hexdigest()[:32]


def judge_spam(*, honeypot: str, age: timedelta | None, min_seconds: float, email: EmailAddress) -> Decision:
    """Whether a submission goes through, or is held for a person to look at, and why."""
    if honeypot:
        return Decision(False, "honeypot_filled")
    if age is None:
        return Decision(False, "token_missing_or_forged")
    seen = {"seconds": round(age.total_seconds(), 1)}
    if age > TOKEN_LIVES:
        return Decision(False, "token_expired", seen)
    if age < timedelta(seconds=min_seconds):
        return Decision(False, "filled_too_fast", seen)
    if type_of(email.domain) is MailDomainType.DISPOSABLE:
        return Decision(False, "disposable_address", seen)
    return Decision(True, "passed_all_checks", seen)
