"""Why the open pipeline is worth more or less than it was: two states of it, and every difference under one name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import InvalidInput


class Standing(StrEnum):
    """Whether a deal is still open."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class Cause(StrEnum):
    """What changed, in the order of the chart."""

    CREATED = "created"
    REOPENED = "reopened"
    ADVANCED = "advanced"
    SLIPPED = "slipped"
    REPRICED = "repriced"
    WON = "won"
    LOST = "lost"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class DealState:
    """A deal as it was known at one moment, its amount in minor units of one currency."""

    amount_minor: int
    stage_rank: int
    """Place of its stage in the pipeline, rising towards won."""
    chance_in_million: int
    """That it is won, in parts of a million: whole numbers, so that the parts of a waterfall add up exactly."""
    standing: Standing = Standing.OPEN

    def __post_init__(self) -> None:
        if not 0 <= self.chance_in_million <= 1_000_000:
            raise InvalidInput(f"a chance lies between 0 and 1,000,000 in a million, not {self.chance_in_million}")

    @property
    def weighted_minor(self) -> int:
        """What it adds to the open pipeline; a closed deal adds nothing."""
        if self.standing is not Standing.OPEN:
            return 0
        return self.amount_minor * self.chance_in_million // 1_000_000


@dataclass(frozen=True, slots=True)
class Change:
    """One part of the difference: a deal may stand under two causes (it advanced, and its price rose)."""

    deal_id: str
    cause: Cause
    change_minor: int


@dataclass(frozen=True, slots=True)
class Waterfall:
    """`before_minor` and the changes add up to `after_minor`, to the last minor unit."""

    before_minor: int
    changes: Sequence[Change]
    after_minor: int

    def of(self, cause: Cause) -> int:
        return sum(change.change_minor for change in self.changes if change.cause is cause)


def explain(before: Mapping[str, DealState], after: Mapping[str, DealState]) -> Waterfall:
    """Every deal of either state. Who was won and later deleted between the two is `removed`: only the states are known."""
    changes = [
        change
        for deal_id in sorted({*before, *after})
        for change in _changes(deal_id, before.get(deal_id), after.get(deal_id))
    ]
    return Waterfall(
        before_minor=sum(state.weighted_minor for state in before.values()),
        changes=changes,
        after_minor=sum(state.weighted_minor for state in after.values()),
    )


def _changes(deal_id: str, old: DealState | None, new: DealState | None) -> list[Change]:
    """The change of price is weighed by the old chance, the change of chance by the new price: together, all of it."""
    was = old.weighted_minor if old else 0
    is_now = new.weighted_minor if new else 0
    if old is None or new is None or {old.standing, new.standing} != {Standing.OPEN}:
        cause = _turn(old, new)
        return [Change(deal_id, cause, is_now - was)] if cause else []
    repriced = new.amount_minor * old.chance_in_million // 1_000_000
    forward = (new.stage_rank, new.chance_in_million) >= (old.stage_rank, old.chance_in_million)
    parts = (
        Change(deal_id, Cause.REPRICED, repriced - was),
        Change(deal_id, Cause.ADVANCED if forward else Cause.SLIPPED, is_now - repriced),
    )
    return [part for part in parts if part.change_minor]


def _turn(old: DealState | None, new: DealState | None) -> Cause | None:
    """What happened to a deal that is not open in both states; None where both are closed or it closed unseen."""
    if new is None:
        return Cause.REMOVED if old and old.standing is Standing.OPEN else None
    if new.standing is Standing.OPEN:
        return Cause.REOPENED if old else Cause.CREATED
    if old is None or old.standing is not Standing.OPEN:
        return None
    return Cause.WON if new.standing is Standing.WON else Cause.LOST
