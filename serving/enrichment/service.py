"""Workflows and runs, as their routes show them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.enrichment.answers import Outcome
from domain.enrichment.fields import FIELDS, Subject
from domain.enrichment.spending import price
from domain.enrichment.walking import Walk
from domain.enrichment.workflows import Workflow, parse_workflow, written
from domain.errors import InvalidInput
from serving import etags
from serving.crm.presenters import company_name, display_name
from serving.enrichment import runs as running
from serving.enrichment.documents import read_document, write_document
from serving.enrichment.plans import Plan, plan_for, workflow_of
from serving.enrichment.previewing import preview
from serving.enrichment.schemas import (
    CallOut,
    ChainOut,
    CheckOut,
    FieldStateOut,
    PreviewLineOut,
    PreviewOut,
    RowListOut,
    RowOut,
    RunDetailOut,
    RunIn,
    RunListOut,
    RunOut,
    SpentOut,
    StepOut,
    ValueListOut,
    ValueOut,
    WorkflowDetailOut,
    WorkflowListOut,
    WorkflowOut,
)
from serving.ownership import require_own
from storage.ops.repositories.enrichment_calls import EnrichmentBudgets, EnrichmentCalls, run_scope
from storage.ops.repositories.enrichment_runs import EnrichmentRuns
from storage.ops.repositories.enrichment_values import EnrichmentSubjects, EnrichmentValues
from storage.ops.repositories.enrichment_workflows import EnrichmentWorkflows
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Work
from storage.ops.tables import Company, EnrichmentRow, EnrichmentRun, EnrichmentWorkflow

DOUBTFUL = frozenset(outcome.value for outcome in Outcome if outcome.may_be_charged)


def list_workflows(work: Work) -> WorkflowListOut:
    rows = EnrichmentWorkflows(work).of_organization()
    versions = EnrichmentWorkflows(work).current_versions(rows)
    return WorkflowListOut(items=[_workflow(row, versions[row.enrichment_workflow_id].definition) for row in rows])


def create(work: Work, source: str) -> WorkflowDetailOut:
    workflow = read_document(source)
    made = EnrichmentWorkflows(work).add(written(workflow), source)
    return detail(work, made.enrichment_workflow_id)


def change(work: Work, workflow_id: str, source: str, if_match: str | None) -> WorkflowDetailOut:
    row = own_workflow(work, workflow_id)
    etags.check(if_match, row.updated_at)
    EnrichmentWorkflows(work).put(row, written(read_document(source)), source)
    return detail(work, workflow_id)


def switch(work: Work, workflow_id: str, status: str) -> WorkflowDetailOut:
    EnrichmentWorkflows(work).set_status(own_workflow(work, workflow_id), status)
    return detail(work, workflow_id)


def detail(work: Work, workflow_id: str) -> WorkflowDetailOut:
    row = own_workflow(work, workflow_id)
    version = EnrichmentWorkflows(work).version(workflow_id, row.version)
    workflow = parse_workflow(version.definition)
    return WorkflowDetailOut(
        **_workflow(row, version.definition).model_dump(),
        source=version.source or write_document(workflow),
        definition=version.definition,
        chains=_chains(plan_for(work, workflow_id, workflow)),
    )


def check(work: Work, source: str) -> CheckOut:
    """Raises InvalidInput that names every fault."""
    workflow = read_document(source)
    return CheckOut(name=workflow.name, subject=workflow.subject.value, chains=_chains(plan_for(work, "", workflow)))


def preview_of(work: Work, workflow_id: str, rows: int | None) -> PreviewOut:
    hits = EnrichmentCalls(work).hit_rates()
    plan = _plan(work, own_workflow(work, workflow_id))
    found = preview(work, plan, hits, work.now(), most_rows=rows)
    return PreviewOut(
        row_count=found.row_count, idle_count=found.idle_count, known_count=found.known_count,
        is_estimated=found.is_estimated, cost_micros=round(found.cost), most_cost_micros=round(found.most_cost),
        currency=plan.currency, passed_over=found.passed_over,
        lines=[
            PreviewLineOut(
                connection=name, calls=round(line.calls), most_calls=round(line.most_calls),
                cost_micros=round(line.cost), most_cost_micros=round(line.most_cost),
            )
            for name, line in found.lines.items()
        ],
    )  # fmt: skip


def start(work: Work, workflow_id: str, body: RunIn) -> RunDetailOut:
    """Raises InvalidInput where nobody whom it asks is connected."""
    row = own_workflow(work, workflow_id)
    plan = _plan(work, row)
    usable = [name for name in plan.workflow.providers if name in plan.joints and not plan.joints[name].problem]
    if not usable:
        raise InvalidInput(
            "none of the providers that this workflow asks is connected",
            hint=f"Connect one of: {', '.join(plan.workflow.providers)}.",
        )
    run = running.start(work, row, "sample" if body.rows else "all", most_rows=body.rows, ids=body.ids)
    return run_detail(work, run.enrichment_run_id)


def list_runs(work: Work, workflow_id: str | None, limit: int) -> RunListOut:
    return RunListOut(items=_runs(work, EnrichmentRuns(work).newest(enrichment_workflow_id=workflow_id, limit=limit)))


def run_detail(work: Work, run_id: str) -> RunDetailOut:
    run = own_run(work, run_id)
    calls = EnrichmentCalls(work).of_run(run_id)
    return RunDetailOut(
        **_runs(work, [run])[0].model_dump(),
        calls=[
            SpentOut(connection=each.connection, outcome=each.outcome, calls=each.calls, cost_micros=each.cost)
            for each in calls
        ],
        doubtful_calls=sum(each.calls for each in calls if each.outcome in DOUBTFUL and each.cost),
    )


def act(work: Work, run_id: str, wanted: str) -> RunDetailOut:
    own_run(work, run_id)
    run = EnrichmentRuns(work).hold(run_id)
    {"pause": running.pause, "resume": running.resume, "stop": running.stop}[wanted](work, run)
    return run_detail(work, run_id)


def replay(work: Work, run_id: str, row_ids: Sequence[str]) -> int:
    own_run(work, run_id)
    return running.replay(work, EnrichmentRuns(work).hold(run_id), row_ids)


def list_rows(work: Work, run_id: str, status: str, cursor: str, limit: int) -> RowListOut:
    run = own_run(work, run_id)
    rows = EnrichmentRuns(work).lines(run_id, status=status, after=cursor, limit=limit)
    subject = workflow_of(work, run).subject
    facts = EnrichmentSubjects(work).facts_of(subject, [row.subject_id for row in rows]) if rows else {}
    calls = EnrichmentCalls(work).of_rows([row.enrichment_row_id for row in rows]) if rows else {}
    return RowListOut(
        items=[
            _row(row, _name(facts[row.subject_id].record) if row.subject_id in facts else "", calls)
            for row in rows
        ],
        next_cursor=rows[-1].enrichment_row_id if len(rows) == limit else None,
    )  # fmt: skip


def values(work: Work, subject: Subject, subject_id: str) -> ValueListOut:
    rows = EnrichmentValues(work).of(subject, subject_id)
    return ValueListOut(
        items=[
            ValueOut(
                field=row.field, label=FIELDS[subject][row.field].label if row.field in FIELDS[subject] else row.field,
                value=row.value, former=row.former, verdict=row.verdict, reason=row.reason, connection=row.connection,
                provider=row.provider, confidence=row.confidence, cost_micros=row.cost, observed_at=row.observed_at,
                written_at=row.written_at, enrichment_run_id=row.enrichment_run_id,
            )
            for row in rows
        ]
    )  # fmt: skip


def own_workflow(work: Work, workflow_id: str) -> EnrichmentWorkflow:
    """A workflow of the chosen organization itself. Raises NotFound for a client's."""
    row = EnrichmentWorkflows(work).get(workflow_id)
    require_own(work, row.organization_id, "workflow")
    return row


def own_run(work: Work, run_id: str) -> EnrichmentRun:
    """A run of the chosen organization itself. Raises NotFound for a client's."""
    row = EnrichmentRuns(work).get(run_id)
    require_own(work, row.organization_id, "run")
    return row


def _plan(work: Work, row: EnrichmentWorkflow) -> Plan:
    return plan_for(work, row.enrichment_workflow_id, workflow_of(work, row))


def _workflow(row: EnrichmentWorkflow, definition: Mapping[str, Any]) -> WorkflowOut:
    return WorkflowOut(
        enrichment_workflow_id=row.enrichment_workflow_id, name=row.name, subject=definition["subject"],
        status=row.status, version=row.version, on_capture=row.on_capture,
        fields=[plan["field"] for plan in definition["fields"]], updated_at=row.updated_at,
        etag=etags.etag_of(row.updated_at),
    )  # fmt: skip


def _chains(plan: Plan) -> list[ChainOut]:
    workflow = plan.workflow
    return [
        ChainOut(
            field=each.field, label=workflow.kind(each).label, fresh_days=workflow.lasts(each).days,
            steps=[
                StepOut(
                    provider=choice.provider, minimum_confidence=choice.minimum_confidence, when=list(choice.when),
                    **_step(plan, workflow, each.field, choice.provider),
                )
                for choice in each.providers
            ],
        )
        for each in workflow.fields
    ]  # fmt: skip


def _step(plan: Plan, workflow: Workflow, field: str, provider: str) -> dict[str, Any]:
    joint = plan.joints.get(provider)
    if joint is None:
        return {"title": provider, "problem": "not_connected", "price_micros": 0}
    able = [each for each in joint.operations if each.subject is workflow.subject and field in each.gives]
    problem = joint.problem or ("" if able else "not_offered")
    return {
        "title": joint.provider.title, "problem": problem,
        "price_micros": max((price(each, joint.per_unit) for each in able), default=0),
    }  # fmt: skip


def _runs(work: Work, rows: Sequence[EnrichmentRun]) -> list[RunOut]:
    ids = [row.enrichment_run_id for row in rows]
    counts = EnrichmentRuns(work).counts(ids) if ids else {}
    budgets = EnrichmentBudgets(work).of([run_scope(each) for each in ids]) if ids else {}
    currency = Organizations(work).get(work.scope.organization_id).currency  # type: ignore[union-attr]
    shown = []
    for row in rows:
        count = counts.get(row.enrichment_run_id, {})
        budget = budgets.get(run_scope(row.enrichment_run_id))
        shown.append(
            RunOut(
                enrichment_run_id=row.enrichment_run_id, enrichment_workflow_id=row.enrichment_workflow_id,
                version=row.version, trigger=row.trigger, status=row.status, reason=row.reason, row_count=row.row_count,
                rows={name: number for name, number in count.items() if name not in {"filled", "spent"}},
                filled_count=count.get("filled", 0), spent_micros=budget.spent if budget else 0,
                reserved_micros=budget.reserved if budget else 0, currency=currency, resumes_at=row.resumes_at,
                started_by=row.started_by, created_at=row.created_at, finished_at=row.finished_at,
            )
        )  # fmt: skip
    return shown


def _row(row: EnrichmentRow, name: str, calls: Mapping[str, Sequence[Any]]) -> RowOut:
    walk = Walk.from_json(row.walk) if row.walk else Walk({})
    return RowOut(
        enrichment_row_id=row.enrichment_row_id, subject_id=row.subject_id, display_name=name, status=row.status,
        problem=row.problem, spent_micros=row.spent, filled_count=row.filled_count,
        fields={
            field: FieldStateOut(status=state.status.value, by=state.by, reasons=list(state.reasons))
            for field, state in walk.fields.items()
        },
        calls=[
            CallOut(
                connection=each.connection, operation=each.operation, outcome=each.outcome, cost_micros=each.cost,
                problem=each.problem, milliseconds=each.milliseconds, asked_at=each.asked_at,
            )
            for each in calls.get(row.enrichment_row_id, ())
        ],
    )  # fmt: skip


def _name(record: Any) -> str:
    return company_name(record) or "" if isinstance(record, Company) else display_name(record)
