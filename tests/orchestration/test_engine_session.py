"""What an engine that is not there says."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

from domain.errors import NotConfigured
from domain.settings import EngineSettings
from orchestration.engine.session import open_session


@pytest.mark.skipif(find_spec("pysail") is not None, reason="Sail is installed here")
def test_an_engine_that_is_not_installed_says_how_to_get_it(tmp_path):
    with (
        pytest.raises(NotConfigured, match="Sail is not installed") as caught,
        open_session("sail", EngineSettings(), tmp_path),
    ):
        pass
    assert "make engine" in (caught.value.hint or "")
