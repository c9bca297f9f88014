"""What a pass made, read back from where the people will read it: layers, funnels, channels, models, best leads."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from domain.tenancy import Scope
from orchestration.organizations import Named
from storage.lake import Lake
from storage.ops.repositories.scores import Scores
from storage.ops.store import Store

LAYERS = ("raw", "staging", "intermediate", "marts", "features", "ml")
ATTRIBUTION_MODELS = ("first_touch", "last_touch", "linear")


@dataclass(frozen=True, slots=True)
class Summary:
    """One organization's pass. `channels` holds a row a channel: conversions credited by each model, and cost;
    `models` the metrics of its newest model as the run registered them; `best_leads` the ten highest scores;
    `lookalikes` the newest ranking of companies with its proof (None where there are no companies)."""

    organization: Named
    funnel: list[dict[str, Any]]
    channels: list[dict[str, Any]]
    model: dict[str, Any] | None
    best_leads: list[dict[str, Any]]
    lookalikes: dict[str, Any] | None


def rows_per_layer(lake: Lake) -> list[dict[str, Any]]:
    """One row a table of the lake that is not a view: layer, table, row count."""
    with lake.reader() as cursor:
        tables = cursor.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where database_name = 'lake' and list_contains(?, schema_name) order by 1, 2",
            [list(LAYERS)],
        ).fetchall()
        counted = []
        for schema, table in tables:
            (count,) = cursor.execute(f'select count(*) from lake."{schema}"."{table}"').fetchone() or (0,)
            counted.append({"layer": schema, "table": table, "row_count": count})
    return sorted(counted, key=lambda row: (LAYERS.index(row["layer"]), row["table"]))


def summarise(store: Store, lake: Lake, organization: Named) -> Summary:
    """Reads one organization's results; an empty layer gives an empty list, never an error."""
    return Summary(
        organization,
        _ask(lake, FUNNEL, organization.organization_id),
        _ask(lake, CHANNELS, organization.organization_id),
        _newest_model(lake, organization.organization_id),
        _best_leads(store, organization.organization_id),
        _newest_lookalikes(lake, organization.organization_id),
    )


FUNNEL = """
    select stage, contact_count, from_previous_rate, median_days_from_previous
    from lake.marts.funnel_stages where organization_id = ? order by stage_order
"""
CHANNELS = """
    select
        channel,
        sum(conversion_count) filter (where model = 'first_touch') as first_touch,
        sum(conversion_count) filter (where model = 'last_touch') as last_touch,
        sum(conversion_count) filter (where model = 'linear') as linear,
        max(cost_minor) as cost_minor,
        max(currency) as currency
    from lake.marts.channel_performance
    where organization_id = ? and conversion_kind = 'lead' and attribution_level = 'person'
    group by channel
    order by linear desc nulls last, channel
"""


def _ask(lake: Lake, question: str, organization_id: str) -> list[dict[str, Any]]:
    table = lake.arrow(question, [organization_id])
    return list(table.to_pylist())


def _newest_lookalikes(lake: Lake, organization_id: str, count: int = 5) -> dict[str, Any] | None:
    """The newest run, its recall beside the baselines, and the best few companies."""
    runs = _ask(
        lake,
        "select run_id, embedder, company_count, verdict, report from lake.ml.similarity__runs "
        "where organization_id = ? order by ran_at desc, run_id limit 1",
        organization_id,
    )
    if not runs:
        return None
    best = lake.arrow(
        "select lookalikes.rank, features.name, lookalikes.score, lookalikes.summary "
        "from lake.ml.similarity__lookalikes as lookalikes inner join lake.features.company_features as features "
        "on lookalikes.organization_id = features.organization_id and lookalikes.company_id = features.company_id "
        "where lookalikes.organization_id = ? order by lookalikes.rank limit ?",
        [organization_id, count],
    )
    return {**runs[0], "report": json.loads(runs[0]["report"]), "best": best.to_pylist()}


def _newest_model(lake: Lake, organization_id: str) -> dict[str, Any] | None:
    found = _ask(
        lake,
        "select version, algorithm, trained_at, status, metrics from lake.ml.model_versions "
        "where organization_id = ? and model = 'lead_scoring' order by status = 'active' desc, trained_at desc, version desc limit 1",
        organization_id,
    )
    return {**found[0], "metrics": json.loads(found[0]["metrics"])} if found else None


def _best_leads(store: Store, organization_id: str, count: int = 10) -> list[dict[str, Any]]:
    with store.read(Scope.of(organization_id)) as work:
        return [
            {
                "contact_id": contact.contact_id,
                "name": f"{contact.first_name} {contact.last_name}".strip() or contact.external_id or contact.email,
                "score": score.score,
                "band": score.band,
                "probability": score.probability,
                "reasons": [reason["text"] for reason in score.reasons],
            }
            for score, contact in Scores(work).best(count)
        ]
