"""Models on the shelf: found by their content, never changed unseen."""

from __future__ import annotations

import pytest

from domain.errors import NotFound
from models_ml import artifacts

FILES = {"model.json": artifacts.dumps({"b": 1, "a": [1.5, None]}), "learner.txt": "tree\n"}


def test_what_was_saved_is_loaded_again_under_its_hash(tmp_path):
    content_hash = artifacts.save(tmp_path, "lead_scoring", FILES, {"MODEL_CARD.md": "# Card"})
    assert artifacts.load(tmp_path, "lead_scoring", content_hash).files == FILES
    assert artifacts.about(tmp_path, "lead_scoring", content_hash, "MODEL_CARD.md") == "# Card"


def test_the_same_content_has_the_same_hash_whatever_is_said_about_it(tmp_path):
    one = artifacts.save(tmp_path, "lead_scoring", FILES, {"MODEL_CARD.md": "Monday"})
    two = artifacts.save(tmp_path, "lead_scoring", dict(reversed(FILES.items())), {"MODEL_CARD.md": "Tuesday"})
    assert one == two
    assert artifacts.about(tmp_path, "lead_scoring", one, "MODEL_CARD.md") == "Tuesday"


def test_other_content_has_another_hash():
    assert artifacts.hash_of({"a": "bc"}) != artifacts.hash_of({"ab": "c"})


def test_a_changed_file_is_noticed(tmp_path):
    content_hash = artifacts.save(tmp_path, "lead_scoring", FILES, {})
    (tmp_path / "lead_scoring" / content_hash / "learner.txt").write_text("another tree\n")
    with pytest.raises(artifacts.ArtifactDamaged):
        artifacts.load(tmp_path, "lead_scoring", content_hash)


def test_a_model_that_is_not_there_is_not_found(tmp_path):
    with pytest.raises(NotFound):
        artifacts.load(tmp_path, "lead_scoring", "0" * 64)
