"""Whom a report names that follows no standard, and that no list of servers' habits knows: by what stands where."""

from __future__ import annotations

import re
from email.message import Message
from email.utils import getaddresses

from domain.replies.messages import Incoming, copy_of, decoded, part_of, text_in

MOST_NAMED = 10
"""A text that names more addresses than this is no report on them."""
_ABOVE_ORIGINAL = re.compile(
    r"^[ \t>]*(?:[-_*=]{2,}[ \t]*(?:the )?(?:original message|below|this is a copy|message (?:headers?|follows)|(?:returned|unsent|undelivered) message|nachricht)"
    r"|(?:original|included|unsent) (?:message|is)|(?:below|attached) (?:is|this line)|message headers? follow|return-path:|received: (?:from|by))",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS = re.compile(
    r"(?<![\w.+=/:-])[a-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){1,8}", re.IGNORECASE
)
_FIELD = re.compile(
    r"^[ \t]*(?:original|final)-recipient:[ \t]*(?:rfc822;)?[ \t]*<?([^\s<>;]+@[^\s<>]+?)>?[ \t]*$",
    re.IGNORECASE | re.MULTILINE,
)
_COPIED_TO = re.compile(r"^[ \t>]*to:[ \t]*(.{3,998})$", re.IGNORECASE | re.MULTILINE)
_LIST_FIELDS = frozenset({"list-id", "list-post", "x-beenthere"})
_LIST_LINE = re.compile(r"^[ \t>]*(?:list-id|list-post|x-beenthere):", re.IGNORECASE | re.MULTILINE)
_OFFICE = re.compile(
    r"^(?:mailer-?daemon|post_?master|abuse|support|help(?:desk)?|hostmaster|webmaster|no-?reply|info)@", re.IGNORECASE
)
"""Whom a report says to ask; the report is about them only where it is about nobody else."""


def told_in(text: str) -> str:
    """What a report says itself, above the copy of the message that it returns."""
    above = _ABOVE_ORIGINAL.search(text)
    return text[: above.start()] if above and above.start() > 40 else text[:4_000]


def recipients_named(incoming: Incoming) -> tuple[str, ...]:
    """The addresses that a report is about, likeliest source first; empty where none can be told from the others.

    In this order: `X-Failed-Recipients`; fields of RFC 3464 that stand in the text; addresses in the report's own words,
    of which those that the returned message was sent to are believed alone; whom the returned message was sent to.
    """
    given = [
        address for value in incoming.headers.get("x-failed-recipients", ()) for address in _ADDRESS.findall(value)
    ]
    told = told_in(incoming.text)
    fields = _FIELD.findall(told) + _FIELD.findall(_attached_report(incoming.parsed))
    if given or fields:
        return _distinct(given or fields)
    own = {*(address.casefold() for _, address in getaddresses(incoming.headers.get("to", ()))), incoming.sender}
    named = [address for address in _distinct(_ADDRESS.findall(told)) if address not in own]
    copied = [address for address in _sent_to(incoming) if address not in own]
    named = (
        [address for address in named if address in copied]
        or [each for each in named if not _OFFICE.match(each)]
        or named
    )
    return tuple(named or copied) if len(named or copied) <= MOST_NAMED else ()


def _sent_to(incoming: Incoming) -> tuple[str, ...]:
    """`To` of the message that came back: from the copy that is attached, else from the one in the text.

    Of what a list sent on, it says nothing: the list is who it was sent to, and no recipient of it.
    """
    copy = copy_of(incoming.parsed)
    if copy is not None:
        values = (
            [] if _LIST_FIELDS & {name.casefold() for name in copy} else [decoded(v) for v in copy.get_all("To", [])]
        )
    else:
        headers = part_of(incoming.parsed, "text/rfc822-headers")
        below = text_in(headers) if headers is not None else incoming.text[len(told_in(incoming.text)) :]
        found = _COPIED_TO.search(below)
        values = [found[1]] if found and not _LIST_LINE.search(below) else []
    return _distinct([address for _, address in getaddresses(values) if "@" in address])


def _attached_report(message: Message) -> str:
    part = part_of(message, "message/delivery-status")
    return text_in(part) if part is not None else ""


def _distinct(addresses: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(address.strip(".<>").casefold() for address in addresses))
