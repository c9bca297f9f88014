"""What Dagster loads: every definition under defs/, found by folder."""

from __future__ import annotations

from pathlib import Path

import dagster as dg


@dg.definitions
def defs() -> dg.Definitions:
    from orchestration.state import prepare_environment

    prepare_environment()
    return dg.load_from_defs_folder(path_within_project=Path(__file__).parent)
