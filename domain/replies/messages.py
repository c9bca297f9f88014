"""A received message as far as it is judged: decoded headers, and its text as a person would see it. Never raises."""

from __future__ import annotations

import contextlib
import email
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.policy import compat32
from email.utils import getaddresses, parseaddr, parsedate_to_datetime

from domain.replies.markup import text_of_html
from domain.text import storable

LONGEST_TEXT = 100_000
"""Characters that are looked at: nobody answers at greater length, and rules that look for words stay fast."""
LONGEST_MARKUP = 1_000_000
"""Characters of HTML that are looked at: styles take most of it."""

MESSAGE_ID = re.compile(r"<[^<>\s]{1,900}>")
_HOLDERS = ("to", "cc", "delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "resent-to")
_BROKEN = (MessageError, LookupError, ValueError, TypeError, AssertionError)
"""What the standard library raises on headers and encodings that no standard allows."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One received message. Addresses are in lower case; ids keep their angle brackets."""

    headers: Mapping[str, tuple[str, ...]]
    """Decoded values by name in lower case, in the order of the message."""
    sender: str
    sender_name: str
    recipients: tuple[str, ...]
    """All addresses that it was sent or delivered to: a plus or VERP address is among them."""
    subject: str
    text: str
    """Plain text; of an HTML message, what it shows. Quotes are in it, marked by `>`."""
    message_id: str
    in_reply_to: tuple[str, ...]
    references: tuple[str, ...]
    sent_at: datetime | None
    parsed: Message

    def first(self, name: str) -> str:
        """The first value of a header, given in lower case; empty where there is none."""
        return next(iter(self.headers.get(name, ())), "")


def parse(raw: bytes) -> Incoming:
    """Reads a message; what is broken in it is left out, never raised."""
    message = email.message_from_bytes(raw, policy=compat32)
    headers: dict[str, tuple[str, ...]] = {}
    for name, value in message.items():
        key = str(name).casefold()
        headers[key] = (*headers.get(key, ()), decoded(value))

    def ids(name: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(found for value in headers.get(name, ()) for found in MESSAGE_ID.findall(value)))

    sender_name, sender = _address(headers.get("from", ("",))[0])
    return Incoming(
        headers=headers,
        sender=sender,
        sender_name=sender_name,
        recipients=_addresses(headers),
        subject=headers.get("subject", ("",))[0].strip(),
        text=text_of(message)[:LONGEST_TEXT],
        message_id=next(iter(ids("message-id")), ""),
        in_reply_to=ids("in-reply-to"),
        references=ids("references"),
        sent_at=_date(headers.get("date", ("",))[0]),
        parsed=message,
    )


def decoded(value: object) -> str:
    """A header's value with its encoded words read (RFC 2047), on one line."""
    text = str(value)
    if "=?" in text:
        with contextlib.suppress(*_BROKEN):  # else shown as it came
            text = "".join(
                part if isinstance(part, str) else part.decode(charset or "ascii", "replace")
                for part, charset in decode_header(text)
            )
    return storable(re.sub(r"\s*[\r\n]+\s*", " ", text)).strip()


def text_of(message: Message) -> str:
    """What a person reads: the plain parts; without any, the HTML ones as text. Attached messages are none of it."""
    plain, html = [], []
    for part in _own_parts(message):
        if part.get_filename() or part.get_content_disposition() == "attachment":
            continue
        is_unbounded = part.get_content_maintype() == "multipart"  # its boundary occurs nowhere: all of it is text
        if is_unbounded or part.get_content_type() == "text/plain":
            plain.append(_decoded_body(part))
        elif part.get_content_type() == "text/html":
            html.append(_decoded_body(part))
    if any(text.strip() for text in plain):
        return "\n".join(plain)
    return "\n".join(text_of_html(text[:LONGEST_MARKUP]) for text in html)


def part_of(message: Message, content_type: str) -> Message | None:
    """The first part of a type, e.g. `message/delivery-status`; None without one."""
    return next((part for part in message.walk() if part.get_content_type() == content_type), None)


def copy_of(message: Message) -> Message | None:
    """The message that is attached to a report; None without one."""
    part = part_of(message, "message/rfc822")
    inner = part.get_payload() if part is not None else None
    return inner[0] if isinstance(inner, list) and inner and isinstance(inner[0], Message) else None


def text_in(part: Message) -> str:
    """A part's content as text, whether or not the parser took it apart."""
    inner = part.get_payload()
    if isinstance(inner, list):
        return "\n".join(str(each) for each in inner)
    return _decoded_body(part)


def _own_parts(message: Message) -> Iterator[Message]:
    """Its parts, without those of messages that are attached to it."""
    if message.get_content_maintype() == "message":
        return
    if message.is_multipart():
        for part in message.get_payload():
            if isinstance(part, Message):
                yield from _own_parts(part)
    else:
        yield message


def _decoded_body(part: Message) -> str:
    try:
        content = part.get_payload(decode=True)
    except _BROKEN:
        content = None
    if not isinstance(content, bytes):
        return storable(str(part.get_payload())).replace("\r\n", "\n")
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            text = content.decode(charset)
            break
        except (LookupError, UnicodeError):
            continue
    else:
        text = content.decode("latin-1")
    return storable(text.replace("\r\n", "\n"))


def _address(value: str) -> tuple[str, str]:
    name, address = parseaddr(value)
    return name.strip(), address.strip().casefold()


def _addresses(headers: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    values = [value for name in _HOLDERS for value in headers.get(name, ())]
    return tuple(dict.fromkeys(address.casefold() for _, address in getaddresses(values) if "@" in address))


def _date(value: str) -> datetime | None:
    try:
        found = parsedate_to_datetime(value)
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (*_BROKEN, OverflowError):
        return None
