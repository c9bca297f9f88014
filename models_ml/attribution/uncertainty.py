"""From the journeys that dbt made to `ml.attribution__intervals`: how far chance moves each credit."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.sparse import csr_array

from domain.clock import Clock
from models_ml.attribution.intervals import REPLICATES, Interval, Journeys, drawn_anew
from models_ml.attribution.paths import Paths
from storage.lake import Lake

RULES = (
    "first_touch", "last_touch", "last_non_direct", "linear", "time_decay", "u_shaped", "w_shaped", "full_path", "custom",
)  # fmt: skip
TARGET = "ml.attribution__intervals"
ORGANIZATIONS = """
    select organization_id, markov_order from lake.intermediate.int_organizations_with_rules
    where organization_id in (select organization_id from lake.marts.conversions) order by organization_id
"""
# Everybody of an account converts together: `account` is a number within the organization.
NUMBERED = """
    with numbered as (
        select
            levels.attribution_level, conversions.kind as conversion_kind, conversions.conversion_id,
            conversions.channel_without_touch,
            row_number() over (
                partition by levels.attribution_level, conversions.kind order by conversions.conversion_id
            ) - 1 as number,
            dense_rank() over (order by coalesce(conversions.company_id, conversions.person_id)) - 1 as account
        from lake.marts.conversions as conversions
        cross join (select unnest(['person', 'account']) as attribution_level) as levels
        where conversions.organization_id = $organization_id
    )
"""
CONVERSIONS = f"""
    {NUMBERED},
    paths as (
        select attribution_level, journey_id, string_agg(channel, ' > ' order by touch_number) as path
        from lake.intermediate.int_journey_touches
        where organization_id = $organization_id and is_converted
        group by attribution_level, journey_id
    )
    select numbered.*, paths.path
    from numbered
    left join paths
        on numbered.attribution_level = paths.attribution_level and numbered.conversion_id = paths.journey_id
    order by numbered.attribution_level, numbered.conversion_kind, numbered.number
"""
SHARES = f"""
    {NUMBERED},
    touched as (
        select
            attribution_level, conversion_id, channel, {", ".join(f"sum({rule}) as {rule}" for rule in RULES)}
        from lake.intermediate.int_journeys_weighed
        where organization_id = $organization_id
        group by attribution_level, conversion_id, channel
    )
    select
        numbered.attribution_level, numbered.conversion_kind, numbered.number,
        coalesce(touched.channel, numbered.channel_without_touch) as channel,
        {", ".join(f"coalesce(touched.{rule}, 1.0) as {rule}" for rule in RULES)}
    from numbered
    left join touched
        on numbered.attribution_level = touched.attribution_level and numbered.conversion_id = touched.conversion_id
"""
COUNTED = """
    select * from lake.intermediate.int_paths_counted where organization_id = $organization_id
    order by attribution_level, conversion_kind, path
"""
COLUMNS = pa.schema(
    [
        *(
            (name, pa.string())
            for name in ("organization_id", "attribution_level", "conversion_kind", "model", "channel")
        ),
        *(
            (f"{name}_{end}", pa.float64())
            for name in ("conversion_count", "share", "share_above_last_touch")
            for end in ("low", "high")
        ),
        ("account_count", pa.int64()),
        ("replicate_count", pa.int64()),
        ("drawn_at", pa.timestamp("us", tz="UTC")),
    ]
)


def draw_intervals(lake: Lake, *, clock: Clock) -> int:
    """Draws every organization, level and kind of conversion anew and replaces the table at once; answers its rows. The
    same journeys give the same intervals."""
    at = clock()
    rows = [
        {"organization_id": organization["organization_id"], **row, "replicate_count": REPLICATES, "drawn_at": at}
        for organization in lake.arrow(ORGANIZATIONS).to_pylist()
        for row in _of_organization(lake, organization["organization_id"], organization["markov_order"])
    ]
    lake.replace(TARGET, pa.Table.from_pylist(rows, schema=COLUMNS))
    return len(rows)


def _of_organization(lake: Lake, organization_id: str, order: int) -> Iterator[dict[str, Any]]:
    asked = {"organization_id": organization_id}
    conversions, shares, counted = (lake.arrow(question, asked) for question in (CONVERSIONS, SHARES, COUNTED))
    groups = conversions.group_by(["attribution_level", "conversion_kind"]).aggregate([]).to_pylist()
    for group in groups:
        parts = [table.filter(_is_of(group)) for table in (conversions, shares, counted)]
        journeys = _journeys(*parts)
        seed = int.from_bytes(sha256("\x1f".join([organization_id, *group.values()]).encode()).digest()[:8])
        accounts = len(np.unique(journeys.accounts))
        for one in drawn_anew(journeys, order, seed=seed).intervals():
            yield {**group, **_row(one), "account_count": accounts}


def _is_of(group: dict[str, str]) -> pc.Expression:
    return (pc.field("attribution_level") == group["attribution_level"]) & (
        pc.field("conversion_kind") == group["conversion_kind"]
    )


def _journeys(conversions: pa.Table, shares: pa.Table, counted: pa.Table) -> Journeys:
    path_of = pc.index_in(conversions["path"], value_set=counted["path"].combine_chunks(), skip_nulls=True)
    credited = shares["channel"].combine_chunks().dictionary_encode()
    channels = tuple(credited.dictionary.to_pylist())
    rows, places = shares["number"].to_numpy(), credited.indices.to_numpy()
    weights = csr_array(
        (
            np.concatenate([shares[rule].to_numpy() for rule in RULES]),
            (np.tile(rows, len(RULES)), np.concatenate([rule * len(channels) + places for rule in range(len(RULES))])),
        ),
        shape=(len(conversions), len(RULES) * len(channels)),
    )
    accounts = np.unique(conversions["account"].to_numpy(), return_inverse=True)[1]
    paths = None
    if path_of.null_count < len(path_of):
        won, worth, lost = (
            counted[name].to_numpy().astype(float) for name in ("conversion_count", "value_minor", "null_count")
        )
        paths = Paths.of_text(counted["path"], won, worth, lost)
    return Journeys(paths, path_of.fill_null(-1).to_numpy().astype(np.int64), accounts, RULES, channels, weights)


def _row(one: Interval) -> dict[str, Any]:
    ends = {
        "conversion_count": one.conversions, "share": one.share, "share_above_last_touch": one.difference,
    }  # fmt: skip
    return {"model": one.model, "channel": one.channel} | {
        f"{name}_{end}": value for name, both in ends.items() for end, value in zip(("low", "high"), both, strict=True)
    }
