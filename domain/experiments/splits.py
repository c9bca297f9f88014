"""Sample ratio mismatch: whether as many units came to each variant as the weights say. If not, nothing else is believed.

Two tests. Pearson's chi-square, for a look at the end; and one that may be looked at after every unit (Lindon and Malek:
Anytime-valid inference for multinomial count data, NeurIPS 2022): the Bayes factor of a Dirichlet mixture around the
expected shares. Under the right shares it is a martingale of mean one, so it exceeds 1/α ever with probability α at most
(Ville's inequality).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import chdtrc, gammaln, xlogy

from domain.errors import InvalidInput

MISMATCH_AT = 0.01
"""A split is broken from this p-value down: false alarms stop experiments, so they are to be rare."""
CONCENTRATION = 100.0
"""Weight of the mixture round the expected shares, in units: sees shifts of a few per cent early."""


@dataclass(frozen=True, slots=True)
class Split:
    """`p_value` is of the chi-square test; `anytime_p_value` holds however often one has looked."""

    expected: tuple[float, ...]
    p_value: float
    anytime_p_value: float

    @property
    def is_mismatch(self) -> bool:
        return self.anytime_p_value < MISMATCH_AT


def check_split(counts: Sequence[int], weights: Sequence[float]) -> Split:
    """Units of each variant against its weight. A variant without weight must have none. Raises InvalidInput for weights
    that sum to nothing or lists of two lengths."""
    seen, wanted = np.asarray(counts, float), np.asarray(weights, float)
    if len(seen) != len(wanted) or not wanted.sum() > 0 or (wanted < 0).any() or (seen < 0).any():
        raise InvalidInput("a split needs one count, and one weight not below zero, for each variant")
    shares, total = wanted / wanted.sum(), float(seen.sum())
    expected = tuple((shares * total).tolist())
    if total == 0:
        return Split(expected, 1.0, 1.0)
    live = shares > 0
    if seen[~live].any():
        return Split(expected, 0.0, 0.0)
    seen, shares = seen[live], shares[live]
    if len(shares) == 1:
        return Split(expected, 1.0, 1.0)
    statistic = float((((seen - shares * total) ** 2) / (shares * total)).sum())
    prior = CONCENTRATION * shares
    log_factor = float(
        gammaln(prior.sum())
        - gammaln(prior.sum() + total)
        + (gammaln(prior + seen) - gammaln(prior)).sum()
        - xlogy(seen, shares).sum()
    )
    anytime = 1.0 if log_factor <= 0 else float(np.exp(-log_factor))
    return Split(expected, float(chdtrc(len(shares) - 1, statistic)), anytime)
