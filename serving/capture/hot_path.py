"""Claims the collector's paths before FastAPI is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from serving.capture.keys import WriteKeys

if TYPE_CHECKING:
    from serving.main import Web

ROLES = frozenset({"capture", "api"})


def mount(app: Web) -> None:
    app.state.write_keys = WriteKeys(app.state.store)
