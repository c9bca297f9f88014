"""From the paths that dbt counted to `ml.attribution__credits`, which dbt joins into marts.channel_performance."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from domain.clock import Clock
from models_ml.attribution.credits import Credits
from models_ml.attribution.markov import markov
from models_ml.attribution.paths import Paths
from models_ml.attribution.shapley import shapley
from storage.lake import Lake

PATHS = """
    select paths.*, rules.markov_order
    from intermediate.int_paths_counted as paths
    inner join intermediate.int_organizations_with_rules as rules on paths.organization_id = rules.organization_id
    order by paths.organization_id, attribution_level, conversion_kind, path
"""
TARGET = "ml.attribution__credits"
GROUP = ("organization_id", "attribution_level", "conversion_kind")
COLUMNS = pa.schema(
    [
        *((name, pa.string()) for name in (*GROUP, "model", "channel")),
        *((name, pa.float64()) for name in ("conversion_count", "value_minor", "effect")),
        ("grouped", pa.string()),
        ("solved_at", pa.timestamp("us", tz="UTC")),
    ]
)


@dataclass(frozen=True, slots=True)
class AttributionReport:
    """How many games and chains were solved, and the rows they gave."""

    solved_count: int
    row_count: int


def solve_attribution(lake: Lake, *, clock: Clock) -> AttributionReport:
    """Solves every organization, level and kind of conversion that has one with a touch; replaces the table at once."""
    credits_of_channels, report = solve(lake.arrow(PATHS), clock())
    lake.replace(TARGET, credits_of_channels)
    return report


def solve(counted: pa.Table, at: datetime) -> tuple[pa.Table, AttributionReport]:
    """The rows of the table, from the answer to PATHS."""
    solved = list(solved_groups(counted))
    rows: list[dict[str, Any]] = [
        {**group, "model": model, "channel": row["channel"], "conversion_count": row["conversions"],
         "value_minor": row["value"], "effect": row["effect"], "grouped": json.dumps(earned.grouped), "solved_at": at}
        for group, model, earned in solved
        for row in earned.rows()
    ]  # fmt: skip
    return pa.Table.from_pylist(rows, schema=COLUMNS), AttributionReport(len(solved), len(rows))


def solved_groups(counted: pa.Table) -> Iterator[tuple[dict[str, str], str, Credits]]:
    """Each group's keys, the model's name in reports, and its credits; groups without a conversion are left out.

    `counted`: the columns of int_paths_counted and `markov_order`, ordered by group.
    """
    keys = pc.binary_join_element_wise(*(counted[name] for name in GROUP), "\x1f").combine_chunks()
    encoded = keys.dictionary_encode()
    codes = np.asarray(encoded.indices.to_numpy(zero_copy_only=False))
    starts = np.flatnonzero(np.concatenate([[True], codes[1:] != codes[:-1]])) if len(codes) else np.empty(0, np.int64)
    for start, end in zip(starts, [*starts[1:], len(codes)], strict=True):
        part = counted.slice(int(start), int(end - start))
        numbers = (part[name].to_numpy().astype(float) for name in ("conversion_count", "value_minor", "null_count"))
        converted, values, nulls = numbers
        if not converted.sum():
            continue
        paths = Paths.of_text(part["path"], converted, values, nulls)
        group = {name: str(part[name][0]) for name in GROUP}
        yield group, "markov", markov(paths, int(part["markov_order"][0].as_py()), by_journey=True)
        yield group, "shapley", shapley(paths)
