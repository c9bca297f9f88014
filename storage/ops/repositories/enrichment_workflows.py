"""Workflows of enrichment and their versions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select, tuple_

from domain.errors import Conflict, NotFound
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.tables import EnrichmentWorkflow, EnrichmentWorkflowVersion


class EnrichmentWorkflows(Repository):
    def add(self, definition: Mapping[str, Any], source: str = "") -> EnrichmentWorkflow:
        """A draft. Raises Conflict for a name that another workflow has."""
        target, name = self.target(), str(definition["name"])
        self._require_free(name)
        made = EnrichmentWorkflow(organization_id=target, name=name, on_capture=bool(definition.get("on_capture")))
        self.session.add(made)
        self.session.flush()
        self._keep(made, definition, source)
        Audit(self.work).record("create", "enrichment_workflow", made.enrichment_workflow_id, after=_shown(made))
        return made

    def put(self, workflow: EnrichmentWorkflow, definition: Mapping[str, Any], source: str = "") -> None:
        """A new version, for runs that begin from now on; the same definition again makes none."""
        self.writable(workflow.organization_id)
        held = self.version(workflow.enrichment_workflow_id, workflow.version)
        if (held.definition, held.source) == (dict(definition), source):
            return
        before, name = _shown(workflow), str(definition["name"])
        if workflow.name != name:
            self._require_free(name)
            workflow.name = name
        workflow.version += 1
        workflow.on_capture = bool(definition.get("on_capture"))
        workflow.updated_at = self.work.now()
        self._keep(workflow, definition, source)
        Audit(self.work).record(
            "change", "enrichment_workflow", workflow.enrichment_workflow_id, before=before, after=_shown(workflow)
        )

    def set_status(self, workflow: EnrichmentWorkflow, status: str) -> None:
        """Whether leads that come in are enriched by it."""
        self.writable(workflow.organization_id)
        if workflow.status == status:
            return
        before = _shown(workflow)
        workflow.status, workflow.updated_at = status, self.work.now()
        self.session.flush()
        Audit(self.work).record(
            "switch", "enrichment_workflow", workflow.enrichment_workflow_id, before=before, after=_shown(workflow)
        )

    def get(self, enrichment_workflow_id: str) -> EnrichmentWorkflow:
        """Raises NotFound."""
        found = self.by_id(EnrichmentWorkflow, enrichment_workflow_id)
        if found is None:
            raise NotFound("There is no such workflow here.")
        return found

    def of_organization(self) -> list[EnrichmentWorkflow]:
        """All of an organization's, by name."""
        asked = select(EnrichmentWorkflow).where(EnrichmentWorkflow.organization_id == self.target())
        return list(self.session.scalars(asked.order_by(EnrichmentWorkflow.name)))

    def for_leads(self) -> list[EnrichmentWorkflow]:
        """Active ones that leads are enriched by as they come in."""
        asked = select(EnrichmentWorkflow).where(
            EnrichmentWorkflow.organization_id == self.target(),
            EnrichmentWorkflow.status == "active",
            EnrichmentWorkflow.on_capture,
        )
        return list(self.session.scalars(asked.order_by(EnrichmentWorkflow.name)))

    def current_versions(self, workflows: Sequence[EnrichmentWorkflow]) -> dict[str, EnrichmentWorkflowVersion]:
        """The version that holds now of each of some workflows, by workflow, in one question."""
        asked = select(EnrichmentWorkflowVersion).where(
            tuple_(EnrichmentWorkflowVersion.enrichment_workflow_id, EnrichmentWorkflowVersion.version).in_(
                [(one.enrichment_workflow_id, one.version) for one in workflows]
            ),
            self.readable(EnrichmentWorkflowVersion.organization_id),
        )
        return {found.enrichment_workflow_id: found for found in self.session.scalars(asked)}

    def version(self, enrichment_workflow_id: str, version: int) -> EnrichmentWorkflowVersion:
        """Raises NotFound."""
        return self.one(
            select(EnrichmentWorkflowVersion).where(
                EnrichmentWorkflowVersion.enrichment_workflow_id == enrichment_workflow_id,
                EnrichmentWorkflowVersion.version == version,
                self.readable(EnrichmentWorkflowVersion.organization_id),
            )
        )

    def versions(self, enrichment_workflow_id: str) -> list[EnrichmentWorkflowVersion]:
        """Newest first."""
        asked = select(EnrichmentWorkflowVersion).where(
            EnrichmentWorkflowVersion.enrichment_workflow_id == enrichment_workflow_id,
            self.readable(EnrichmentWorkflowVersion.organization_id),
        )
        return list(self.session.scalars(asked.order_by(EnrichmentWorkflowVersion.version.desc())))

    def _keep(self, workflow: EnrichmentWorkflow, definition: Mapping[str, Any], source: str) -> None:
        self.session.add(
            EnrichmentWorkflowVersion(
                organization_id=workflow.organization_id,
                enrichment_workflow_id=workflow.enrichment_workflow_id,
                version=workflow.version,
                definition=dict(definition),
                source=source,
                created_by=self.work.actor.id or self.work.actor.kind,
                created_at=self.work.now(),
            )
        )
        self.session.flush()

    def _require_free(self, name: str) -> None:
        if any(found.name.casefold() == name.casefold() for found in self.of_organization()):
            raise Conflict(f"there is a workflow {name!r} already", hint="Choose another name.")


def _shown(workflow: EnrichmentWorkflow) -> dict[str, Any]:
    return {name: getattr(workflow, name) for name in ("name", "status", "version", "on_capture")}
