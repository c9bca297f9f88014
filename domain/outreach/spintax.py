"""Spintax: `{Hi|Hello {there|again}}` becomes one of its ways, the same one for the same seed.

Only braces that hold a bar are spun, and Liquid (`{{ … }}`, `{% … %}`) is put aside meanwhile: both stay as they are.
"""

from __future__ import annotations

import re
from functools import lru_cache

from domain.chance import chance
from domain.errors import InvalidInput

_INNERMOST = re.compile(r"\{([^{}]*\|[^{}]*)\}")
_LIQUID = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_HELD = "\ue000{}\ue001"
_ROUNDS = 20


def spin(text: str, *seed: str) -> str:
    """One way through all choices, innermost first. Raises InvalidInput where they are nested more than 20 deep."""
    if not _has_choices(text):
        return text
    held: list[str] = []

    def hold(found: re.Match[str]) -> str:
        held.append(found[0])
        return _HELD.format(len(held) - 1)

    spun = _LIQUID.sub(hold, text)
    number = 0
    for _ in range(_ROUNDS):
        before = spun

        def choose(found: re.Match[str]) -> str:
            nonlocal number
            number += 1
            ways = found[1].split("|")
            return ways[int(chance("spin", str(number), *seed) * len(ways))]

        spun = _INNERMOST.sub(choose, before)
        if spun == before:
            break
    else:
        raise InvalidInput(f"spintax is nested more than {_ROUNDS} deep")
    for number_held, original in enumerate(held):
        spun = spun.replace(_HELD.format(number_held), original)
    return spun


@lru_cache(maxsize=2_000)
def _has_choices(text: str) -> bool:
    """Most texts have none, and are the same for everybody."""
    return _INNERMOST.search(_LIQUID.sub("", text)) is not None


def count_ways(text: str) -> int:
    """How many texts can come of it, at most 10^9: an author should know."""
    plain = _LIQUID.sub("", text)
    marks: list[int] = []

    def weigh(found: re.Match[str]) -> str:
        marks.append(sum(_product(way, marks) for way in found[1].split("|")))
        return f"\ue000{len(marks) - 1}\ue001"

    for _ in range(_ROUNDS):
        before, plain = plain, _INNERMOST.sub(weigh, plain)
        if before == plain:
            break
    return min(_product(plain, marks), 10**9)


def _product(text: str, marks: list[int]) -> int:
    found = 1
    for index in re.findall("\ue000(\\d+)\ue001", text):
        found *= marks[int(index)]
    return found
