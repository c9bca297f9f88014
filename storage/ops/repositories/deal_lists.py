"""Deals as people look at them: lists by the grammar of `domain.filters`, and the columns of a board."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select

from domain.deals import DealStage
from domain.errors import NotFound
from domain.filters import Condition, FieldType, Sort
from domain.imports.money import minor_digits
from domain.pipelines import Pipeline, PipelineStage, weighted
from domain.tasks import TaskStatus
from domain.tenancy import Scope
from storage.ops.repositories.listing import ListField, Page, clause, page
from storage.ops.store import Work
from storage.ops.tables import Company, Contact, Deal, FxRate, Task

STAGE_KEY = func.coalesce(Deal.stage_key, Deal.stage)
ENTERED_AT: ColumnElement[datetime] = func.coalesce(Deal.stage_entered_at, Deal.opened_at, type_=Deal.opened_at.type)
FIELDS = {
    "name": ListField(FieldType.TEXT, Deal.name, is_sortable=True),
    "pipeline": ListField(FieldType.TEXT, Deal.pipeline),
    "stage": ListField(FieldType.TEXT, STAGE_KEY),
    "counts_as": ListField(FieldType.TEXT, Deal.stage),
    "amount_minor": ListField(FieldType.INTEGER, Deal.amount_minor, is_sortable=True),
    "currency": ListField(FieldType.TEXT, Deal.currency),
    "owner_user_id": ListField(FieldType.TEXT, Deal.owner_user_id),
    "contact_id": ListField(FieldType.TEXT, Deal.contact_id),
    "company_id": ListField(FieldType.TEXT, Deal.company_id),
    "lost_reason": ListField(FieldType.TEXT, Deal.lost_reason),
    "opened_at": ListField(FieldType.DATETIME, Deal.opened_at, is_sortable=True),
    "closed_at": ListField(FieldType.DATETIME, Deal.closed_at, is_sortable=True),
    "updated_at": ListField(FieldType.DATETIME, Deal.updated_at, is_sortable=True),
    "stage_entered_at": ListField(FieldType.DATETIME, ENTERED_AT, is_sortable=True),
    "expected_close_on": ListField(FieldType.DATE, Deal.expected_close_on, is_sortable=True),
    "has_next_activity": ListField(
        FieldType.BOOLEAN,
        exists().where(
            Task.organization_id == Deal.organization_id, Task.deal_id == Deal.deal_id, Task.status == TaskStatus.OPEN
        ),
    ),
}
NEWEST = Sort("updated_at", descending=True)


@dataclass(frozen=True, slots=True)
class DealLine:
    """A deal with the names that a card shows; `next_task_at` is when its next open task is due."""

    deal: Deal
    contact: Contact | None
    company: Company | None
    has_open_task: bool
    next_task_at: datetime | None


@dataclass(frozen=True, slots=True)
class ColumnTotal:
    """What stands in a column, in the organization's currency; `missing_currencies` had no rate and are not in it."""

    deal_count: int
    amount_minor: int
    weighted_minor: int
    missing_currencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BoardColumn:
    """A stage, its totals, and its first cards: the longest untouched last."""

    stage: PipelineStage
    total: ColumnTotal
    lines: list[DealLine]


class DealLists:
    """Questions about the deals of one organization."""

    def __init__(self, work: Work) -> None:
        if not isinstance(work.scope, Scope):
            raise TypeError("a list of deals belongs to one organization")
        self._work = work
        self._session = work.session
        self._organization_id = work.scope.organization_id

    def page(
        self, conditions: Iterable[Condition], *, sort: Sort = NEWEST, limit: int = 50, cursor: str | None = None
    ) -> Page:
        """A page of DealLine."""
        asked = self._own().where(*(clause(each, FIELDS[each.field]) for each in conditions))
        found = page(
            self._work, asked, fields=FIELDS, key=Deal.deal_id, sort=sort, limit=limit, cursor=cursor, with_total=True
        )
        return Page(self._lines(found.rows), found.next_cursor, found.total)

    def line(self, deal_id: str) -> DealLine:
        """One deal, as a list would show it. Raises NotFound."""
        deal = self._session.scalar(self._own().where(Deal.deal_id == deal_id))
        if deal is None:
            raise NotFound("There is no such deal here.")
        return self._lines([deal])[0]

    def board(
        self,
        pipeline: Pipeline,
        pipelines: Sequence[Pipeline],
        conditions: Iterable[Condition] = (),
        *,
        currency: str,
        on: date,
        limit: int = 50,
    ) -> list[BoardColumn]:
        """The columns of a pipeline in order, each with its totals over all its deals and its first `limit` cards.

        The first of `pipelines` also shows deals of pipelines that are not here, which only an import can have named.
        Amounts in other currencies are converted by the newest rate up to `on`.
        """
        filters = [clause(each, FIELDS[each.field]) for each in conditions]
        place = Deal.pipeline == pipeline.key
        if pipeline.key == pipelines[0].key:
            place = or_(place, Deal.pipeline.not_in([each.key for each in pipelines]))
        own = self._own().where(place, *filters)
        totals = self._totals(own, pipeline, currency, on)
        cards = self._first_cards(own, limit)
        lines = {line.deal.deal_id: line for line in self._lines(cards)}
        return [
            BoardColumn(
                stage,
                totals[stage.key],
                [lines[card.deal_id] for card in cards if self._column_of(pipeline, card) == stage.key],
            )
            for stage in pipeline.stages
        ]

    def _own(self) -> Select[Deal]:
        return select(Deal).where(Deal.organization_id == self._organization_id)

    @staticmethod
    def _column_of(pipeline: Pipeline, deal: Deal) -> str:
        return column_key(pipeline, deal.stage_key, deal.stage)

    def _first_cards(self, own: Select[Deal], limit: int) -> Sequence[Deal]:
        """The newest of each stage, in one pass over them."""
        newest_first = func.row_number().over(
            partition_by=STAGE_KEY, order_by=(Deal.updated_at.desc(), Deal.deal_id.desc())
        )
        ranked = own.with_only_columns(Deal.deal_id, newest_first.label("newest_first")).subquery()
        asked = (
            select(Deal)
            .join(ranked, and_(ranked.c.deal_id == Deal.deal_id, ranked.c.newest_first <= limit))
            .order_by(Deal.updated_at.desc(), Deal.deal_id.desc())
        )
        return self._session.scalars(asked).all()

    def _totals(self, own: Select[Deal], pipeline: Pipeline, currency: str, on: date) -> dict[str, ColumnTotal]:
        # A deal may have a probability of its own; those of a column with the same one are summed together.
        grouped = own.with_only_columns(
            Deal.stage_key, Deal.stage, Deal.currency, Deal.probability, func.count(), func.sum(Deal.amount_minor)
        ).group_by(Deal.stage_key, Deal.stage, Deal.currency, Deal.probability)
        rows = self._session.execute(grouped).all()
        rates = self._rates({row[2] for row in rows}, currency, on)
        sums: dict[str, list[int]] = {stage.key: [0, 0, 0] for stage in pipeline.stages}
        missing: dict[str, set[str]] = {stage.key: set() for stage in pipeline.stages}
        for stage_key, counts_as, found, probability, deal_count, amount in rows:
            key = column_key(pipeline, stage_key, counts_as)
            sums[key][0] += deal_count
            if found not in rates:
                missing[key].add(found)
                continue
            converted = round(int(amount) * rates[found])
            sums[key][1] += converted
            sums[key][2] += weighted(converted, pipeline.stage(key), probability)
        return {
            key: ColumnTotal(deals, amount, expected, tuple(sorted(missing[key])))
            for key, (deals, amount, expected) in sums.items()
        }

    def _rates(self, currencies: set[str], target: str, on: date) -> dict[str, float]:
        """The newest rate of each currency up to a day, between minor units; the target's is 1, one without a rate is left
        out."""
        found = {target: 1.0}
        for currency in sorted(currencies - {target}):
            rate = self._session.scalar(
                select(FxRate.rate)
                .where(FxRate.from_currency == currency, FxRate.to_currency == target, FxRate.rate_on <= on)
                .order_by(FxRate.rate_on.desc())
                .limit(1)
            )
            if rate is not None:
                found[currency] = float(rate) * 10.0 ** (minor_digits(target) - minor_digits(currency))
        return found

    def _lines(self, deals: Sequence[Deal]) -> list[DealLine]:
        """With contacts, companies and next tasks, one query each."""
        contacts = {
            found.contact_id: found
            for found in self._session.scalars(
                select(Contact).where(
                    Contact.organization_id == self._organization_id,
                    Contact.contact_id.in_({deal.contact_id for deal in deals if deal.contact_id}),
                )
            )
        }
        companies = {
            found.company_id: found
            for found in self._session.scalars(
                select(Company).where(
                    Company.organization_id == self._organization_id,
                    Company.company_id.in_({deal.company_id for deal in deals if deal.company_id}),
                )
            )
        }
        tasks = dict(
            self._session.execute(
                select(Task.deal_id, func.min(Task.due_at, type_=Task.due_at.type))
                .where(
                    Task.organization_id == self._organization_id,
                    Task.status == "open",
                    Task.deal_id.in_([deal.deal_id for deal in deals]),
                )
                .group_by(Task.deal_id)
            ).all()
        )
        return [
            DealLine(
                deal,
                contacts.get(deal.contact_id or ""),
                companies.get(deal.company_id or ""),
                deal.deal_id in tasks,
                tasks.get(deal.deal_id),
            )
            for deal in deals
        ]


def column_key(pipeline: Pipeline, stage_key: str | None, counts_as: str) -> str:
    """The column of a deal: its own stage, else the first one that counts as the same."""
    if any(stage.key == stage_key for stage in pipeline.stages):
        assert stage_key is not None
        return stage_key
    return pipeline.stage_counting_as(DealStage(counts_as)).key
