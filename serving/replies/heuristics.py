"""Reports of failed delivery that follow no standard, read by what flufl.bounce knows of servers' habits."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from email.message import Message

_LIBRARY = logging.getLogger("flufl.bounce")


def scan(message: Message) -> tuple[frozenset[str], frozenset[str]]:
    """(delayed, failed) addresses in lower case, as `domain.replies.bounces` asks for them.

    Some of its detectors break on headers that are not there; such a message follows none of the habits it knows.
    """
    from flufl.bounce import all_failures

    _LIBRARY.disabled = True  # it writes a trace of what it does not understand, personal data and all
    try:
        delayed, failed = all_failures(message)
    except (LookupError, ValueError, TypeError, AttributeError, AssertionError):
        return frozenset(), frozenset()
    return _texts(delayed), _texts(failed)


def _texts(addresses: Iterable[bytes | str]) -> frozenset[str]:
    texts = (each.decode("ascii", "replace") if isinstance(each, bytes) else each for each in addresses)
    return frozenset(text.casefold() for text in texts)
