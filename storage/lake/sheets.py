"""What tables mean, from the sheets beside the models that make them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml


@dataclass(frozen=True, slots=True)
class Sheet:
    """A model's sheet: its layer, and what the YAML beside it says."""

    layer: str
    path: Path
    model: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.model["name"])

    @property
    def description(self) -> str:
        """One paragraph, beginning with the grain."""
        return " ".join(str(self.model.get("description", "")).split())

    @property
    def columns(self) -> list[Mapping[str, Any]]:
        return list(self.model.get("columns", ()))


def sheets_of(project: Path, layers: Iterable[str]) -> list[Sheet]:
    """The sheets of a dbt project's layers, in order of layer and name."""
    return [
        Sheet(layer, path, model)
        for layer in layers
        for path in sorted((project / "models" / layer).rglob("*.yml"))
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", ())
    ]
