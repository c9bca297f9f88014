"""Paging by key: a cursor is the sort key of the last row seen, opaque to the client."""

from __future__ import annotations

import base64
import json
from typing import Any

from domain.errors import InvalidInput


def encode_cursor(sort: str, key: list[Any]) -> str:
    """Text that a client hands back to continue after `key` in the order `sort`."""
    return base64.urlsafe_b64encode(json.dumps([sort, *key]).encode()).decode().rstrip("=")


def decode_cursor(cursor: str, sort: str, length: int) -> list[Any]:
    """The key inside a cursor of the same order; raises InvalidInput for one that was made up or of another order."""
    try:
        found = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, UnicodeDecodeError) as error:
        raise InvalidInput("not a cursor of this list", hint="Start again without `cursor`.") from error
    if not isinstance(found, list) or len(found) != length + 1 or found[0] != sort:
        raise InvalidInput("not a cursor of this list", hint="Start again without `cursor`.")
    if not all(value is None or isinstance(value, (str, int, float)) for value in found[1:]):
        raise InvalidInput("not a cursor of this list", hint="Start again without `cursor`.")
    return found[1:]
