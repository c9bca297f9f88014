"""The ranking, as numbers: closeness to the seeds in text, odds in firmographics, and how much each of them counts.

    text   = mean cosine to the NEAREST closest positive seeds − AGAINST × the same to the negative ones
    firm   = log-odds of the positive seeds − AGAINST × log-odds of the negative ones
    typical = z(z(firm) + z(matches)): log-odds know rare values, what filters alone would say does not follow noise
    blend  = weight × z(text) + (1 − weight) × typical

Cosines are taken between vectors less the mean vector of all companies, which takes away what every such text has in
common (Mu and Viswanath 2018, "All-but-the-Top"). z is over the companies that may be chosen. Seeds are judged by the
other seeds only; the weight is the one of WEIGHTS under which they lie highest among everybody else (AUC), and the even
one unless another is better by LEAST_GAIN and by more than SURE standard errors of that difference, so that a few dozen
seeds do not choose by luck: with one standard error they did, and the blend fell below either of its parts. The score is the share of the positive seeds that a company equals or beats:
50 means as close as the middle one of them is to the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from models_ml.similarity.firmographics import Firmographics

Matrix = npt.NDArray[np.float32]
Numbers = npt.NDArray[np.float64]
Places = npt.NDArray[np.int64]

NEAREST = 3
AGAINST = 0.5
WEIGHTS = (0.5, 0.0, 0.25, 0.75, 1.0)
LEAST_GAIN = 0.01
SURE = 1.5
"""Standard errors by which another weight must be better than the even one."""
ROWS = 20_000
"""Companies compared with the seeds at once: 20,000 × 200 cosines are 16 MB."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Numbers of every company, by its place; what is not a candidate has them too."""

    text: Numbers
    firm: Numbers
    blend: Numbers
    score: Numbers
    """0 to 100."""
    closest: Places
    """Of the positive seeds, the one nearest in text, another one for a seed itself; -1 with a single seed."""
    weight: float
    """Of the text; the rest is firmographics."""


def rank(
    vectors: Matrix, firmographics: Firmographics, positive: Places, negative: Places, candidates: Places
) -> Ranking:
    """Every company by its closeness to the positive seeds and its distance from the negative ones.

    `vectors` are rows of length one. At least one positive seed and one candidate; raises ValueError otherwise.
    """
    if not len(positive) or not len(candidates):
        raise ValueError("a ranking needs a seed and a candidate")
    centred = centre(vectors)
    text, closest = _closeness(centred, positive)
    firm = firmographics.log_odds(positive)
    if len(negative):
        text = text - AGAINST * _closeness(centred, negative)[0]
        firm = firm - AGAINST * firmographics.log_odds(negative)
    text_z, firm_z = _standardised(text, candidates), _standardised(firm, candidates)
    matches = _standardised(firmographics.matches(positive), candidates)
    typical = _standardised(firm_z + matches, candidates)
    weight = _weight(text_z, typical, positive, candidates)
    blend = weight * text_z + (1 - weight) * typical
    return Ranking(text, firm, blend, _share_beaten(blend, positive), closest, weight)


def centre(vectors: Matrix) -> Matrix:
    """Rows less their mean, of length one again; what has no text stays nought."""
    moved = vectors - vectors.mean(axis=0, keepdims=True)
    lengths = np.linalg.norm(moved, axis=1, keepdims=True)
    empty = ~vectors.any(axis=1)
    moved[empty] = 0.0
    return np.asarray(np.divide(moved, lengths, out=np.zeros_like(moved), where=lengths > 1e-9), dtype=np.float32)


def _closeness(centred: Matrix, seeds: Places) -> tuple[Numbers, Places]:
    """Mean cosine to the nearest seeds, and which is the nearest; a seed is not compared with itself."""
    closeness, closest = np.zeros(len(centred)), np.full(len(centred), -1, dtype=np.int64)
    among = min(NEAREST, len(seeds))
    seed_rows = centred[seeds].T
    column = np.full(len(centred), -1, dtype=np.int64)
    column[seeds] = np.arange(len(seeds))
    for start in range(0, len(centred), ROWS):
        rows = slice(start, min(start + ROWS, len(centred)))
        cosines = centred[rows] @ seed_rows
        own = np.flatnonzero(column[rows] >= 0)
        cosines[own, column[rows][own]] = -np.inf
        best = np.argmax(cosines, axis=1)
        nearest = np.partition(cosines, len(seeds) - among, axis=1)[:, len(seeds) - among :]
        nearest = np.where(np.isfinite(nearest), nearest, np.nan)
        counted = np.isfinite(nearest).sum(axis=1)
        closeness[rows] = np.where(counted > 0, np.nansum(nearest, axis=1) / np.maximum(counted, 1), 0.0)
        closest[rows] = np.where(counted > 0, seeds[best], -1)
    return closeness, closest


def _standardised(values: Numbers, candidates: Places) -> Numbers:
    among = values[candidates]
    spread = float(among.std())
    return np.zeros(len(values)) if spread < 1e-9 else np.asarray((values - among.mean()) / spread)


def _weight(text: Numbers, firm: Numbers, positive: Places, candidates: Places) -> float:
    """The weight under which the seeds lie highest among the candidates."""
    if len(positive) < 2:
        return WEIGHTS[0]
    others = np.setdiff1d(candidates, positive)
    if not len(others):
        return WEIGHTS[0]
    even = _below(WEIGHTS[0] * text + (1 - WEIGHTS[0]) * firm, positive, others)
    chosen, best_gain = WEIGHTS[0], 0.0
    for weight in WEIGHTS[1:]:
        gains = _below(weight * text + (1 - weight) * firm, positive, others) - even
        gain, doubt = float(gains.mean()), float(gains.std(ddof=1)) / len(gains) ** 0.5
        if gain > max(best_gain, LEAST_GAIN, SURE * doubt):
            chosen, best_gain = weight, gain
    return chosen


def _below(values: Numbers, positive: Places, others: Places) -> Numbers:
    """For each seed, the share of the others that lie below it, ties counted half; their mean is the AUC."""
    ordered = np.sort(values[others])
    below = np.searchsorted(ordered, values[positive], side="left")
    up_to = np.searchsorted(ordered, values[positive], side="right")
    return np.asarray((below + up_to) / 2 / len(others))


def _share_beaten(blend: Numbers, positive: Places) -> Numbers:
    """Where a company lies among the seeds, 0 to 100, between them by interpolation. One seed: 0 to 100 by logistic."""
    if len(positive) < 2:
        return np.asarray(100.0 / (1.0 + np.exp(-blend)))
    ordered = np.sort(blend[positive])
    spread = max(float(ordered[-1] - ordered[0]), 1e-9)
    marks = np.concatenate([[ordered[0] - spread], ordered, [ordered[-1] + spread]])
    shares = np.concatenate([[0.0], (np.arange(len(ordered)) + 0.5) / len(ordered), [1.0]])
    return np.asarray(100.0 * np.interp(blend, marks, shares))
