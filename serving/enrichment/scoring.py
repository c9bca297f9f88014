"""The scoreboard of providers, and the order that their record proposes. Nothing is changed until a person adopts it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from domain.enrichment.scoreboard import Proposal, Tally, proposal, together
from domain.enrichment.workflows import Workflow, written
from domain.errors import Conflict
from serving import etags
from serving.enrichment.documents import read_document, write_document
from serving.enrichment.plans import workflow_of
from serving.enrichment.schemas import ProposalOut, ProposalsOut, RecordOut, ScoreboardOut, WorkflowDetailOut
from serving.enrichment.service import detail, own_workflow
from storage.ops.repositories.enrichment_records import EnrichmentRecords
from storage.ops.repositories.enrichment_workflows import EnrichmentWorkflows
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Work


def scoreboard(work: Work, *, by_segment: bool) -> ScoreboardOut:
    records = EnrichmentRecords(work)
    tallies = records.tallies()
    shown = tallies if by_segment else list(together(tallies).values())
    calls = records.calls()
    return ScoreboardOut(
        currency=Organizations(work).get(work.scope.organization_id).currency,  # type: ignore[union-attr]
        items=[_record(each) for each in sorted(shown, key=lambda one: (one.field, one.segment, one.connection))],
        calls={each.connection: each.outcomes for each in calls},
        mean_milliseconds={each.connection: each.mean_milliseconds for each in calls},
    )


def proposals(work: Work, workflow_id: str) -> ProposalsOut:
    row = own_workflow(work, workflow_id)
    found = _proposals(work, workflow_of(work, row))
    return ProposalsOut(
        etag=etags.etag_of(row.updated_at),
        items=[
            ProposalOut(
                field=each.field, now=list(each.now), proposed=list(each.proposed), reason=each.reason,
                short=list(each.short), expected_now_micros=round(each.expected_now),
                expected_proposed_micros=round(each.expected_proposed),
            )
            for each in found
        ],
    )  # fmt: skip


def adopt(work: Work, workflow_id: str, fields: Sequence[str], if_match: str | None) -> WorkflowDetailOut:
    """A new version with the proposed order of these fields' chains. Raises Conflict where nothing is proposed for one."""
    row = own_workflow(work, workflow_id)
    etags.check(if_match, row.updated_at)
    workflow = workflow_of(work, row)
    orders = {each.field: each.proposed for each in _proposals(work, workflow) if each.reason == "learned"}
    if missing := [name for name in fields if name not in orders]:
        raise Conflict(f"no other order is proposed for {missing[0]}", hint="Read the proposals again.")
    version = EnrichmentWorkflows(work).version(workflow_id, row.version)
    changed = reordered(workflow, {name: orders[name] for name in fields})
    source = _kept_words(version.source, changed)
    EnrichmentWorkflows(work).put(row, written(changed), source)
    return detail(work, workflow_id)


def reordered(workflow: Workflow, orders: Mapping[str, Sequence[str]]) -> Workflow:
    """The same workflow with the providers of some chains in another order."""
    fields = []
    for plan in workflow.fields:
        choices = {choice.provider: choice for choice in plan.providers}
        wanted = orders.get(plan.field, tuple(choices))
        fields.append(plan.model_copy(update={"providers": tuple(choices[name] for name in wanted)}))
    return workflow.model_copy(update={"fields": tuple(fields)})


def _kept_words(source: str, changed: Workflow) -> str:
    """The document as it was written, comments and all, with `providers: [..]` in the new order; written anew where chains
    are not lists in one line."""
    lines, plans = source.split("\n"), iter(changed.fields)
    for number, line in enumerate(lines):
        found = re.match(r"^(\s*providers:\s*)\[[\w\s,-]*\](.*)$", line)
        if found:
            plan = next(plans, None)
            if plan is None:
                break
            lines[number] = f"{found[1]}[{', '.join(choice.provider for choice in plan.providers)}]{found[2]}"
    text = "\n".join(lines)
    return text if text and read_document(text) == changed else write_document(changed)


def _proposals(work: Work, workflow: Workflow) -> list[Proposal]:
    tallies = together(EnrichmentRecords(work).tallies())
    return [
        proposal(plan.field, [choice.provider for choice in plan.providers], tallies)
        for plan in workflow.fields
        if len(plan.providers) > 1
    ]


def _record(tally: Tally) -> RecordOut:
    return RecordOut(
        connection=tally.connection, field=tally.field, segment=tally.segment, asked=tally.asked, hits=tally.hits,
        hit_rate=tally.hit_rate, hit_interval=tally.hit_interval, judged=tally.judged, precision=tally.precision,
        precision_interval=tally.precision_interval if tally.judged else None,
        cost_per_valid_micros=round(tally.cost_per_valid) if tally.cost_per_valid is not None else None,
        cost_micros=round(tally.cost),
    )  # fmt: skip
