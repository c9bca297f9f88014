"""All that a run needs to know besides its rows: the workflow it is bound to, what is connected, and the limits of its money."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from domain.enrichment.answers import Operation
from domain.enrichment.spending import micros
from domain.enrichment.walking import Connected
from domain.enrichment.workflows import Workflow, parse_workflow
from domain.errors import InvalidInput
from serving.enrichment.base import Provider, all_providers
from storage.ops.repositories.enrichment_calls import scopes_of
from storage.ops.repositories.enrichment_connections import EnrichmentConnections
from storage.ops.repositories.enrichment_workflows import EnrichmentWorkflows
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Work
from storage.ops.tables import EnrichmentConnection, EnrichmentRun, EnrichmentWorkflow

SETTING = "enrichment"
"""Name of the organization's setting: {per_day, per_month}, in units of its currency; what is not there has no limit."""


@dataclass(frozen=True, slots=True)
class Joint:
    """A connection with its provider and what it can be asked. `problem`: why it is not asked at all."""

    connection_id: str
    name: str
    provider: Provider
    operations: tuple[Operation, ...]
    options: Mapping[str, Any]
    secrets: Mapping[str, str]
    per_unit: int
    per_minute: int
    concurrent: int
    problem: str = ""

    @property
    def connected(self) -> Connected:
        return Connected(self.name, self.connection_id, self.operations, self.per_unit, self.problem)


@dataclass(frozen=True, slots=True)
class Plan:
    """A workflow ready to be carried out."""

    workflow_id: str
    workflow: Workflow
    joints: Mapping[str, Joint]
    """By name."""
    currency: str
    zone: ZoneInfo
    per_day: int | None
    per_month: int | None
    """Of the organization, in micros."""

    @property
    def connected(self) -> dict[str, Connected]:
        return {name: joint.connected for name, joint in self.joints.items()}

    def day(self, now: datetime) -> str:
        """Of the organization, as ISO text."""
        return today_of(self.zone.key, now)

    def tomorrow(self, now: datetime) -> datetime:
        """The first moment of its next day."""
        following = now.astimezone(self.zone).date() + timedelta(days=1)
        return datetime.combine(following, time(), tzinfo=self.zone)

    def limits(self, run_id: str, now: datetime) -> dict[str, int | None]:
        """By scope, the narrowest first."""
        ceilings = self.workflow.ceilings
        amounts = (ceilings.limit("per_run"), ceilings.limit("per_day"), self.per_day, self.per_month)
        return dict(zip(scopes_of(run_id, self.workflow_id, self.day(now)), amounts, strict=True))


def today_of(time_zone: str, now: datetime) -> str:
    """The day of an organization, as ISO text."""
    return now.astimezone(ZoneInfo(time_zone or "UTC")).date().isoformat()


def plan_of(work: Work, run: EnrichmentRun) -> Plan:
    """The plan of a run, with the version of the workflow that it began with."""
    return plan_for(work, run.enrichment_workflow_id, workflow_of(work, run))


def workflow_of(work: Work, row: EnrichmentRun | EnrichmentWorkflow) -> Workflow:
    """The document of a workflow as it is now, or as it was when a run began."""
    return parse_workflow(EnrichmentWorkflows(work).version(row.enrichment_workflow_id, row.version).definition)


def plan_for(work: Work, workflow_id: str, workflow: Workflow) -> Plan:
    organization = Organizations(work).get(work.scope.organization_id)  # type: ignore[union-attr]
    per_day, per_month = limits_of(work)
    connections = EnrichmentConnections(work)
    return Plan(
        workflow_id=workflow_id,
        workflow=workflow,
        joints={row.name: joint_of(connections, row) for row in connections.of_organization()},
        currency=organization.currency,
        zone=ZoneInfo(organization.time_zone or "UTC"),
        per_day=per_day,
        per_month=per_month,
    )


def limits_of(work: Work) -> tuple[int | None, int | None]:
    """What the organization may spend in a day and in a month, in micros; None for no limit."""
    held = OrganizationSettings(work).current(SETTING)
    value = held.value if held else {}
    per_day, per_month = value.get("per_day"), value.get("per_month")
    return (micros(per_day) if per_day is not None else None, micros(per_month) if per_month is not None else None)


def joint_of(connections: EnrichmentConnections, row: EnrichmentConnection) -> Joint:
    """A connection that cannot be asked any more, such as one of a provider that is gone, says so and is passed over."""
    provider = all_providers().get(row.provider)
    if provider is None:
        return Joint(row.enrichment_connection_id, row.name, _gone(row.provider), (), {}, {}, 0, 1, 1, "provider_gone")
    problem = "" if row.status == "connected" else row.status
    operations: tuple[Operation, ...] = ()
    try:
        operations = provider.operations(row.options)
    except InvalidInput:
        problem = "options_invalid"
    secrets = connections.secrets_of(row)
    if not problem and not set(provider.secrets) <= set(secrets):
        problem = "no_secret"
    return Joint(
        row.enrichment_connection_id, row.name, provider, operations, row.options, secrets, row.per_unit, row.per_minute,
        row.concurrent, problem,
    )  # fmt: skip


def _gone(name: str) -> Provider:
    def fetch(_asking: Any) -> Any:
        raise InvalidInput(f"there is no provider {name!r}")

    return Provider(name, name, "", lambda _options: (), fetch)
