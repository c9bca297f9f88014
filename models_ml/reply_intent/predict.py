"""The embedded reader of intents: no key, no network, some milliseconds an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from domain.replies.intents import Intent
from models_ml.reply_intent.dataset import load_examples, prepared
from models_ml.reply_intent.train import Head, train
from models_ml.similarity.embed import Embedder, best_embedder


class EmbeddedReader:
    """`domain.replies.intents.IntentReader` by sentence-transformers (else hashed words) and a linear head."""

    def __init__(self, embedder: Embedder, head: Head) -> None:
        self.name = f"{embedder.name} + linear"
        self._embedder, self._head = embedder, head

    def probabilities(self, texts: Sequence[str]) -> list[Mapping[Intent, float]]:
        words = [prepared(text) for text in texts]
        found = self._head.probabilities(words, self._embedder.encode(words))
        return [dict(zip(self._head.intents, map(float, row), strict=True)) for row in found]


@lru_cache(maxsize=1)
def embedded_reader() -> EmbeddedReader:
    """The reader of this process; the first call trains it, in some ten seconds of one core."""
    embedder = best_embedder()
    return EmbeddedReader(embedder, train(load_examples(), embedder))
