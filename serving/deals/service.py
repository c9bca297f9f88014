"""What the routes of deals do, in one unit of work each."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from domain.deals import DealStage
from domain.errors import InvalidInput
from domain.filters import parse_filters, parse_sort
from domain.pipelines import Pipeline, check_entry, is_rotting, parse_pipelines, weighted
from domain.tenancy import Scope
from domain.webhook_events import WebhookEvent
from serving import etags
from serving.crm.presenters import display_name
from serving.deals.schemas import (
    BoardOut,
    ColumnOut,
    CompanyRef,
    DealDetailOut,
    DealFields,
    DealIn,
    DealListOut,
    DealMove,
    DealOut,
    PersonRef,
    PipelineIn,
    StageChangeOut,
    StageIn,
)
from serving.deals.schemas import Pipelines as PipelinesBody
from serving.webhook_endpoints.publishing import publish
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.deal_lists import FIELDS, NEWEST, DealLine, DealLists, column_key
from storage.ops.repositories.deals import Deals
from storage.ops.repositories.listing import sortable, types_of
from storage.ops.repositories.members import require_member
from storage.ops.repositories.money import checked_currency
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.pipelines import Pipelines
from storage.ops.store import Work
from storage.ops.tables import Company, Contact, Deal

PLAIN = ("name", "amount_minor", "probability", "expected_close_on")


def list_deals(work: Work, filters: Sequence[str], sort: str, *, limit: int, cursor: str | None) -> DealListOut:
    pipelines = Pipelines(work).all()
    found = DealLists(work).page(
        parse_filters(filters, types_of(FIELDS)),
        sort=parse_sort(sort, sortable(FIELDS), NEWEST),
        limit=limit,
        cursor=cursor,
    )
    return DealListOut(
        items=[_out(work, line, pipelines) for line in found.rows], next_cursor=found.next_cursor, total=found.total
    )


def board(work: Work, key: str | None, filters: Sequence[str], *, limit: int) -> BoardOut:
    pipelines = Pipelines(work).all()
    pipeline = Pipelines(work).get(key) if key else pipelines[0]
    organization = Organizations(work).get(organization_of(work))
    columns = DealLists(work).board(
        pipeline,
        pipelines,
        parse_filters(filters, types_of(FIELDS)),
        currency=organization.currency,
        on=work.now().date(),
        limit=limit,
    )
    return BoardOut(
        pipeline=PipelineIn.of(pipeline),
        currency=organization.currency,
        columns=[
            ColumnOut(
                stage=StageIn.of(column.stage),
                deal_count=column.total.deal_count,
                amount_minor=column.total.amount_minor,
                weighted_minor=column.total.weighted_minor,
                missing_currencies=list(column.total.missing_currencies),
                deals=[_out(work, line, pipelines) for line in column.lines],
            )
            for column in columns
        ],
    )


def detail(work: Work, deal_id: str) -> DealDetailOut:
    line = DealLists(work).line(deal_id)
    history = [
        StageChangeOut(
            from_stage=change.from_key or change.from_stage,
            to_stage=change.to_key or change.to_stage,
            occurred_at=change.occurred_at,
            actor_kind=change.actor_kind,
            actor_id=change.actor_id,
        )
        for change in Deals(work).history_of(deal_id)
    ]
    shown = _out(work, line, Pipelines(work).all())
    return DealDetailOut(**dict(shown), history=history)


def create(work: Work, body: DealIn) -> DealDetailOut:
    pipelines = Pipelines(work)
    pipeline = pipelines.get(body.pipeline) if body.pipeline else pipelines.all()[0]
    stage = pipeline.stage(body.stage) if body.stage else pipeline.stages[0]
    organization = Organizations(work).get(organization_of(work))
    check_entry(pipeline, stage, body.model_dump())
    made = Deals(work).create(
        body.name,
        amount_minor=body.amount_minor or 0,
        currency=checked_currency(body.currency or organization.currency),
        contact_id=body.contact_id,
        company_id=body.company_id,
        external_id=body.external_id,
        stage=stage.counts_as,
        stage_key=stage.key,
        pipeline=pipeline.key,
        opened_at=body.opened_at,
        probability=body.probability,
        expected_close_on=body.expected_close_on,
        owner_user_id=_member(work, body.owner_user_id),
        attributes=_merged({}, body.attributes),
    )
    Audit(work).record("create", "deal", made.deal_id, after={"name": made.name, "stage": stage.key})
    _publish(work, WebhookEvent.DEAL_CREATED, made)
    return detail(work, made.deal_id)


def change(work: Work, deal_id: str, body: DealFields, if_match: str | None) -> DealDetailOut:
    """Writes what was sent; what was not sent stays. Raises PreconditionFailed for a stale `If-Match`."""
    deal = Deals(work).held(deal_id)
    etags.check(if_match, deal.updated_at)
    _write(work, deal, body)
    return detail(work, deal_id)


def move(work: Work, deal_id: str, body: DealMove, if_match: str | None) -> DealDetailOut:
    """Enters a stage. Raises StageRefused for what the deal lacks there, and PreconditionFailed."""
    deals = Deals(work)
    deal = deals.held(deal_id)
    etags.check(if_match, deal.updated_at)
    pipelines = Pipelines(work)
    pipeline = pipelines.get(body.pipeline) if body.pipeline else _pipeline_of(deal, pipelines.all())
    stage = pipeline.stage(body.stage)
    _write(work, deal, body)
    facts = {name: getattr(deal, name) for name in (*PLAIN, "owner_user_id", "contact_id", "company_id", "attributes")}
    check_entry(pipeline, stage, facts | {"lost_reason": body.lost_reason})
    former = deal.stage_key or deal.stage
    deal.pipeline = pipeline.key
    if deals.move_to(deal, stage.counts_as, stage_key=stage.key, lost_reason=body.lost_reason):
        _publish(work, WebhookEvent.DEAL_STAGE_CHANGED, deal, from_stage=former)
        if ended := ENDS.get(stage.counts_as):
            _publish(work, ended, deal)
    return detail(work, deal_id)


ENDS = {DealStage.WON: WebhookEvent.DEAL_WON, DealStage.LOST: WebhookEvent.DEAL_LOST}


def _publish(work: Work, event: WebhookEvent, deal: Deal, **more: Any) -> None:
    facts = {
        "deal_id": deal.deal_id,
        "contact_id": deal.contact_id,
        "company_id": deal.company_id,
        "owner_user_id": deal.owner_user_id,
        "pipeline": deal.pipeline,
        "stage": deal.stage_key or deal.stage,
        "counts_as": deal.stage,
        "amount_minor": deal.amount_minor,
        "currency": deal.currency,
        "lost_reason": deal.lost_reason,
    }
    publish(work, event, facts | more)


def put_pipelines(work: Work, body: PipelinesBody) -> PipelinesBody:
    pipelines = Pipelines(work)
    before = PipelinesBody(pipelines=[PipelineIn.of(each) for each in pipelines.all()])
    pipelines.put(parse_pipelines(body.as_setting()))
    after = PipelinesBody(pipelines=[PipelineIn.of(each) for each in pipelines.all()])
    Audit(work).record(
        "change", "pipelines", "pipelines", before=before.model_dump(mode="json"), after=after.model_dump(mode="json")
    )
    return after


def _write(work: Work, deal: Deal, body: DealFields) -> None:
    """Sets the fields that were sent, with one row in the audit log where something changed."""
    deals = Deals(work)
    deals.writable(deal.organization_id)
    sent = body.model_fields_set & set(DealFields.model_fields)
    wanted: dict[str, Any] = {name: getattr(body, name) for name in PLAIN if name in sent}
    for name in ("name", "amount_minor", "currency"):
        if name in sent and getattr(body, name) is None:
            raise InvalidInput(f"a deal needs its {name}")
    if "currency" in sent:
        wanted["currency"] = checked_currency(str(body.currency))
    if "owner_user_id" in sent:
        wanted["owner_user_id"] = _member(work, body.owner_user_id)
    if "contact_id" in sent:
        wanted["contact_id"] = deals.own(Contact, body.contact_id, deal.organization_id)
    if "company_id" in sent:
        wanted["company_id"] = deals.own(Company, body.company_id, deal.organization_id)
    if body.attributes is not None:
        wanted["attributes"] = _merged(deal.attributes, body.attributes)
    before = {name: getattr(deal, name) for name in wanted}
    changed = {name: value for name, value in wanted.items() if value != before[name]}
    for name, value in changed.items():
        setattr(deal, name, value)
    if changed:
        work.session.flush()
        Audit(work).record(
            "change", "deal", deal.deal_id, before={name: _plain(before[name]) for name in changed},
            after={name: _plain(value) for name, value in changed.items()},
        )  # fmt: skip


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def _merged(former: dict[str, Any], news: dict[str, Any] | None) -> dict[str, Any]:
    return {key: value for key, value in {**former, **(news or {})}.items() if value is not None}


def _member(work: Work, user_id: str | None) -> str | None:
    """The id of somebody who works in this organization. Raises InvalidInput for anybody else."""
    return None if user_id is None else require_member(work.store, organization_of(work), user_id)


def organization_of(work: Work) -> str:
    """The organization that a unit of work of the API is about."""
    assert isinstance(work.scope, Scope)
    return work.scope.organization_id


def _pipeline_of(deal: Deal, pipelines: Sequence[Pipeline]) -> Pipeline:
    return next((pipeline for pipeline in pipelines if pipeline.key == deal.pipeline), pipelines[0])


def _out(work: Work, line: DealLine, pipelines: Sequence[Pipeline]) -> DealOut:
    deal = line.deal
    pipeline = _pipeline_of(deal, pipelines)
    stage = pipeline.stage(column_key(pipeline, deal.stage_key, deal.stage))
    entered_at = deal.stage_entered_at or deal.opened_at
    return DealOut(
        deal_id=deal.deal_id,
        external_id=deal.external_id,
        name=deal.name,
        pipeline=pipeline.key,
        stage=stage.key,
        counts_as=DealStage(deal.stage).value,
        amount_minor=deal.amount_minor,
        weighted_minor=weighted(deal.amount_minor, stage, deal.probability),
        currency=deal.currency,
        probability=stage.probability if deal.probability is None else deal.probability,
        owner_user_id=deal.owner_user_id,
        contact=PersonRef(
            contact_id=line.contact.contact_id, display_name=display_name(line.contact), email=line.contact.email
        ) if line.contact else None,
        company=CompanyRef(company_id=line.company.company_id, name=line.company.name, domain=line.company.domain)
        if line.company else None,
        opened_at=deal.opened_at,
        closed_at=deal.closed_at,
        stage_entered_at=entered_at,
        expected_close_on=deal.expected_close_on,
        lost_reason=deal.lost_reason,
        is_rotting=is_rotting(stage, entered_at, work.now()),
        has_next_activity=line.has_open_task,
        next_activity_at=line.next_task_at,
        attributes=deal.attributes,
        updated_at=deal.updated_at,
        etag=etags.etag_of(deal.updated_at),
    )  # fmt: skip
