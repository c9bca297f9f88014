"""The key grammar: asset key = relation = place in the lake, one to one.

| asset key | relation in the lake |
|---|---|
| `raw/<source>/<table>` | `raw.<source>__<table>` |
| `<layer>/<model>` | `<layer>.<model>` (staging, intermediate, marts, features) |
| `ml/<model>/<output>` | `ml.<model>__<output>` |
| `activation/<target>/<table>` | a table of the operational store |
"""

from __future__ import annotations

from dagster import AssetKey

LAYERS = ("staging", "intermediate", "marts", "features")


def raw_key(source: str, table: str) -> AssetKey:
    """`raw/website_events/events` for the raw table of a source."""
    return AssetKey(["raw", source, table])


def model_key(layer: str, model: str) -> AssetKey:
    """`marts/contacts` for a dbt model."""
    return AssetKey([layer, model])


def ml_key(model: str, output: str) -> AssetKey:
    """`ml/lead_scoring/scores` for what a model wrote."""
    return AssetKey(["ml", model, output])


def activation_key(target: str, table: str) -> AssetKey:
    """`activation/store/scores` for what was written back."""
    return AssetKey(["activation", target, table])


def relation_of(key: AssetKey) -> str | None:
    """The lake's table of an asset key, or None for what lies outside the lake."""
    match key.path:
        case ["raw", source, table]:
            return f"raw.{source}__{table}"
        case ["ml", model, output]:
            return f"ml.{model}__{output}"
        case [layer, model] if layer in LAYERS:
            return f"{layer}.{model}"
        case _:
            return None
