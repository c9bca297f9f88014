"""Tags: short words of an organization's own that contacts and companies are marked with."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from typing import Annotated

from pydantic import Field

from domain.errors import InvalidInput
from domain.filters import Condition, Op

LONGEST = 60
MOST_TAGS = 500
"""Of one organization: a list that people choose from."""
MOST_AT_ONCE = 20
"""That one request adds or removes."""
TagNames = Annotated[list[Annotated[str, Field(max_length=LONGEST)]], Field(max_length=MOST_AT_ONCE)]


def tag_name(text: str) -> str:
    """A tag as it is shown: without spaces around it or twice within. Raises InvalidInput for none, or a long one."""
    name = " ".join(text.split())
    if not name or len(name) > LONGEST or any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in name):
        raise InvalidInput(f"a tag has 1 to {LONGEST} letters", hint="Choose a short word, as in `Webinar May`.")
    return name


def tag_key(name: str) -> str:
    """What two spellings of one tag share: `VIP` is `vip`."""
    return unicodedata.normalize("NFKC", " ".join(name.split())).casefold()


def tag_names(texts: Iterable[str]) -> dict[str, str]:
    """Names by key, each tag once, in their order. Raises InvalidInput for a bad one, or too many."""
    found: dict[str, str] = {}
    for text in texts:
        name = tag_name(text)
        found.setdefault(tag_key(name), name)
    if len(found) > MOST_AT_ONCE:
        raise InvalidInput(f"{len(found)} tags; at most {MOST_AT_ONCE} at once")
    return found


def is_named(condition: Condition, key: str) -> bool:
    """Whether a tag of this key is one that a condition on tags names; `ne` and `not_in` name what must not be there."""
    wanted = [tag_key(str(value)) for value in condition.values]
    match condition.op:
        case Op.EQ | Op.NE | Op.IN | Op.NOT_IN:
            return key in wanted
        case Op.CONTAINS:
            return wanted[0] in key
        case Op.STARTS:
            return key.startswith(wanted[0])
        case _:
            return True
