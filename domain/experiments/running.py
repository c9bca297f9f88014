"""The life of an experiment: what may be changed when, how it begins, how it ends, and what it deals meanwhile.

Once it runs, whatever decides who gets what and what counts stays as it is, or the split and the error rates would mean
nothing. Only a bandit moves its weights, and never below its floor.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from domain.errors import Conflict, InvalidInput
from domain.experiments.assigning import Assignment, Design, Variant, assign

MOST_HORIZON_DAYS = 90


class State(StrEnum):
    """`draft` deals nobody anything; `running` deals and counts; `stopped` answers the arm that was decided for."""

    DRAFT = "draft"
    RUNNING = "running"
    STOPPED = "stopped"


class Allocation(StrEnum):
    """Whether weights stay, or follow what seems best."""

    FIXED = "fixed"
    BANDIT = "bandit"


class Frozen(Conflict):
    """This cannot be changed any more."""

    code = "experiment_frozen"
    hint = "Stop the experiment and start another one: what was counted so far was counted under these rules."


WORDS = frozenset({"name", "hypothesis"})
"""What says nothing of who gets what, nor of what counts."""


@dataclass(frozen=True, slots=True)
class Rules:
    """What an experiment deals by."""

    seed: str
    holdout_seed: str
    """The organization's: the same units are kept out of all of its experiments."""
    variants: tuple[Variant, ...]
    allocation: Allocation = Allocation.FIXED
    floor: float = 0.0
    traffic: float = 1.0
    holdout: float = 0.0

    @property
    def design(self) -> Design:
        """Raises InvalidInput for terms that nothing can be dealt by."""
        if self.allocation is Allocation.BANDIT:
            require_floor(self.variants, self.floor)
        return Design(self.seed, self.variants, self.traffic, self.holdout, self.holdout_seed)


def require_floor(variants: Sequence[Variant], floor: float) -> None:
    """Raises InvalidInput where the floor of a bandit is none, or an arm lies below it."""
    if not 0 < floor <= 1 / len(variants):
        raise InvalidInput("the floor of a bandit is above 0, and the floors of all arms are at most the whole")
    whole = sum(variant.weight for variant in variants)
    if below := [variant.key for variant in variants if variant.weight < floor * whole * (1 - 1e-9)]:
        raise InvalidInput(f"less than the floor is left for {', '.join(below)}", hint="Raise its weight.")


def check_change(state: State, rules: Rules, changed: Collection[str], variants: Sequence[Variant] | None) -> None:
    """Whether the fields named `changed` may change now, `variants` being the new ones where they are among them.

    Raises Frozen for what decides who gets what; InvalidInput for weights that a bandit may not have.
    """
    if state is State.DRAFT:
        return
    if state is State.STOPPED and set(changed):
        raise Frozen("a stopped experiment stays as it was decided")
    held = sorted(set(changed) - WORDS - {"arms"})
    if held:
        raise Frozen(f"an experiment that runs keeps its {', '.join(name.replace('_', ' ') for name in held)}")
    if variants is None:
        return
    if [one.key for one in variants] != [one.key for one in rules.variants]:
        raise Frozen("an experiment that runs keeps its arms")
    if rules.allocation is not Allocation.BANDIT:
        raise Frozen("an experiment that runs keeps its weights, unless it is a bandit")
    require_floor(variants, rules.floor)


def check_start(state: State) -> None:
    """Raises Conflict for one that was started before."""
    if state is not State.DRAFT:
        raise Conflict(f"this experiment is {state} already", hint="Make another one, with a key of its own.")


def check_stop(state: State, rules: Rules, adopted: str | None, reason: str) -> None:
    """Raises Conflict for one that does not run, InvalidInput for an arm that it has not or a decision without a reason."""
    if state is not State.RUNNING:
        raise Conflict("only an experiment that runs can be stopped")
    if adopted is not None and adopted not in {variant.key for variant in rules.variants}:
        raise InvalidInput(f"there is no arm {adopted!r}")
    if not reason.strip():
        raise InvalidInput("a decision needs its reason", hint="Say in a sentence why it is stopped now.")


def check_delete(state: State) -> None:
    """Raises Conflict for what was shown to anybody: it is kept, with its decision."""
    if state is not State.DRAFT:
        raise Conflict("what was shown to people is kept", hint="Stop the experiment instead.")


def deal(state: State, rules: Rules, unit: str, *, held: str | None, adopted: str | None) -> Assignment:
    """What a unit gets now. A draft answers `not_running`; a stopped one the arm that was decided for (`decided`), or none
    with `stopped`: pages go on showing what they show without it."""
    if state is State.DRAFT:
        return Assignment(None, "not_running")
    if state is State.STOPPED:
        return Assignment(adopted, "decided" if adopted else "stopped")
    return assign(rules.design, unit, held=held)
