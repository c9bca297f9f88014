"""A bandit with a floor: more of what seems best, never nothing of the rest, so that it can still be found out.

Thompson sampling in expectation: each enabled arm gets its chance to be the best (Chapelle and Li 2011; Scott 2010), mixed
with an even share. Only matured outcomes count; delayed ones would punish whatever was shown last.
"""

from __future__ import annotations

from collections.abc import Mapping

from domain.errors import InvalidInput
from domain.experiments.beliefs import believe_rates
from domain.experiments.rates import Prior, Tally

FLOOR = 0.1


def allocation(arms: Mapping[str, Tally], prior: Prior, *, floor: float = FLOOR) -> dict[str, float]:
    """Shares of new units by arm, which sum to one, each at least `floor`. Raises InvalidInput for a floor that does not fit
    so many arms."""
    if not arms or not 0 <= floor * len(arms) <= 1:
        raise InvalidInput("the floors of all arms together are at most the whole")
    free = 1 - floor * len(arms)
    beliefs = believe_rates(list(arms.values()), prior)
    return {key: floor + free * belief.chance_best for key, belief in zip(arms, beliefs, strict=True)}
