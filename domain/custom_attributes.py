"""Values of custom attributes that people write by hand, as the store keeps them."""

from __future__ import annotations

from typing import Any

from domain.errors import InvalidInput
from domain.filters import FieldType, read_value

LONGEST = 10_000


def attribute_value(key: str, data_type: str, sent: Any) -> Any:
    """What was sent, as a value of the attribute's type in JSON: dates and moments are ISO text, nothing stays nothing.

    Text is read as the type (`"12"` for an integer). Raises InvalidInput for what is no value of it.
    """
    if sent is None or sent == "":
        return None
    kind = FieldType(data_type)
    if not isinstance(sent, str | int | float):
        raise InvalidInput(f"{key!r} takes one value, not a list or an object")
    if len(str(sent)) > LONGEST:
        raise InvalidInput(f"{key!r} takes at most {LONGEST:,} characters")
    if isinstance(sent, float) and kind is FieldType.INTEGER and sent.is_integer():
        sent = int(sent)
    read = read_value(key, kind, str(sent))
    return read.isoformat() if kind in {FieldType.DATE, FieldType.DATETIME} else read
