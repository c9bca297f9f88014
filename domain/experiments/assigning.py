"""Who gets which variant: the same answer for the same unit always, on every machine, without asking anybody.

A unit is hashed with the experiment's salt (Kohavi, Tang, Xu: Trustworthy Online Controlled Experiments, 2020, §4), with
other words for each question, so that holdout, layer, traffic and variant are drawn independently of one another. What was
dealt once is kept by the exposure log: weights that change later move nobody.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from domain.chance import chance, drawn
from domain.errors import InvalidInput

MOST_VARIANTS = 10


class Unit(StrEnum):
    """What is dealt a variant. Companies, where people of one talk to each other or one answer is the company's."""

    PERSON = "person"
    COMPANY = "company"


@dataclass(frozen=True, slots=True)
class Variant:
    """One way. `weight` is relative to the others; one that is not enabled gets nobody new."""

    key: str
    weight: float = 1.0
    is_enabled: bool = True


@dataclass(frozen=True, slots=True)
class Design:
    """What is tested on whom. The first variant is what the others are compared with.

    `holdout`: share of units that no experiment with the same `holdout_salt` touches. `traffic`: share of the rest that
    takes part. `layer`: experiments of one layer take parts of [0, 1) that do not overlap, so nobody is in two of them.
    """

    salt: str
    variants: tuple[Variant, ...]
    traffic: float = 1.0
    holdout: float = 0.0
    holdout_salt: str = ""
    layer: str = ""
    layer_part: tuple[float, float] = (0.0, 1.0)

    def __post_init__(self) -> None:
        names = [variant.key for variant in self.variants]
        if not self.salt:
            raise InvalidInput("an experiment needs a salt, or all would deal alike")
        if not 2 <= len(names) <= MOST_VARIANTS or len(set(names)) < len(names):
            raise InvalidInput(f"an experiment has 2 to {MOST_VARIANTS} variants, each with a key of its own")
        if any(not 0 <= variant.weight < float("inf") for variant in self.variants) or not any(self.weights):
            raise InvalidInput("weights are not below zero, and one enabled variant at least has some")
        low, high = self.layer_part
        if not (0 <= self.traffic <= 1 and 0 <= self.holdout < 1 and 0 <= low < high <= 1):
            raise InvalidInput("shares lie from 0 to 1")

    @property
    def weights(self) -> tuple[float, ...]:
        """Of each variant; 0 where it is not enabled."""
        return tuple(variant.weight if variant.is_enabled else 0.0 for variant in self.variants)


@dataclass(frozen=True, slots=True)
class Assignment:
    """A variant, or None with the reason: `excluded`, `held_out`, `other_experiment`, `not_in_traffic`. With one:
    `dealt`, or `kept` from before."""

    variant: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Exposure:
    """A unit met its variant for the first time. `clashes`: it met another one later, so it says nothing of either."""

    unit_id: str
    variant: str
    exposed_at: datetime
    clashes: bool = False


def assign(design: Design, unit_id: str, *, held: str | None = None, is_excluded: bool = False) -> Assignment:
    """What a unit gets. `held`: the variant that the exposure log has for it, which stays, whatever else changed."""
    if not unit_id:
        raise InvalidInput("nothing can be dealt to nobody", hint="Send the id of a person or a company.")
    if held is not None and any(variant.key == held for variant in design.variants):
        return Assignment(held, "kept")
    low, high = design.layer_part
    if is_excluded:
        return Assignment(None, "excluded")
    if chance("holdout", design.holdout_salt, unit_id) < design.holdout:
        return Assignment(None, "held_out")
    if not low <= chance("layer", design.layer, unit_id) < high:
        return Assignment(None, "other_experiment")
    if chance("traffic", design.salt, unit_id) >= design.traffic:
        return Assignment(None, "not_in_traffic")
    return Assignment(design.variants[drawn(design.weights, chance("variant", design.salt, unit_id))].key, "dealt")
