"""The same weekly chances walked through deal by deal, as somebody would who had no closed form."""

from __future__ import annotations

import numpy as np

from models_ml.forecast.rates import BLOCK, age_class
from models_ml.forecast.weeks import LOST, WON, Floats, Ints


def walked(rates: Floats, win_luck: Floats, stage: Ints, age: Ints, weeks: int, chance: np.random.Generator) -> Floats:
    """Draws × deals: the week at whose end each was won, infinite where it was not. `rates`, `win_luck` and deals as
    `futures.chances` takes them."""
    draws = np.arange(len(rates))[:, None]
    at, old = (np.broadcast_to(start, (len(rates), len(stage))).copy() for start in (stage, age))
    won = np.full(at.shape, np.inf)
    for week in range(weeks):
        is_open = at < WON
        here = rates[draws, np.where(is_open, at, 0), age_class(old)].copy()
        ends = here[..., WON] + here[..., LOST]
        lifted = here[..., WON] * win_luck[:, min(week // BLOCK, win_luck.shape[1] - 1), None]
        here[..., WON] = ends * lifted / np.maximum(lifted + here[..., LOST], 1e-12)
        here[..., LOST] = ends - here[..., WON]
        goes_to = (chance.random(at.shape)[..., None] >= here.cumsum(-1)).sum(-1)
        moves = is_open & (goes_to < here.shape[-1])
        won[moves & (goes_to == WON)] = week + 1
        at, old = np.where(moves, goes_to, at), np.where(moves, 0, old + 1)
    return won
