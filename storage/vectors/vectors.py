"""Vectors by organization: written by content hash, searched exactly while few and by an index when many, erased for good.

    <root>/<space>/<organization id>.lance    organization_id, id, content_hash, vector

A *space* is what one embedder makes: vectors of two embedders are never compared. Every organization has a table of its
own, so that its index is trained on its own companies and leaving takes every byte along; each row names the organization
again, and every question filters by it.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from domain.errors import InvalidInput
from domain.settings import Settings

Matrix = npt.NDArray[np.float32]

INDEXED_FROM = 50_000
"""Vectors below which every question compares with all of them: 50,000 × 384 take about 10 ms."""
PARTITION_ROWS = 4_096
PROBES = 24
"""Partitions a question looks into, of those that an index of PARTITION_ROWS each has."""
REFINED = 8
"""Candidates for each answer that are compared again with their exact vectors."""
BATCH = 20_000

_ORGANIZATION = re.compile(r"^[A-Za-z0-9-]{1,64}$")
_SPACE = re.compile(r"^[a-z0-9_-]{1,64}$")


@dataclass(frozen=True, slots=True)
class Nearest:
    """One answer: whose vector it is, and the cosine of the angle to what was asked, -1 to 1."""

    id: str
    similarity: float


class Vectors:
    """The vectors of one space. Safe to make often: nothing is opened or imported until it is used."""

    def __init__(self, root: str, space: str, dimension: int) -> None:
        if not _SPACE.match(space):
            raise InvalidInput(f"not a name for a space of vectors: {space!r}")
        self._place = f"{root.rstrip('/')}/{space}"
        self.space = space
        self.dimension = dimension

    @classmethod
    def open(cls, settings: Settings, space: str, dimension: int) -> Self:
        return cls(settings.vectors_path, space, dimension)

    def hashes(self, organization_id: str) -> dict[str, str]:
        """Content hash by id of everything kept for the organization."""
        table = self._table(organization_id)
        if table is None:
            return {}
        found = self._own(table, organization_id).select(["id", "content_hash"]).to_arrow()
        return dict(zip(found["id"].to_pylist(), found["content_hash"].to_pylist(), strict=True))

    def upsert(self, organization_id: str, ids: Sequence[str], hashes: Sequence[str], vectors: Matrix) -> int:
        """Writes vectors over those of the same ids; returns how many. Raises InvalidInput for another dimension."""
        if len(ids) != len(set(ids)):
            raise InvalidInput("an id may be written once at a time")
        if vectors.shape != (len(ids), self.dimension):
            raise InvalidInput(f"vectors of this space have {self.dimension} numbers, not {vectors.shape[-1]}")
        if not ids:
            return 0
        rows = self._rows(organization_id, ids, hashes, vectors)
        table = self._table(organization_id)
        if table is None:
            self._database().create_table(_checked(organization_id), rows)
        else:
            found = table.merge_insert("id").when_matched_update_all().when_not_matched_insert_all()
            found.execute(rows)
        return len(ids)

    def read(self, organization_id: str, ids: Collection[str] | None = None) -> tuple[list[str], Matrix]:
        """Ids and their vectors, as rows, in order of id; all of the organization's, or those of the ids that are there."""
        table = self._table(organization_id)
        if table is None:
            return [], np.zeros((0, self.dimension), dtype=np.float32)
        asked = self._own(table, organization_id) if ids is None else None
        parts = [pa.Table.from_batches([batch]) for batch in self._batches(asked)] if asked is not None else []
        for some in _chunks(sorted(set(ids or ())), 1_000):
            named = f"{_is_own(organization_id)} and id in ({', '.join(_quoted(name) for name in some)})"
            parts.append(table.search().where(named).limit(None).select(["id", "vector"]).to_arrow())
        found = pa.concat_tables(parts).combine_chunks().sort_by("id") if parts else None
        if found is None or not found.num_rows:
            return [], np.zeros((0, self.dimension), dtype=np.float32)
        flat = found["vector"].combine_chunks().flatten().to_numpy(zero_copy_only=False)
        return found["id"].to_pylist(), flat.reshape(-1, self.dimension).astype(np.float32, copy=False)

    def nearest(self, organization_id: str, vector: Matrix, limit: int) -> list[Nearest]:
        """The organization's nearest, best first; by the index where there is one, else by comparing with all."""
        table = self._table(organization_id)
        if table is None:
            return []
        asked = table.search(vector, vector_column_name="vector").distance_type("cosine")
        # After the search, not before it: the table holds one organization, and testing a million names costs 40 ms.
        asked = asked.where(_is_own(organization_id), prefilter=False).limit(limit).select(["id", "_distance"])
        if table.list_indices():
            asked = asked.nprobes(PROBES).refine_factor(REFINED)
        found = asked.to_arrow()
        pairs = zip(found["id"].to_pylist(), found["_distance"].to_pylist(), strict=True)
        return [Nearest(name, 1.0 - distance) for name, distance in pairs]

    def count(self, organization_id: str) -> int:
        table = self._table(organization_id)
        return int(table.count_rows(_is_own(organization_id))) if table is not None else 0

    def is_indexed(self, organization_id: str) -> bool:
        table = self._table(organization_id)
        return table is not None and bool(table.list_indices())

    def tidy(self, organization_id: str) -> None:
        """Merges small files and brings the index up to date; makes one where there are enough vectors to need it."""
        table = self._table(organization_id)
        if table is None:
            return
        if table.count_rows() >= INDEXED_FROM and not table.list_indices():
            from lancedb.index import IvfSq

            config = IvfSq(distance_type="cosine", target_partition_size=PARTITION_ROWS)
            table.create_index("vector", config=config)
        table.optimize(cleanup_older_than=timedelta(hours=1))

    def erase(self, organization_id: str, ids: Collection[str] | None = None) -> int:
        """Deletes vectors and every byte of them (older versions too); all of the organization's without `ids`."""
        table = self._table(organization_id)
        if table is None:
            return 0
        before = table.count_rows()
        if ids is None:
            self._database().drop_table(_checked(organization_id))
            return int(before)
        for some in _chunks(sorted(set(ids)), 500):
            table.delete(f"{_is_own(organization_id)} and id in ({', '.join(_quoted(name) for name in some)})")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that nothing older survives is what is wanted here
            table.optimize(cleanup_older_than=timedelta(0), delete_unverified=True)
        return int(before - table.count_rows())

    def _database(self) -> Any:
        import lancedb

        return lancedb.connect(self._place)

    def _table(self, organization_id: str) -> Any | None:
        """The organization's table, newest version; None where it has none."""
        name, database = _checked(organization_id), self._database()
        try:
            return database.open_table(name)
        except (ValueError, FileNotFoundError):
            return None

    def _own(self, table: Any, organization_id: str) -> Any:
        return table.search().where(_is_own(organization_id)).limit(None)

    def _batches(self, asked: Any) -> Iterator[pa.RecordBatch]:
        yield from asked.select(["id", "vector"]).to_batches(BATCH)

    def _rows(self, organization_id: str, ids: Sequence[str], hashes: Sequence[str], vectors: Matrix) -> pa.Table:
        flat = pa.array(np.ascontiguousarray(vectors, dtype=np.float32).reshape(-1))
        columns: Mapping[str, pa.Array] = {
            "organization_id": pa.array([organization_id] * len(ids), pa.string()),
            "id": pa.array(ids, pa.string()),
            "content_hash": pa.array(hashes, pa.string()),
            "vector": pa.FixedSizeListArray.from_arrays(flat, self.dimension),
        }
        return pa.table(columns)


def _checked(organization_id: str) -> str:
    """The id as the name of a table. Raises InvalidInput for what could name another place."""
    if not _ORGANIZATION.match(organization_id):
        raise InvalidInput(f"not the id of an organization: {organization_id!r}")
    return organization_id


def _is_own(organization_id: str) -> str:
    return f"organization_id = {_quoted(_checked(organization_id))}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _chunks(values: Sequence[str], size: int) -> Iterator[Sequence[str]]:
    for start in range(0, len(values), size):
        yield values[start : start + size]
