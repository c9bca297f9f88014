"""Who is whom: connected components over the identity edges, between two layers of dbt."""

import dagster as dg

from models_ml.identity.components import build_components
from orchestration.keys import model_key
from orchestration.resources import House


@dg.asset(
    key=model_key("intermediate", "identity_components"),
    deps=[model_key("intermediate", "int_identity_edges")],
    group_name="intermediate",
    owners=["team:analytics"],
    kinds={"python", "arrow"},
    description="Every identity node with its person: union-find over the edges; person_id is the oldest member.",
    pool="lake_write",
    retry_policy=dg.RetryPolicy(max_retries=1, delay=5),
)
def identity_components(house: House) -> dg.MaterializeResult:
    report = build_components(house.lake)
    return dg.MaterializeResult(metadata={"dagster/row_count": report.node_count, "people": report.person_count})
