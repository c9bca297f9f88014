"""Addresses of pages without what they say about a person: query parameters, credentials and e-mail addresses go."""

from __future__ import annotations

import re
from functools import lru_cache
from urllib.parse import unquote_plus

TRAP = "/lh-trap"
"""In the address of a page or link that no person is shown, on a site or in a mail: whoever asks for it is a program."""

REMOVED = "[removed]"
"""Stands where an e-mail address stood in a path, a title or a property."""

_PERSONAL = """
    email mail emailaddress useremail contactemail workemail businessemail e_mail
    name firstname fname lastname lname surname fullname givenname familyname middlename contactname username user login
    phone phonenumber tel telephone mobile mobilephone cell cellphone whatsapp fax
    address street streetaddress address1 address2 zip zipcode postcode postalcode
    dob birthdate birthday dateofbirth ssn nationalid passport taxid iban cardnumber creditcard cvv cvc
    token accesstoken idtoken refreshtoken authtoken auth authorization bearer jwt apikey secret clientsecret
    password passwd pwd pass passphrase otp pin sessionid session sid phpsessid jsessionid signature sig magic
"""
PERSONAL_NAMES = frozenset(_PERSONAL.split())
"""Names of query parameters and properties whose value is taken as personal, in lower case without `-`, `_` and `.`."""

_CLICK_IDS = "gclid gbraid wbraid dclid gclsrc fbclid msclkid lifatid ttclid twclid yclid mcclid scclid rdtcid epik"
KEPT_NAMES = frozenset(_CLICK_IDS.split())
"""Click ids: kept by name, so that no rule about values can take one for a token."""

EMAIL = re.compile(r"[A-Za-z0-9.!#$&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+")
_PHONE = re.compile(r"(?:\+|00)\d[\d ().-]{6,18}\d")
_TOKEN = re.compile(r"eyJ[\w-]{8,}\.[\w-]{4,}\.[\w-]*")  # a JSON web token
_SEPARATORS = re.compile(r"[-_.\s]")
_ENCODED_EMAIL = re.compile(r"[^/?#&;=\s]{1,128}(?:@|%(?:25)?40)[^/?#&;=\s]+\.[^/?#&;=\s]+", re.IGNORECASE)


def is_trap(url: str | None) -> bool:
    """Whether an address is one that no person is shown."""
    return url is not None and TRAP in url


def is_personal_name(name: str) -> bool:
    """Whether a parameter or property of this name holds personal data: `e-mail`, `user[Email]`, `Contact.first_name`."""
    last = re.split(r"[\[\]]+", name.strip().rstrip("[]"))[-1]
    squeezed = _SEPARATORS.sub("", last).lower()
    if squeezed in PERSONAL_NAMES:
        return True
    tail = _SEPARATORS.sub("", last.rpartition(".")[2]).lower()
    return tail in PERSONAL_NAMES


def is_personal_value(value: str) -> bool:
    """Whether a value gives itself away: an e-mail address, an international phone number, a signed token."""
    return bool(EMAIL.search(value) or _PHONE.fullmatch(value.strip()) or _TOKEN.search(value))


def without_addresses(text: str) -> str:
    """The text with every e-mail address replaced."""
    return EMAIL.sub(REMOVED, text) if "@" in text else text


@lru_cache(maxsize=16_384)
def clean_url(url: str) -> str:
    """The address without personal query parameters (also in the fragment), credentials and e-mail addresses.

    Everything else stays byte for byte, in order: utm parameters, click ids, searches.
    """
    if "?" not in url and "#" not in url and "@" not in url and "%40" not in url and "%25" not in url:
        return url
    rest, hash_sign, fragment = url.partition("#")
    base, question, query = rest.partition("?")
    cleaned = _clean_path(base)
    if question and (kept := _clean_query(query)):
        cleaned += f"?{kept}"
    if hash_sign:
        kept = _clean_query(fragment) if "=" in fragment else _ENCODED_EMAIL.sub(REMOVED, fragment)
        cleaned += f"#{kept}" if kept else ""
    return cleaned


@lru_cache(maxsize=4096)
def without_ids(url: str) -> str:
    """A cleaned address of which nothing is left that may single out a visitor: of the query only utm parameters stay,
    for any other may hold an id (a click, a newsletter's reader), and the fragment goes."""
    base, question, query = url.partition("#")[0].partition("?")
    kept = "&".join(part for part in re.split("[&;]", query) if part.lower().startswith("utm_"))
    return f"{base}?{kept}" if question and kept else base


def _clean_path(base: str) -> str:
    scheme, slashes, rest = base.partition("://")
    if not slashes:
        return _ENCODED_EMAIL.sub(REMOVED, base)
    host, slash, path = rest.partition("/")
    host = host.rpartition("@")[2]  # user:password@
    return f"{scheme}://{host}{slash}{_ENCODED_EMAIL.sub(REMOVED, path)}"


def _clean_query(query: str) -> str:
    return "&".join(part for part in re.split("[&;]", query) if part and not _is_personal(part))


def _is_personal(part: str) -> bool:
    raw_name, _, raw_value = part.partition("=")
    name = unquote_plus(raw_name)
    if _SEPARATORS.sub("", name).lower() in KEPT_NAMES:
        return False
    value = unquote_plus(raw_value)
    if is_personal_name(name) or is_personal_value(value) or is_personal_value(name):
        return True
    return "%" in value and is_personal_value(unquote_plus(value))  # encoded twice, as redirects do
