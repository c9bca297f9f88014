"""A lake of its own for every test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from domain.settings import Settings
from storage.lake import Lake


@pytest.fixture
def settings_of_lake(tmp_path: Path) -> Settings:
    return Settings.model_validate({"data": {"dir": tmp_path / "run"}})


@pytest.fixture
def lake(settings_of_lake: Settings) -> Iterator[Lake]:
    """A migrated, empty lake."""
    lake = Lake.open(settings_of_lake)
    lake.migrate()
    yield lake
    lake.close()
