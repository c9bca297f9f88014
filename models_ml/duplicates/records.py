"""Records as they are compared: every value in the form in which the same thing is the same text (`domain.record_keys`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import pyarrow as pa
import tldextract

from domain.contacts import Domain
from domain.errors import InvalidInput
from domain.mail_domains import MailDomainType, type_of
from domain.record_keys import (
    company_key,
    given_key,
    mailbox_of,
    name_key,
    phone_key,
    profile_key,
    soundex,
    words_of,
)

MOST_EXTRAS = 6
FILLED, DISTINCT = 0.3, 0.25
"""An attribute tells records apart where this share of them has it, and this share of its values is no other's."""
PROFILE_KEYS = ("linkedin", "linkedin_url", "linkedin_profile", "linkedin_profile_url")
"""Custom attributes in which people keep a LinkedIn address."""
PEOPLE_COLUMNS = (
    "unique_id", "first_name", "last_name", "full_name", "given_name", "given_sound", "family_sound", "email_local",
    "email_host", "is_name", "phone", "profile", "company_id", "work_host",
)  # fmt: skip
COMPANY_COLUMNS = ("unique_id", "name", "first_word", "domain", "label", "country", "industry")
_suffixes = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


@dataclass(frozen=True, slots=True)
class Records:
    """Records of one organization. `extras`: columns of its own attributes that tell records apart, {column: key}."""

    table: pa.Table
    extras: Mapping[str, str]

    def __len__(self) -> int:
        return int(self.table.num_rows)


def people(rows: Iterable[Mapping[str, Any]], keys: Sequence[str] = ()) -> Records:
    """Contacts: mappings of contact_id, email, first_name, last_name, phone, country, company_id and attributes. `keys`:
    attributes that may be compared."""
    return _records(rows, PEOPLE_COLUMNS, _person, keys)


def companies(rows: Iterable[Mapping[str, Any]], keys: Sequence[str] = ()) -> Records:
    """Companies: mappings of company_id, name, domain, country, industry and attributes."""
    return _records(rows, COMPANY_COLUMNS, _company, keys)


def _records(
    rows: Iterable[Mapping[str, Any]],
    names: Sequence[str],
    read: Callable[[Mapping[str, Any]], tuple[Any, ...]],
    keys: Sequence[str],
) -> Records:
    read_rows, attributes = [], []
    for row in rows:
        read_rows.append(read(row))
        attributes.append(row.get("attributes") or {})
    columns: dict[str, Any] = {
        name: pa.array(values, pa.bool_() if name == "is_name" else pa.string())
        for name, values in zip(names, zip(*read_rows, strict=True) if read_rows else [()] * len(names), strict=True)
    }
    extras: dict[str, str] = {}
    for key in keys:
        values = ["".join(words_of(str(found[key]))) or None if key in found else None for found in attributes]
        if len(extras) < MOST_EXTRAS and _tells_apart(values):
            column = f"extra_{len(extras)}"
            columns[column], extras[column] = pa.array(values, pa.string()), key
    return Records(pa.table(columns), extras)


def _tells_apart(values: Sequence[str | None]) -> bool:
    told = [value for value in values if value]
    return bool(told) and len(told) >= FILLED * len(values) and len(set(told)) >= DISTINCT * len(told)


def _person(row: Mapping[str, Any]) -> tuple[Any, ...]:
    first, last = name_key(row.get("first_name") or ""), name_key(row.get("last_name") or "")
    given = given_key(row.get("first_name") or "")
    local, host = mailbox_of(row.get("email") or "")
    profile = next(
        (found for key in PROFILE_KEYS if (found := profile_key(str((row.get("attributes") or {}).get(key) or "")))), ""
    )
    registered, is_work = _host(host)
    return tuple(
        value if value != "" else None
        for value in (
            row["contact_id"], first, last, f"{first} {last}" if first and last else "",
            f"{given} {last}" if given and last else "", soundex(given), soundex(last), local, registered,
            _spells(local, first, last), phone_key(row.get("phone") or "", row.get("country")), profile,
            row.get("company_id"), registered if is_work else "",
        )
    )  # fmt: skip


def _spells(local: str, first: str, last: str) -> bool:
    """Whether the local part of an address is only the name: ada.lovelace, alovelace, lovelace, ada."""
    letters = "".join(words_of(local))
    if not letters or not (first or last):
        return False
    return letters in {
        first, last, first + last, last + first, first[:1] + last, last + first[:1], first + last[:1],
    }  # fmt: skip


def _company(row: Mapping[str, Any]) -> tuple[Any, ...]:
    name = company_key(row.get("name") or "")
    domain, _ = _host((row.get("domain") or "").casefold())
    label = _label(domain)
    if name in {"".join(words_of(domain)), " ".join(words_of(domain))}:
        name = company_key(label)  # named by its domain for want of a name
    return tuple(
        value if value != "" else None
        for value in (
            row["company_id"], name, name.split(" ")[0], domain, label, (row.get("country") or "").upper(),
            " ".join(words_of(row.get("industry") or "")),
        )
    )  # fmt: skip


def _label(domain: str) -> str:
    """The part of a domain that its owner chose: `acme.co.uk` → acme."""
    found = _suffixes(domain)
    return found.domain if found.suffix else domain.split(".", maxsplit=1)[0]


@cache
def _host(host: str) -> tuple[str, bool]:
    """The domain that was registered for a host name, and whether it says where somebody works."""
    if not host:
        return "", False
    registered = _suffixes(host).top_domain_under_public_suffix or ".".join(host.split(".")[-2:])
    try:
        return registered, type_of(Domain.parse(registered)) is MailDomainType.CORPORATE
    except InvalidInput:
        return registered, False
