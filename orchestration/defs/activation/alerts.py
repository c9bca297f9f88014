"""After each build the worker judges alert rules by it."""

import dagster as dg

from domain.alerts import JOB, SETTING
from domain.tenancy import Actor, Scope
from orchestration.keys import activation_key, model_key
from orchestration.organizations import all_organizations
from orchestration.resources import House
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.store import Store


@dg.asset(
    key=activation_key("store", "alert_jobs"),
    deps=[model_key("marts", name) for name in ("leads_daily", "channels_daily", "deliverability_daily")],
    group_name="activation",
    owners=["team:analytics"],
    kinds={"python"},
    description="A job for the worker, for each organization that has alert rules: judge them by what was just built.",
)
def alerts_to_judge(house: House) -> dg.MaterializeResult:
    return dg.MaterializeResult(metadata={"dagster/row_count": queue_judgements(house.store)})


def queue_judgements(store: Store) -> int:
    """One waiting job for each organization with rules; answers how many have them."""
    queued = 0
    for organization in all_organizations(store):
        scope = Scope.of(organization.organization_id)
        with store.read(scope) as work:
            has_rules = OrganizationSettings(work).current(SETTING) is not None
        if has_rules:
            with store.write(scope, Actor.system("build")) as work:
                Jobs(work).enqueue(JOB, unique_key=JOB)
            queued += 1
    return queued
