"""The words that people and companies are found by: how a text becomes words, and what a search asks for.

A word is a run of letters and digits, without case and accents: `Zoë Müller-Lüdenscheidt` is `zoe`, `muller`, `ludenscheidt`.
The same function makes the words of the index and of the search, so that both databases find the same.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

MOST_WORDS = 64
"""Of one record; more would be a text, not a name."""
LONGEST_WORD = 40
MOST_ASKED = 6
"""Words of one search."""
LONGEST_TEXT = 400
"""Characters of one field that are looked at."""

_RUNS = re.compile(r"[^\W_]+")
_DIGITS = re.compile(r"\d+")
_UNDECOMPOSED = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h"}
)
"""Letters with a stroke, and ligatures: Unicode has no decomposition for them."""


def folded(text: str) -> str:
    """A text without case, accents and width: what is compared (Unicode NFKD without combining marks).

    Case goes twice, as in the caseless match of the Unicode standard (D146): decomposing makes capitals of signs (℠ is SM).
    """
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text.casefold()).casefold())
    return "".join(part for part in parts if not unicodedata.combining(part)).translate(_UNDECOMPOSED)


def words_of(*texts: str | None) -> list[str]:
    """The different words of some texts, in their order. Numbers lose leading zeros, so that `030` and `+49 30` meet."""
    whole = folded(" ".join([text[:LONGEST_TEXT] for text in texts if text]))
    words = [_spelled(word) for word in _RUNS.findall(whole)]
    return list(dict.fromkeys(words))[:MOST_WORDS]


def number_word(phone: str) -> str:
    """A telephone number in one piece, as those type it who copied it elsewhere: `+49 30 1234567` is `49301234567`."""
    return "".join(_DIGITS.findall(phone)).lstrip("0")


def asked_words(search: str) -> tuple[str, ...]:
    """What a search asks for: the beginnings of at most six words, all of which must be there."""
    return tuple(words_of(search)[:MOST_ASKED])


@lru_cache(maxsize=10_000)
def room_of(organization_id: str) -> str:
    """Six characters before every word of an organization. A search walks through the words of its own room, however many
    others there are; two organizations that share one are told apart by their rows."""
    return hashlib.blake2s(organization_id.encode(), digest_size=3).hexdigest()


def indexed(organization_id: str, words: Iterable[str]) -> str:
    """Words as they are kept: in their room, with one space between them."""
    room = room_of(organization_id)
    return " ".join([room + word for word in words])


def _spelled(word: str) -> str:
    return (word.lstrip("0") or "0" if word.isdigit() else word)[:LONGEST_WORD]
