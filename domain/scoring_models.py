"""Decisions of people about lead-scoring models: which suspect columns to use all the same, and which version to keep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

OVERRULES_SETTING = "lead_scoring_leak_overrules"
PIN_SETTING = "lead_scoring_pinned_version"
MODEL_SETTING = "lead_scoring_model"
"""What the worker scores with: {version, algorithm, artifact_hash}."""


@dataclass(frozen=True, slots=True)
class Overrule:
    """A suspect column that is learned from because somebody answers for it."""

    column: str
    by: str
    reason: str

    def as_dict(self) -> dict[str, Any]:
        return {"by": self.by, "reason": self.reason}


@dataclass(frozen=True, slots=True)
class Pin:
    """A version that scores until it is let go."""

    version: str
    by: str
    reason: str

    def as_dict(self) -> dict[str, Any]:
        return {"version": self.version, "by": self.by, "reason": self.reason}

    @property
    def words(self) -> str:
        return f"{self.by} keeps {self.version} in use: {self.reason}"


def read_overrules(value: Mapping[str, Any]) -> dict[str, Overrule]:
    """By column; the setting's value is {columns: {<column>: {by, reason}}}."""
    return {
        column: Overrule(column, str(said.get("by", "")), str(said.get("reason", "")))
        for column, said in sorted(value.get("columns", {}).items())
    }


def read_pin(value: Mapping[str, Any]) -> Pin | None:
    """None for an empty value: training decides."""
    if not value.get("version"):
        return None
    return Pin(str(value["version"]), str(value.get("by", "")), str(value.get("reason", "")))
