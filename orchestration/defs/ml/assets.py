"""The lead-scoring model of each organization: trained, registered, and asked for scores."""

import dagster as dg

from models_ml.lead_scoring.drift import told
from models_ml.lead_scoring.predict import score_organization
from models_ml.lead_scoring.train import train_organization
from models_ml.lead_scoring.watching import watch
from orchestration.builds import record_build
from orchestration.keys import ml_key, model_key
from orchestration.organizations import organizations_with_contacts
from orchestration.resources import House

OWNER = "team:data-science"


@dg.asset(
    key=ml_key("lead_scoring", "models"),
    deps=[model_key("features", "contact_training_rows")],
    group_name="ml",
    owners=[OWNER],
    kinds={"lightgbm", "scikitlearn"},
    description="One model per organization: leaks left out, champion by time split, promoted by gates or kept as challenger.",
    pool="lake_write",
)
def lead_scoring_models(context: dg.AssetExecutionContext, house: House) -> dg.MaterializeResult:
    reports = {}
    for organization in organizations_with_contacts(house.store):
        report = train_organization(
            house.lake, organization.organization_id, artifacts=house.artifacts, clock=house.clock
        )
        reports[organization.slug] = report
        context.log.info("%s: %s", organization.name, report.summary)
    record_build(house.lake, "models", f"{len(reports)} organizations", house.clock())
    return dg.MaterializeResult(metadata={slug: report.summary for slug, report in reports.items()})


@dg.asset(
    key=ml_key("lead_scoring", "scores"),
    deps=[
        ml_key("lead_scoring", "models"),
        ml_key("lead_scoring", "priors"),
        model_key("features", "contact_features"),
    ],
    group_name="ml",
    owners=[OWNER],
    kinds={"lightgbm"},
    description="Score, probability and grade of every contact, as of the newest features; reasons come with activation.",
    pool="lake_write",
)
def lead_scores(house: House) -> dg.MaterializeResult:
    scored = sum(
        score_organization(house.lake, organization.organization_id, artifacts=house.artifacts, clock=house.clock)
        for organization in organizations_with_contacts(house.store)
    )
    return dg.MaterializeResult(metadata={"dagster/row_count": scored})


DRIFT_CHECK = "leads_are_like_those_learned_from"


@dg.asset(
    key=ml_key("lead_scoring", "drift"),
    deps=[ml_key("lead_scoring", "models"), model_key("features", "contact_training_rows")],
    group_name="ml",
    owners=[OWNER],
    kinds={"python"},
    description="Population stability of each feature and of the score, and the base rate, newest leads against learned ones.",
    check_specs=[
        dg.AssetCheckSpec(
            DRIFT_CHECK,
            asset=ml_key("lead_scoring", "drift"),
            description="No organization's leads drifted to an alarm.",
        )
    ],
    pool="lake_write",
)
def lead_drift(house: House) -> dg.MaterializeResult:
    moved = {}
    for organization in organizations_with_contacts(house.store):
        found = watch(house.lake, organization.organization_id, artifacts=house.artifacts, clock=house.clock)
        moved[organization.slug] = " ".join(told(found))
    drifted = {slug: words for slug, words in moved.items() if words}
    check = dg.AssetCheckResult(
        check_name=DRIFT_CHECK,
        passed=not drifted,
        severity=dg.AssetCheckSeverity.WARN,
        description="\n".join(f"{slug}: {words}" for slug, words in drifted.items()) or None,
        metadata=dict(drifted),
    )
    return dg.MaterializeResult(metadata={"organizations": len(moved)}, check_results=[check])
