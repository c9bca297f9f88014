"""What the documents list is what the code holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from domain.settings import Settings
from orchestration.cli.reference import generated

FILES = generated()


@pytest.mark.parametrize("path", FILES, ids=lambda path: Path(path).name)
def test_a_generated_document_is_up_to_date(path):
    assert path.is_file(), "run `make docs`"
    assert path.read_text() == FILES[path], "run `make docs`"


def test_every_setting_says_what_it_is_for():
    silent = [
        f"{section}.{name}"
        for section, outer in Settings.model_fields.items()
        for name, field in outer.annotation.model_fields.items()
        if not field.description or not field.description.endswith(".")
    ]
    assert silent == []
