"""Deals: what may come of a contact, with the history of its stages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from domain.deals import DealStage
from domain.errors import Conflict, InvalidInput, NotFound
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.base import Repository
from storage.ops.tables import Company, Contact, Deal, DealStageChange


class Deals(Repository):
    def create(
        self,
        name: str,
        *,
        amount_minor: int = 0,
        currency: str = "USD",
        contact_id: str | None = None,
        company_id: str | None = None,
        external_id: str | None = None,
        stage: DealStage = DealStage.OPPORTUNITY,
        opened_at: datetime | None = None,
        organization_id: str | None = None,
        **facts: Any,
    ) -> Deal:
        """A deal with its first history row; raises Conflict where the external id is taken.

        `facts`: pipeline, stage_key, probability, expected_close_on, owner_user_id, import_id, attributes.
        """
        target = self.target(organization_id)
        if len(currency) != 3:
            raise InvalidInput(f"not an ISO 4217 currency: {currency!r}")
        if external_id and self.find_by_external_id(external_id, target):
            raise Conflict("a deal with this external id exists")
        at = opened_at or self.work.now()
        made = Deal(
            organization_id=target,
            name=name,
            amount_minor=amount_minor,
            currency=currency,
            contact_id=self.own(Contact, contact_id, target),
            company_id=self.own(Company, company_id, target),
            external_id=external_id,
            stage=stage.value,
            stage_entered_at=at,
            opened_at=at,
            closed_at=at if stage.is_closed else None,
            **facts,
        )
        self.session.add(made)
        self.session.flush()
        self._record(made, None, stage, at)
        return made

    def get(self, deal_id: str) -> Deal:
        """Raises NotFound."""
        found = self.by_id(Deal, deal_id)
        if found is None:
            raise NotFound
        return found

    def held(self, deal_id: str) -> Deal:
        """The deal, held until the unit of work ends: nobody changes it between a look and a write. Raises NotFound."""
        return self.one(
            select(Deal).where(Deal.deal_id == deal_id, self.readable(Deal.organization_id)).with_for_update()
        )

    def find_by_external_id(self, external_id: str, organization_id: str | None = None) -> Deal | None:
        return self.session.scalars(
            select(Deal).where(Deal.organization_id == self.target(organization_id), Deal.external_id == external_id)
        ).first()

    def of_contact(self, contact_id: str) -> list[Deal]:
        """A contact's deals, newest first."""
        return list(
            self.session.scalars(
                select(Deal)
                .where(Deal.contact_id == contact_id, self.readable(Deal.organization_id))
                .order_by(Deal.opened_at.desc(), Deal.deal_id.desc())
            )
        )

    def of_ids(self, deal_ids: Sequence[str]) -> dict[str, Deal]:
        """Those of them that are here, by id."""
        found = self.session.scalars(
            select(Deal).where(Deal.deal_id.in_(deal_ids), self.readable(Deal.organization_id))
        )
        return {deal.deal_id: deal for deal in found}

    def move_to(
        self,
        deal: Deal,
        stage: DealStage,
        *,
        stage_key: str | None = None,
        occurred_at: datetime | None = None,
        lost_reason: str | None = None,
    ) -> bool:
        """Enters a stage, with a history row and a line in the timeline; answers whether it moved. Won or lost closes.

        `stage_key`: the pipeline's own stage, where the caller knows it.
        """
        self.writable(deal.organization_id)
        former, former_key = deal.stage, deal.stage_key
        if (former, former_key or former) == (stage.value, stage_key or stage.value):
            return False
        at = occurred_at or self.work.now()
        deal.stage, deal.stage_key, deal.stage_entered_at = stage.value, stage_key, at
        deal.closed_at = at if stage.is_closed else None
        deal.lost_reason = lost_reason if stage is DealStage.LOST else None
        self._record(deal, former, stage, at, former_key)
        came, went = former_key or former, stage_key or stage.value
        Activities(self.work).add(
            kind="deal_stage_change",
            contact_id=deal.contact_id,
            company_id=deal.company_id,
            deal_id=deal.deal_id,
            summary=f"{deal.name}: {came} → {went}",
            detail={"from": came, "to": went},
            occurred_at=at,
            organization_id=deal.organization_id,
        )
        return True

    def history_of(self, deal_id: str) -> list[DealStageChange]:
        """The stages a deal went through, oldest first."""
        return list(
            self.session.scalars(
                select(DealStageChange)
                .where(DealStageChange.deal_id == deal_id, self.readable(DealStageChange.organization_id))
                .order_by(DealStageChange.occurred_at, DealStageChange.deal_stage_change_id)
            )
        )

    def ids_by_external_id(self, external_ids: Sequence[str], organization_id: str | None = None) -> dict[str, str]:
        """Deal ids of those external ids that are known, by external id; at most 500 are asked for."""
        found = self.session.execute(
            select(Deal.external_id, Deal.deal_id).where(
                Deal.organization_id == self.target(organization_id), Deal.external_id.in_(external_ids)
            )
        )
        return {str(external_id): deal_id for external_id, deal_id in found}

    def insert_many(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """In bulk, as mappings of column to value; the history is brought along (`insert_history`)."""
        return self.insert_rows(Deal, rows)

    def insert_history(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Stage changes in bulk (deal_id, from_stage, to_stage, occurred_at, known_at …)."""
        return self.insert_rows(DealStageChange, rows)

    def _record(
        self, deal: Deal, former: str | None, stage: DealStage, at: datetime, former_key: str | None = None
    ) -> None:
        self.session.add(
            DealStageChange(
                organization_id=deal.organization_id,
                deal_id=deal.deal_id,
                from_stage=former,
                to_stage=stage.value,
                from_key=former_key,
                to_key=deal.stage_key,
                occurred_at=at,
                known_at=self.work.now(),
                actor_kind=self.work.actor.kind,
                actor_id=self.work.actor.id,
            )
        )
        self.session.flush()
