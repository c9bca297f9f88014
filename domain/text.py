"""Text from outside, made fit to be kept: PostgreSQL takes no NUL, UTF-8 no half of a surrogate pair."""

from __future__ import annotations

import re

_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def storable(text: str) -> str:
    """The text without control characters (but tabs and line ends) and without broken characters."""
    return _UNFIT.sub("", text)
