"""What the operators' routes ask for: the lake, to read."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Request

from serving.deps import SettingsDep
from storage.lake import Lake


def _lake(request: Request, settings: SettingsDep) -> Lake:
    """One lake object a process; nothing is opened until it is asked."""
    state: Any = request.app.state
    if not hasattr(state, "lake"):
        state.lake = Lake.open(settings)
    lake: Lake = state.lake
    return lake


LakeDep = Annotated[Lake, Depends(_lake)]
