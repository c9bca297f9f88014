"""Keeps the vectors of an organization's companies at what their texts say: only changed texts are embedded."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from domain.clock import Clock, utc_now
from domain.settings import Settings
from models_ml.similarity.dataset import Companies, read_companies
from models_ml.similarity.embed import CHUNK, EMBEDDERS, Embedder, best_embedder
from models_ml.similarity.firmographics import Firmographics
from storage.lake import Lake
from storage.vectors import Vectors

Matrix = npt.NDArray[np.float32]
Places = npt.NDArray[np.int64]
Progress = Callable[[int, int], None]
"""Texts embedded so far, and texts to embed."""

EXACT_UP_TO = 200_000
"""Companies up to which a search compares all of them: 200,000 × 384 numbers are 300 MB and half a second."""
SHORTLIST = 20_000
MOST_ASKED = 50
TABLE = "ml.similarity__embeddings"


@dataclass(frozen=True, slots=True)
class IndexReport:
    """What one pass did for one organization."""

    organization_id: str
    embedder: str
    company_count: int
    embedded_count: int
    erased_count: int
    seconds: float

    @property
    def summary(self) -> str:
        return (
            f"{self.company_count:,} companies, {self.embedded_count:,} of them embedded anew by {self.embedder}, "
            f"{self.erased_count:,} forgotten, in {self.seconds:.1f} s"
        )


def embed_organization(
    lake: Lake,
    settings: Settings,
    organization_id: str,
    *,
    embedder: Embedder | None = None,
    clock: Clock = utc_now,
    progress: Progress | None = None,
) -> IndexReport:
    """Embeds what is new or changed, forgets what is gone, and writes which text each vector stands for to the lake."""
    started = time.perf_counter()
    chosen = embedder or best_embedder()
    companies = read_companies(lake, organization_id)
    vectors = Vectors.open(settings, chosen.name, chosen.dimension)
    known = vectors.hashes(organization_id)
    hashes = companies.hashes
    changed = [place for place, name in enumerate(companies.ids) if known.get(name) != hashes[place]]
    gone = sorted(set(known) - set(companies.ids))
    for start in range(0, len(changed), CHUNK):
        some = changed[start : start + CHUNK]
        matrix = chosen.encode([companies.texts[place] for place in some])
        vectors.upsert(
            organization_id, [companies.ids[place] for place in some], [hashes[place] for place in some], matrix
        )
        if progress is not None:
            progress(start + len(some), len(changed))
    erased = vectors.erase(organization_id, gone) if gone else 0
    if changed or gone:
        vectors.tidy(organization_id)
        _record(lake, organization_id, companies, chosen, clock)
    return IndexReport(
        organization_id, chosen.title, len(companies), len(changed), erased, round(time.perf_counter() - started, 2)
    )


def vectors_of(settings: Settings, organization_id: str, companies: Companies) -> tuple[Matrix, Embedder | None]:
    """A row a company, of noughts where none has been made; from the first embedder that knows the organization.

    The process that asks needs no language model: the vectors are there already.
    """
    for embedder in EMBEDDERS:
        vectors = Vectors.open(settings, embedder.name, embedder.dimension)
        is_part = len(companies) <= SHORTLIST and vectors.count(organization_id) > EXACT_UP_TO
        ids, found = vectors.read(organization_id, companies.ids if is_part else None)
        if ids:
            matrix = np.zeros((len(companies), embedder.dimension), dtype=np.float32)
            pairs = [(companies.place[name], row) for row, name in enumerate(ids) if name in companies.place]
            places, rows = [place for place, _ in pairs], [row for _, row in pairs]
            matrix[places] = found[rows]
            return matrix, embedder
    return np.zeros((len(companies), 1), dtype=np.float32), None


def shortlist(settings: Settings, organization_id: str, companies: Companies, seeds: Places) -> Places:
    """Places of the companies worth ranking: all of them up to EXACT_UP_TO; above it the seeds, what the index says lies
    nearest to the newest MOST_ASKED of them, and every company whose attributes are the seeds' commonest, to SHORTLIST.
    """
    if len(companies) <= EXACT_UP_TO:
        return np.arange(len(companies))
    chosen = {int(place) for place in seeds}
    newest = sorted(chosen, key=lambda place: int(companies.newest_customer_first[place]))[:MOST_ASKED]
    for embedder in EMBEDDERS:
        vectors = Vectors.open(settings, embedder.name, embedder.dimension)
        _, asked = vectors.read(organization_id, [companies.ids[place] for place in newest])
        for vector in asked:
            near = vectors.nearest(organization_id, vector, SHORTLIST // MOST_ASKED)
            chosen.update(companies.place[one.id] for one in near if one.id in companies.place)
    matches = Firmographics.of(companies).matches(seeds)
    typical = np.argsort(-matches, kind="stable")[:SHORTLIST]
    return np.array(sorted(chosen | {int(place) for place in typical}), dtype=np.int64)


def _record(lake: Lake, organization_id: str, companies: Companies, embedder: Embedder, clock: Clock) -> None:
    count = len(companies)
    rows = pa.table(
        {
            "organization_id": [organization_id] * count,
            "company_id": list(companies.ids),
            "embedder": [embedder.name] * count,
            "content_hash": companies.hashes,
            "text": companies.texts,
            "embedded_at": pa.array([clock()] * count, pa.timestamp("us", "UTC")),
        }
    )
    names = ", ".join(rows.column_names)
    with lake.staging() as cursor:
        cursor.register("made", rows)
        with lake.commit(cursor):
            cursor.execute(f"delete from {TABLE} where organization_id = ?", [organization_id])
            cursor.execute(f"insert into {TABLE} ({names}) select {names} from made")
        cursor.unregister("made")
