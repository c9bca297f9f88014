"""What providers are worth, by their own record: how often they find something, how often it was right, and what a valid value
costs; and the order that follows from it.

The order is that of sequential search: to pay least until the first right value, ask by cost over chance of success, which is
the best order of independent tests that end at the first success (an exchange of two neighbours shows it). It is a proposal: a
person adopts it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.leakage import wilson

ENOUGH = 30
"""Answered calls below which nothing is concluded from a provider's record."""
RARELY_RIGHT = 0.5
"""A provider of which even the upper end of the interval of precision is below this comes last."""


@dataclass(frozen=True, slots=True)
class Tally:
    """A provider's record on one field. `asked`: answered calls; `hits`: those with a valid value; `right` and `wrong`: values
    that were judged by what happened later; `cost`: micros, the field's share of its calls."""

    connection: str
    field: str
    segment: str = ""
    asked: int = 0
    hits: int = 0
    right: int = 0
    wrong: int = 0
    cost: float = 0.0

    @property
    def hit_rate(self) -> float | None:
        return self.hits / self.asked if self.asked else None

    @property
    def hit_interval(self) -> tuple[float, float]:
        """95 % (Wilson); (0, 1) of nothing."""
        return wilson(self.hit_rate or 0.0, self.asked)

    @property
    def judged(self) -> int:
        return self.right + self.wrong

    @property
    def precision(self) -> float | None:
        """Of the judged; None where nothing was."""
        return self.right / self.judged if self.judged else None

    @property
    def precision_interval(self) -> tuple[float, float]:
        return wilson(self.precision or 0.0, self.judged)

    @property
    def cost_per_valid(self) -> float | None:
        """Micros for one valid value; None where there is none."""
        return self.cost / self.hits if self.hits else None

    @property
    def chance(self) -> float:
        """That a call brings a right value, drawn towards one half by two calls and two judgements that never were."""
        return (self.hits + 1) / (self.asked + 2) * (self.right + 1) / (self.judged + 2)


def together(tallies: Iterable[Tally]) -> dict[tuple[str, str], Tally]:
    """Over all segments, by connection and field."""
    found: dict[tuple[str, str], Tally] = {}
    for one in tallies:
        key = (one.connection, one.field)
        held = found.get(key, Tally(one.connection, one.field))
        found[key] = replace(
            held, asked=held.asked + one.asked, hits=held.hits + one.hits, right=held.right + one.right,
            wrong=held.wrong + one.wrong, cost=held.cost + one.cost,
        )  # fmt: skip
    return found


@dataclass(frozen=True, slots=True)
class Proposal:
    """An order for one field's chain, and why it is as it is: `learned`, `same`, or `too_little` with who is short of calls."""

    field: str
    now: tuple[str, ...]
    proposed: tuple[str, ...]
    reason: str
    short: tuple[str, ...] = ()
    expected_now: float = 0.0
    """Micros until the first right value, or until the chain ends."""
    expected_proposed: float = 0.0


def proposal(field: str, chain: Sequence[str], tallies: Mapping[tuple[str, str], Tally]) -> Proposal:
    """The order that costs least until a right value, where every provider of the chain has been asked often enough."""
    known = {name: tallies.get((name, field), Tally(name, field)) for name in chain}
    short = tuple(name for name in chain if known[name].asked < ENOUGH)
    now = tuple(chain)
    if short or len(chain) < 2:
        return Proposal(field, now, now, "too_little" if short else "same", short)

    def rank(name: str) -> tuple[bool, float, float, int]:
        one = known[name]
        is_rarely_right = one.judged > 0 and one.precision_interval[1] < RARELY_RIGHT
        return (is_rarely_right, _price(one) / one.chance, -one.chance, now.index(name))

    proposed = tuple(sorted(chain, key=rank))
    return Proposal(
        field, now, proposed, "same" if proposed == now else "learned", (), expected_cost([known[name] for name in now]),
        expected_cost([known[name] for name in proposed]),
    )  # fmt: skip


def expected_cost(chain: Sequence[Tally]) -> float:
    """Micros that are to be expected until the first right value, or the chain's end."""
    reached, total = 1.0, 0.0
    for one in chain:
        total += reached * _price(one)
        reached *= 1 - one.chance
    return total


def _price(one: Tally) -> float:
    """Micros of one answered call."""
    return one.cost / one.asked if one.asked else 0.0
