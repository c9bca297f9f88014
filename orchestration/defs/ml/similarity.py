"""Companies like the customers of each organization: their vectors, and the ranking with its proof."""

from datetime import timedelta

import dagster as dg

from models_ml.similarity.activation import left_alone_and_marked
from models_ml.similarity.index import embed_organization
from models_ml.similarity.lookalikes import find_lookalikes
from orchestration.keys import ml_key, model_key
from orchestration.organizations import all_organizations
from orchestration.resources import House

OWNER = "team:data-science"
FRESH_VECTORS = dg.FreshnessPolicy.time_window(fail_window=timedelta(hours=24), warn_window=timedelta(hours=6))


@dg.asset(
    key=ml_key("similarity", "embeddings"),
    deps=[model_key("features", "company_features")],
    group_name="ml",
    owners=[OWNER],
    kinds={"lancedb", "sentencetransformers"},
    description="The text of every company as a vector; only changed texts are embedded. Vectors lie in storage/vectors.",
    freshness_policy=FRESH_VECTORS,
    pool="lake_write",
)
def company_embeddings(context: dg.AssetExecutionContext, house: House) -> dg.MaterializeResult:
    metadata = {}
    for organization in all_organizations(house.store):
        report = embed_organization(house.lake, house.settings, organization.organization_id, clock=house.clock)
        metadata[organization.slug] = report.summary
        context.log.info("%s: %s", organization.name, report.summary)
    return dg.MaterializeResult(metadata=metadata)


@dg.asset(
    key=ml_key("similarity", "lookalikes"),
    deps=[ml_key("similarity", "embeddings")],
    group_name="ml",
    owners=[OWNER],
    kinds={"python"},
    description="The companies most like an organization's customers, why, and how many held-out customers it would find.",
    freshness_policy=FRESH_VECTORS,
    pool="lake_write",
)
def company_lookalikes(context: dg.AssetExecutionContext, house: House) -> dg.MaterializeResult:
    metadata = {}
    for organization in all_organizations(house.store):
        suppressed, marked = left_alone_and_marked(house.lake, house.store, organization.organization_id)
        report = find_lookalikes(
            house.lake, house.settings, organization.organization_id, suppressed=suppressed, marked=marked,
            clock=house.clock,
        )  # fmt: skip
        metadata[organization.slug] = report.summary
        context.log.info("%s: %s", organization.name, report.summary)
    return dg.MaterializeResult(metadata=metadata)
