"""What the marts and their columns mean, from the sheets beside their models."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

import yaml

_MARTS = Path(__file__).parents[2] / "dbt_project" / "models" / "marts"


class Sheet(NamedTuple):
    description: str
    columns: Mapping[str, str]


@cache
def sheets() -> dict[str, Sheet]:
    """By the name of the mart; read once."""
    found = {}
    for path in sorted(_MARTS.glob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ()):
            columns = {column["name"]: column.get("description", "") for column in model.get("columns", ())}
            found[model["name"]] = Sheet(model.get("description", ""), columns)
    return found
