"""What is kept of an event: as much as consent allows, without what names a person."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Any

import msgspec

from domain.capture import Permission, permission
from domain.contacts import EmailAddress
from domain.errors import InvalidInput
from domain.events import ConsentLevel, EventType
from domain.page_urls import REMOVED, clean_url, is_personal_name, is_personal_value, without_addresses, without_ids
from serving.capture.schemas import Device, Event, Page, Signals

UNSAID = ConsentLevel.NONE
"""An event that says nothing of consent has none."""
AMBIGUOUS = frozenset({"name", "user", "address", "session", "login", "mail", "pass", "pin", "token", "fax", "street"})
"""Names that are personal in an address bar, but usual for things in an event's own properties."""


_SUSPICIOUS = re.compile(r"[@/+%]|00\d|eyJ")
"""What every value has that cleaning might change: an address, a URL, a phone number, a token."""


def may_hold_address(body: bytes) -> bool:
    """Whether an e-mail address can be anywhere in a request, however it is escaped: one look for all its events."""
    return b"@" in body or (b"%" in body and b"%40" in body) or (b"\\" in body and b"u0040" in body)


def keep(event: Event, *, gpc: bool, dnt: bool, may_hold_address: bool) -> Permission:
    """Takes from the event what may not be kept, and writes down which consent counted. `gpc` and `dnt` are the
    request's own headers; traits of a person are left for the caller to take."""
    signals = event.signals
    if signals is not None:
        gpc, dnt = gpc or signals.gpc is True, dnt or signals.dnt is True
    allowed = permission(event.consent or UNSAID, gpc, dnt)
    event.consent = allowed.level
    event.consent_asked = event.email_hash = None
    if allowed.is_signalled:
        event.signals = Signals(gpc, dnt, allowed.is_lowered)
        if allowed.is_lowered:
            event.consent_asked = allowed.asked
    if event.page is not None:
        _clean_page(event.page)
    if not allowed.may_link_to_person:
        _unlink(event, allowed)
    if event.properties and not _is_harmless(event.properties):
        event.properties = clean_properties(event.properties)
    if may_hold_address:
        _remove_addresses(event)
    return allowed


def _unlink(event: Event, allowed: Permission) -> None:
    event.user_hash = None
    if not allowed.may_keep_ids:
        event.anonymous_id = event.session_id = event.click_ids = None
        page = event.page
        if page is not None:
            page.url = without_ids(page.url) if page.url else page.url
            page.referrer = without_ids(page.referrer) if page.referrer else page.referrer
    if not allowed.may_describe_visitor and event.device is not None:
        event.device = Device(language=event.device.language)


def _clean_page(page: Page) -> None:
    if page.url:
        page.url = clean_url(page.url)
    if page.referrer:
        page.referrer = clean_url(page.referrer)


def take_traits(event: Event, allowed: Permission, hash_key: bytes | None) -> dict[str, Any] | None:
    """Removes a person's traits from an `identify` and answers them, if consent lets them be linked; the event keeps the
    HMAC of the address. Traits of a company (`group`) stay."""
    traits = event.traits
    if event.type == EventType.GROUP:
        return None
    event.traits = None
    if event.type != EventType.IDENTIFY or not traits or not allowed.may_link_to_person:
        return None
    if hash_key is not None and isinstance(traits.get("email"), str):
        try:
            event.email_hash = EmailAddress.parse(traits["email"]).hashed(hash_key)
        except InvalidInput:
            event.email_hash = None
    return traits


def identify_payload(event: Event, traits: dict[str, Any], user_hash: str | None, received_at: datetime) -> str:
    """What the `identify` job is given, as JSON."""
    return msgspec.json.encode(
        {
            "event_id": event.event_id,
            "anonymous_id": event.anonymous_id,
            "user_hash": user_hash,
            "traits": traits,
            "occurred_at": event.occurred_at,
            "received_at": received_at,
            "page_url": event.page.url if event.page else None,
        }
    ).decode()


def _is_harmless(properties: dict[str, Any]) -> bool:
    """Whether cleaning would change nothing, for most properties are few and plain: 0.2 µs each instead of 1 µs."""
    for name, value in properties.items():
        if _is_personal_property(name):
            return False
        kind = type(value)
        if kind is str:
            if _SUSPICIOUS.search(value) is not None:
                return False
        elif kind is dict or kind is list:
            return False
    return True


def clean_properties(properties: dict[str, Any]) -> dict[str, Any]:
    """Properties without personal names, and without addresses in their values, at any depth."""
    return {name: _clean(value) for name, value in properties.items() if not _is_personal_property(name)}


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _clean_text(value)
    if isinstance(value, dict):
        return clean_properties(value)
    return [_clean(held) for held in value] if isinstance(value, list) else value


def _clean_text(value: str) -> str:
    if "://" in value or value.startswith("/"):
        return clean_url(value)
    if "@" in value:
        return without_addresses(value)
    return REMOVED if is_personal_value(value) else value


@lru_cache(maxsize=4096)
def _is_personal_property(name: str) -> bool:
    return name.lower() not in AMBIGUOUS and is_personal_name(name)


def _remove_addresses(event: Event) -> None:
    if event.name:
        event.name = without_addresses(event.name)
    if event.page is not None and event.page.title:
        event.page.title = without_addresses(event.page.title)
    for tags in (event.utm, event.click_ids):
        for name, value in (tags or {}).items():
            if value and is_personal_value(value):
                tags[name] = REMOVED  # type: ignore[index]
    for name in ("anonymous_id", "session_id"):
        value = getattr(event, name)
        if value and "@" in value:  # an address is no anonymous id
            setattr(event, name, None)
