"""/v1/enrichment: providers and accounts, workflows, what they would cost, their runs and dead letters, and where values came
from."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Response

from domain.enrichment.fields import Subject
from domain.enrichment.workflows import schema
from domain.errors import InvalidInput
from domain.permissions import Permission
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import SettingsDep, StoreDep
from serving.enrichment import connecting, probing, scoring, service
from serving.enrichment.schemas import (
    AdoptIn,
    CatalogueOut,
    CheckOut,
    ConnectionChange,
    ConnectionIn,
    ConnectionListOut,
    ConnectionOut,
    ConnectionSwitch,
    LimitsIn,
    LimitsOut,
    PreviewOut,
    ProbeIn,
    ProbeOut,
    ProposalsOut,
    ReplayIn,
    ReplayOut,
    RowListOut,
    RunAct,
    RunDetailOut,
    RunIn,
    RunListOut,
    ScoreboardOut,
    TableIn,
    TableOut,
    ValueListOut,
    WorkflowDetailOut,
    WorkflowIn,
    WorkflowListOut,
    WorkflowSwitch,
)
from serving.lists import Cursor, IfMatch, Limit

router = APIRouter(prefix="/v1/enrichment", tags=["enrichment"])
ROLES = frozenset({"api", "ui"})
Reader = Annotated[Principal, may(Permission.ENRICHMENT_READ)]
Writer = Annotated[Principal, may(Permission.ENRICHMENT_WRITE)]
Connecter = Annotated[Principal, may(Permission.ENRICHMENT_CONNECT)]


@router.get("/providers")
def list_providers(principal: Reader) -> CatalogueOut:  # noqa: ARG001  it is for those who may read
    """Who can be asked for what, and which fields there are."""
    return connecting.catalogue()


@router.get("/connections")
def list_enrichment_connections(store: StoreDep, principal: Reader) -> ConnectionListOut:
    """Providers that are connected, without their secrets."""
    with store.read(principal.scope) as work:
        return connecting.list_connections(work)


@router.post("/connections", status_code=201)
def connect_provider(body: ConnectionIn, store: StoreDep, principal: Connecter) -> ConnectionOut:
    """Connects a provider; its secrets are kept encrypted. 409 for a name that is taken."""
    with store.write(principal.scope, principal.actor) as work:
        return connecting.connect(work, body)


@router.patch("/connections/{enrichment_connection_id}")
def change_enrichment_connection(
    *,
    enrichment_connection_id: str,
    body: ConnectionChange,
    store: StoreDep,
    principal: Connecter,
    if_match: IfMatch = None,
) -> ConnectionOut:
    """Writes what is sent; what is not sent stays. A new address forgets the secrets."""
    with store.write(principal.scope, principal.actor) as work:
        return connecting.change(work, enrichment_connection_id, body, if_match)


@router.post("/connections/{enrichment_connection_id}/switch")
def switch_enrichment_connection(
    enrichment_connection_id: str, body: ConnectionSwitch, store: StoreDep, principal: Connecter
) -> ConnectionOut:
    """Nothing is asked of a paused one. Connecting it again ends its rest."""
    with store.write(principal.scope, principal.actor) as work:
        return connecting.switch(work, enrichment_connection_id, body.status)


@router.put("/connections/{enrichment_connection_id}/table")
def put_lookup_table(enrichment_connection_id: str, body: TableIn, store: StoreDep, principal: Connecter) -> TableOut:
    """Uploads the lines of a CSV table in place of those that were there."""
    return connecting.put_table(store, principal, enrichment_connection_id, body.csv)


@router.post("/connections/{enrichment_connection_id}/test")
def test_enrichment_connection(
    enrichment_connection_id: str, body: ProbeIn, store: StoreDep, principal: Connecter, settings: SettingsDep
) -> ProbeOut:
    """Asks one question, which may cost a credit, and writes no value."""
    return probing.probe(store, settings, principal, enrichment_connection_id, body)


@router.get("/limits")
def read_enrichment_limits(store: StoreDep, principal: Reader) -> LimitsOut:
    """What the organization may spend, and has."""
    with store.read(principal.scope) as work:
        return connecting.limits(work)


@router.put("/limits")
def put_enrichment_limits(body: LimitsIn, store: StoreDep, principal: Connecter) -> LimitsOut:
    """Sets what the organization may spend in a day and in a month."""
    with store.write(principal.scope, principal.actor) as work:
        return connecting.put_limits(work, body)


@router.get("/workflows")
def list_enrichment_workflows(store: StoreDep, principal: Reader) -> WorkflowListOut:
    """All workflows of the organization."""
    with store.read(principal.scope) as work:
        return service.list_workflows(work)


@router.get("/workflows/schema")
def read_enrichment_schema(principal: Reader) -> dict[str, Any]:  # noqa: ARG001  it is for those who may read
    """JSON Schema of the document."""
    return schema()


@router.post("/workflows/check")
def check_enrichment_workflow(body: WorkflowIn, store: StoreDep, principal: Reader) -> CheckOut:
    """Reads a document without keeping it. 422 names every fault and where it is."""
    with store.read(principal.scope) as work:
        return service.check(work, body.source)


@router.post("/workflows", status_code=201)
def create_enrichment_workflow(
    body: WorkflowIn, store: StoreDep, principal: Writer, response: Response
) -> WorkflowDetailOut:
    """A draft. 422 names every fault of the document and where it is."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.create(work, body.source))


@router.get("/workflows/{enrichment_workflow_id}")
def read_enrichment_workflow(
    enrichment_workflow_id: str, store: StoreDep, principal: Reader, response: Response
) -> WorkflowDetailOut:
    """With its YAML, exactly as it was written, and its chains."""
    with store.read(principal.scope) as work:
        return etags.tagged(response, service.detail(work, enrichment_workflow_id))


@router.put("/workflows/{enrichment_workflow_id}")
def change_enrichment_workflow(
    *,
    enrichment_workflow_id: str,
    body: WorkflowIn,
    store: StoreDep,
    principal: Writer,
    response: Response,
    if_match: IfMatch = None,
) -> WorkflowDetailOut:
    """A new version, for runs that begin from now on."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, service.change(work, enrichment_workflow_id, body.source, if_match))


@router.post("/workflows/{enrichment_workflow_id}/switch")
def switch_enrichment_workflow(
    enrichment_workflow_id: str, body: WorkflowSwitch, store: StoreDep, principal: Writer
) -> WorkflowDetailOut:
    """An active workflow that says `on_capture` enriches leads as they come in."""
    with store.write(principal.scope, principal.actor) as work:
        return service.switch(work, enrichment_workflow_id, body.status)


@router.get("/workflows/{enrichment_workflow_id}/preview")
def preview_enrichment(
    enrichment_workflow_id: str,
    store: StoreDep,
    principal: Reader,
    rows: Annotated[int | None, Query(ge=1, le=1000)] = None,
) -> PreviewOut:
    """What a run would ask and cost. Nobody is asked."""
    with store.read(principal.scope) as work:
        return service.preview_of(work, enrichment_workflow_id, rows)


@router.post("/workflows/{enrichment_workflow_id}/runs", status_code=202)
def start_enrichment_run(enrichment_workflow_id: str, body: RunIn, store: StoreDep, principal: Writer) -> RunDetailOut:
    """Starts a run over all rows that the workflow is about, a sample of them, or the ones that are named."""
    with store.write(principal.scope, principal.actor) as work:
        return service.start(work, enrichment_workflow_id, body)


@router.get("/workflows/{enrichment_workflow_id}/order")
def propose_enrichment_order(enrichment_workflow_id: str, store: StoreDep, principal: Reader) -> ProposalsOut:
    """The order of each chain that the providers' record proposes, with what it would save. Nothing is changed."""
    with store.read(principal.scope) as work:
        return scoring.proposals(work, enrichment_workflow_id)


@router.post("/workflows/{enrichment_workflow_id}/order")
def adopt_enrichment_order(
    *,
    enrichment_workflow_id: str,
    body: AdoptIn,
    store: StoreDep,
    principal: Writer,
    response: Response,
    if_match: IfMatch = None,
) -> WorkflowDetailOut:
    """A new version with the proposed order."""
    with store.write(principal.scope, principal.actor) as work:
        return etags.tagged(response, scoring.adopt(work, enrichment_workflow_id, body.fields, if_match))


@router.get("/scoreboard")
def read_enrichment_scoreboard(
    store: StoreDep, principal: Reader, by_segment: Annotated[bool, Query()] = False
) -> ScoreboardOut:
    """How often each provider finds something, how often it was right, and what a valid value costs."""
    with store.read(principal.scope) as work:
        return scoring.scoreboard(work, by_segment=by_segment)


@router.get("/runs")
def list_enrichment_runs(
    store: StoreDep,
    principal: Reader,
    workflow_id: Annotated[str | None, Query(max_length=36)] = None,
    limit: Limit = 20,
) -> RunListOut:
    """Newest first; runs of single leads are left out."""
    with store.read(principal.scope) as work:
        return service.list_runs(work, workflow_id, limit)


@router.get("/runs/{enrichment_run_id}")
def read_enrichment_run(enrichment_run_id: str, store: StoreDep, principal: Reader) -> RunDetailOut:
    """How far it is, what it found and what it spent, by provider and outcome."""
    with store.read(principal.scope) as work:
        return service.run_detail(work, enrichment_run_id)


@router.post("/runs/{enrichment_run_id}/act")
def act_on_enrichment_run(enrichment_run_id: str, body: RunAct, store: StoreDep, principal: Writer) -> RunDetailOut:
    """Pauses it, lets it go on, or ends it."""
    with store.write(principal.scope, principal.actor) as work:
        return service.act(work, enrichment_run_id, body.act)


@router.get("/runs/{enrichment_run_id}/rows")
def list_enrichment_rows(
    *,
    enrichment_run_id: str,
    store: StoreDep,
    principal: Reader,
    status: Annotated[str, Query(pattern="^(|waiting|running|done|skipped|failed)$")] = "",
    cursor: Cursor = None,
    limit: Limit = 50,
) -> RowListOut:
    """Rows with their fields and calls; `status=failed` are the dead letters."""
    with store.read(principal.scope) as work:
        return service.list_rows(work, enrichment_run_id, status, cursor or "", limit)


@router.post("/runs/{enrichment_run_id}/replay")
def replay_enrichment(enrichment_run_id: str, body: ReplayIn, store: StoreDep, principal: Writer) -> ReplayOut:
    """Dead letters go back to the providers that failed. What may have been charged before may be charged again."""
    with store.write(principal.scope, principal.actor) as work:
        return ReplayOut(row_count=service.replay(work, enrichment_run_id, body.row_ids))


@router.get("/values")
def list_enriched_values(
    store: StoreDep,
    principal: Reader,
    contact_id: Annotated[str | None, Query(max_length=36)] = None,
    company_id: Annotated[str | None, Query(max_length=36)] = None,
) -> ValueListOut:
    """What was offered for one contact or company, by whom, and what became of it; newest first."""
    if (contact_id is None) == (company_id is None):
        raise InvalidInput("say either contact_id or company_id")
    subject = Subject.CONTACT if contact_id else Subject.COMPANY
    with store.read(principal.scope) as work:
        return service.values(work, subject, contact_id or company_id or "")
