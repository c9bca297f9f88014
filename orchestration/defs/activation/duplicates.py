"""Pairs that may be one person or company, proposed to people where they work: in the operational store."""

import dagster as dg

from domain.duplicates import RecordKind
from models_ml.duplicates.proposing import is_due, propose
from orchestration.keys import activation_key, raw_key
from orchestration.organizations import all_organizations
from orchestration.resources import House


@dg.asset(
    key=activation_key("store", "duplicate_proposals"),
    deps=[raw_key("operational", "changes")],
    group_name="activation",
    owners=["team:data-science"],
    kinds={"python"},
    description="Pairs that splink finds likely to be one, with what speaks for it; of records that changed since.",
)
def proposed_duplicates(context: dg.AssetExecutionContext, house: House) -> dg.MaterializeResult:
    metadata: dict[str, str | int] = {}
    total = 0
    for organization in all_organizations(house.store):
        for kind in RecordKind:
            if not is_due(house.store, organization.organization_id, kind):
                continue
            report = propose(house.store, organization.organization_id, kind)
            total += report.proposed + report.reopened
            metadata[f"{organization.slug} {kind}"] = report.summary
            context.log.info("%s, %s: %s", organization.name, kind, report.summary)
    return dg.MaterializeResult(metadata={"dagster/row_count": total, **metadata})
