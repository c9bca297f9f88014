"""Rules by position, over counted paths. dbt has the same rules with times and stages (marts.attribution_credits)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from domain.errors import InvalidInput
from models_ml.attribution.credits import Credits
from models_ml.attribution.paths import DIRECT, Floats, Paths

MODELS = ("first_touch", "last_touch", "last_non_direct", "linear", "u_shaped", "time_decay")


def rule(
    paths: Paths,
    model: str,
    *,
    direct: str = DIRECT,
    ends: tuple[float, float] = (0.4, 0.4),
    ages: Floats | None = None,
    half_life: float = 7.0,
) -> Credits:
    """Credit by one of MODELS; credits of a conversion sum to one.

    `last_non_direct`: the last touch that is not `direct`, or the last one where all are. `u_shaped`: shares `ends` of
    the first and last touch, the rest in equal parts between; two touches share in the ratio of `ends`.
    `time_decay`: 0.5 ** (age / half_life), normed; `ages` gives each step's age before the conversion, in the unit of
    `half_life`; without it a step is one unit older than the next. Raises InvalidInput for a model there is not.
    """
    position = paths.positions
    length = paths.lengths[paths.owners]
    after = length - 1 - position

    def last_non_direct() -> Floats:
        is_other = (
            paths.steps != paths.channels.index(direct)
            if direct in paths.channels
            else np.ones(len(paths.steps), np.bool_)
        )
        chosen = paths.offsets[1:] - 1
        others = np.flatnonzero(is_other)
        np.maximum.at(last := np.full(len(chosen), -1), paths.owners[others], others)
        weights = np.zeros(len(paths.steps))
        weights[np.where(last >= 0, last, chosen)] = 1.0
        return weights

    def u_shaped() -> Floats:
        first, last = ends
        if min(ends) < 0 or first + last > 1 or first + last == 0:
            raise InvalidInput("the shares of first and last touch are at least zero and together at most one")
        middle = (1 - first - last) / np.maximum(length - 2, 1)
        whole = np.where(length == 2, first + last, 1.0)
        weights = np.where(position == 0, first, np.where(after == 0, last, middle)) / whole
        return np.where(length == 1, 1.0, weights)

    def time_decay() -> Floats:
        if half_life <= 0:
            raise InvalidInput("a half-life is above zero")
        raw = np.power(0.5, (after if ages is None else ages) / half_life)
        return np.asarray(raw / np.bincount(paths.owners, weights=raw)[paths.owners])

    weigh: dict[str, Callable[[], Floats]] = {
        "first_touch": lambda: (position == 0).astype(float),
        "last_touch": lambda: (after == 0).astype(float),
        "last_non_direct": last_non_direct,
        "linear": lambda: 1.0 / length,
        "u_shaped": u_shaped,
        "time_decay": time_decay,
    }
    if model not in weigh:
        raise InvalidInput(f"no attribution rule {model!r}; there are {', '.join(MODELS)}")
    weights = weigh[model]()
    conversions = paths.totals(weights * paths.conversions[paths.owners])
    values = paths.totals(weights * paths.values[paths.owners])
    return Credits(model, paths.channels, conversions, values)
