"""Vectors by organization: nobody's are found by another, changed ones are replaced, erased ones leave no byte."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidInput
from domain.settings import DataSettings, Settings
from storage.vectors import Vectors, vectors

OURS, THEIRS = "0192a0b0-0000-7000-8000-000000000001", "0192a0b0-0000-7000-8000-000000000002"
WIDTH = 16


@pytest.fixture
def space(tmp_path) -> Vectors:
    return Vectors.open(Settings(data=DataSettings(dir=tmp_path)), "test-space", WIDTH)


def drawn(count: int, seed: int = 1) -> np.ndarray:
    found = np.random.default_rng(seed).normal(size=(count, WIDTH)).astype(np.float32)
    return found / np.linalg.norm(found, axis=1, keepdims=True)


def filled(space: Vectors, organization_id: str, count: int, seed: int = 1) -> np.ndarray:
    matrix = drawn(count, seed)
    names = [f"{organization_id[-1]}-{number:05d}" for number in range(count)]
    space.upsert(organization_id, names, [f"hash-{number}" for number in range(count)], matrix)
    return matrix


def test_the_nearest_is_the_one_that_was_asked_for(space):
    matrix = filled(space, OURS, 30)
    best, *others = space.nearest(OURS, matrix[7], 3)
    assert best.id == "1-00007"
    assert best.similarity == pytest.approx(1.0, abs=1e-5)
    assert [one.similarity for one in others] == sorted((one.similarity for one in others), reverse=True)


def test_no_question_reaches_the_vectors_of_another_organization(space):
    ours, theirs = filled(space, OURS, 20), filled(space, THEIRS, 20, seed=2)
    assert all(one.id.startswith("1-") for one in space.nearest(OURS, theirs[3], 50))
    assert all(one.id.startswith("2-") for one in space.nearest(THEIRS, ours[3], 50))
    assert space.read(OURS, ["2-00003"])[0] == []
    assert set(space.hashes(OURS)) == {f"1-{number:05d}" for number in range(20)}
    assert space.erase(OURS, ["2-00003"]) == 0
    assert space.count(THEIRS) == 20


def test_a_row_that_lies_in_the_wrong_table_is_still_not_told(space):
    matrix = filled(space, OURS, 5)
    stray = space._rows(THEIRS, ["stray"], ["h"], matrix[:1])
    space._table(OURS).add(stray)
    assert "stray" not in [one.id for one in space.nearest(OURS, matrix[0], 10)]
    assert "stray" not in space.read(OURS)[0]
    assert "stray" not in space.hashes(OURS)
    assert space.count(OURS) == 5


@pytest.mark.parametrize("name", ["../" + THEIRS, f"{OURS}' or '1'='1", "", "a/b", "x" * 65])
def test_an_organization_cannot_be_named_so_that_it_is_another_place(space, name):
    filled(space, THEIRS, 3)
    with pytest.raises(InvalidInput):
        space.read(name)
    with pytest.raises(InvalidInput):
        space.nearest(name, drawn(1)[0], 3)


def test_what_is_written_again_replaces_what_was_there(space):
    matrix = filled(space, OURS, 10)
    space.upsert(OURS, ["1-00003", "1-new"], ["changed", "new"], drawn(2, seed=9))
    assert space.count(OURS) == 11
    assert space.hashes(OURS)["1-00003"] == "changed"
    names, found = space.read(OURS, ["1-00003", "1-00004"])
    assert names == ["1-00003", "1-00004"]
    assert np.allclose(found[0], drawn(2, seed=9)[0])
    assert np.allclose(found[1], matrix[4])


def test_an_organization_without_vectors_has_empty_answers(space):
    assert space.nearest(OURS, drawn(1)[0], 5) == []
    assert (space.hashes(OURS), space.count(OURS), space.erase(OURS), space.is_indexed(OURS)) == ({}, 0, 0, False)
    names, found = space.read(OURS)
    assert (names, found.shape) == ([], (0, WIDTH))
    space.tidy(OURS)


def test_a_vector_of_another_width_is_refused(space):
    with pytest.raises(InvalidInput, match="16 numbers"):
        space.upsert(OURS, ["a"], ["h"], np.zeros((1, 3), dtype=np.float32))
    with pytest.raises(InvalidInput, match="once"):
        space.upsert(OURS, ["a", "a"], ["h", "h"], drawn(2))


def test_erased_vectors_leave_no_byte_behind(space, tmp_path):
    space.upsert(OURS, ["secret-company-7", "other"], ["h1", "h2"], drawn(2))
    assert [path for path in tmp_path.rglob("*") if path.is_file() and b"secret-company-7" in path.read_bytes()]
    assert space.erase(OURS, ["secret-company-7", "o'clock"]) == 1
    left = [path for path in tmp_path.rglob("*") if path.is_file() and b"secret-company-7" in path.read_bytes()]
    assert left == []
    assert space.read(OURS)[0] == ["other"]
    assert space.erase(OURS) == 1
    assert space.count(OURS) == 0


def test_with_many_vectors_an_index_answers_nearly_as_the_comparison_with_all_does(space, monkeypatch):
    monkeypatch.setattr(vectors, "INDEXED_FROM", 5_000)
    rng = np.random.default_rng(3)
    centres = rng.normal(size=(60, WIDTH))
    matrix = (centres[rng.integers(0, 60, 6_000)] + 0.3 * rng.normal(size=(6_000, WIDTH))).astype(np.float32)
    matrix /= np.linalg.norm(matrix, axis=1, keepdims=True)
    names = [f"1-{number:05d}" for number in range(6_000)]
    space.upsert(OURS, names, ["h"] * 6_000, matrix)
    space.tidy(OURS)
    assert space.is_indexed(OURS)
    space.upsert(OURS, ["1-late"], ["h"], matrix[:1])  # not in the index yet, and found all the same
    assert "1-late" in {one.id for one in space.nearest(OURS, matrix[0], 10)}
    hits = 0
    for number in range(0, 6_000, 300):
        truth = set(np.argsort(-(matrix @ matrix[number]))[:10])
        found = {one.id for one in space.nearest(OURS, matrix[number], 11)} - {"1-late"}
        hits += len({names[place] for place in truth} & found)
    assert hits / 200 >= 0.95


@given(
    rows=st.dictionaries(st.text("abcdef-'", min_size=1, max_size=8), st.integers(0, 5), min_size=1, max_size=12),
    gone=st.sets(st.text("abcdef-'", min_size=1, max_size=8), max_size=6),
)
def test_what_was_written_and_not_erased_is_what_is_there(tmp_path_factory, rows, gone):
    space = Vectors(str(tmp_path_factory.mktemp("drawn")), "drawn", WIDTH)
    matrix = drawn(len(rows))
    space.upsert(OURS, list(rows), [str(value) for value in rows.values()], matrix)
    assert space.erase(OURS, gone) == len(gone & set(rows))
    left = sorted(set(rows) - gone)
    assert space.hashes(OURS) == {name: str(rows[name]) for name in left}
    assert space.read(OURS)[0] == left


def test_nothing_heavy_is_imported_before_the_first_question():
    modules = (
        "storage.vectors, models_ml.similarity.index, models_ml.similarity.search, models_ml.similarity.lookalikes"
    )
    heavy = "{'lancedb', 'torch', 'sentence_transformers', 'transformers', 'sklearn'}"
    code = f"import sys, {modules}; sys.exit(' '.join({heavy} & set(sys.modules)) or 0)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
