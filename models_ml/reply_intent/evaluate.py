"""How well the reader understands answers that it did not learn from: accuracy, abstention, and what it confuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np
from sklearn.model_selection import StratifiedKFold

from domain.replies.demands import demand_in
from domain.replies.intents import SUPPRESSING, Intent, IntentReader, read_intent
from models_ml.reply_intent.dataset import Examples
from models_ml.reply_intent.train import SEED, train_on
from models_ml.similarity.embed import Embedder


@dataclass(frozen=True, slots=True)
class Report:
    """Shares are 0–1. `answered` is the share with a class named; `precision` is of those."""

    count: int
    accuracy: float
    """Of the likeliest class, named or not."""
    answered: float
    precision: float
    demands_granted: float
    """Share of unsubscribe and legal answers that suppress: by rule, by class, or at low confidence."""
    suppressed_in_vain: float
    """Share of the other answers that suppress all the same."""
    confused: Counter[tuple[Intent, Intent]]
    """(meant, named), only where a class was named and wrong."""


def evaluate(reader: IntentReader, held_out: Examples) -> Report:
    """Reads held-out answers as the product does: rules first, then the reader."""
    today = date(2026, 7, 6)
    readings = [read_intent(text, demand_in(text), reader, today) for text in held_out.texts]
    pairs = list(zip(held_out.intents, readings, strict=True))
    named = [(meant, reading) for meant, reading in pairs if reading.intent is not Intent.UNCLEAR]
    likeliest = [reading.likeliest[0][0] if reading.likeliest else reading.intent for reading in readings]
    demands = [reading.suppresses for meant, reading in pairs if meant in SUPPRESSING]
    others = [reading.suppresses for meant, reading in pairs if meant not in SUPPRESSING]
    return Report(
        count=len(pairs),
        accuracy=_share([found is meant for meant, found in zip(held_out.intents, likeliest, strict=True)]),
        answered=len(named) / len(pairs),
        precision=_share([reading.intent is meant for meant, reading in named]),
        demands_granted=_share(demands),
        suppressed_in_vain=_share(others),
        confused=Counter((meant, reading.intent) for meant, reading in named if reading.intent is not meant),
    )


def cross_validated(examples: Examples, embedder: Embedder, folds: int = 5) -> float:
    """Accuracy of the likeliest class over folds of the examples themselves, each learned without the fold."""
    vectors = embedder.encode(examples.texts)
    wanted = np.array([intent.value for intent in examples.intents])
    right = 0
    for learned, asked in StratifiedKFold(folds, shuffle=True, random_state=SEED).split(vectors, wanted):
        head = train_on(_some(examples, learned), vectors[learned])
        fold = _some(examples, asked)
        found = head.probabilities(fold.texts, vectors[asked]).argmax(axis=1)
        right += sum(head.intents[place] is meant for place, meant in zip(found, fold.intents, strict=True))
    return right / len(wanted)


def _some(examples: Examples, places: Iterable[int]) -> Examples:
    chosen = list(places)
    return Examples(
        tuple(examples.texts[place] for place in chosen), tuple(examples.intents[place] for place in chosen)
    )


def _share(truths: list[bool]) -> float:
    return sum(truths) / len(truths) if truths else 0.0
