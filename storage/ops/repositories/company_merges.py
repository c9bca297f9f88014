"""Two companies become one, and are two again, as `contact_merges` does it with people."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from sqlalchemy import or_, select

from domain.errors import Conflict, InvalidInput, NotFound
from domain.survivorship import COMPANY, COMPANY_FIELDS, COMPANY_KEYS, Choice, Record
from storage.ops.repositories.base import Repository
from storage.ops.repositories.identity_decisions import PERSON, IdentityDecisions
from storage.ops.repositories.merged_values import Children, MergedValues, Undone, by_table
from storage.ops.repositories.tags import Tags
from storage.ops.tables import (
    Activity,
    BuyingSignal,
    Company,
    CompanyMerge,
    CompanyTag,
    Contact,
    Deal,
    EnrichmentCall,
    EnrichmentValue,
    Enrolment,
    Task,
)


class CompanyChildren(Children):
    """Contacts, deals, tasks, activities and ways through sequences, which stop and are limited by company; and companies
    that were merged earlier, so that every old id leads to the survivor in one step."""

    OWNERS: ClassVar = by_table(
        Contact.company_id, Deal.company_id, Task.company_id, Activity.company_id, Enrolment.company_id,
        EnrichmentCall.company_id, EnrichmentValue.company_id, BuyingSignal.company_id, Company.merged_into_id,
    )  # fmt: skip
    BEGAN: ClassVar = by_table(
        Contact.created_at, Deal.created_at, Task.created_at, Activity.known_at, Enrolment.created_at,
        EnrichmentCall.asked_at, EnrichmentValue.written_at, BuyingSignal.created_at,
    )  # fmt: skip

    def suppress_alike(self, one: Company, other: Company, source: str) -> list[str]:
        """A company that is left alone, by its id or its domain, is left alone by the other's too; answers new rows' ids."""
        both = (one, other)
        return self.suppress_both(
            {
                "company": [(company.company_id, None) for company in both],
                "domain": [(company.domain, None) for company in both],
            },
            source,
        )


class CompanyMerges(Repository):
    def pair(self, one_id: str, other_id: str) -> tuple[Company, Company]:
        """Two companies of the organization, held until the unit of work ends. Raises NotFound, InvalidInput for one
        company twice, Conflict where one of them was merged already."""
        if one_id == other_id:
            raise InvalidInput("a company cannot be merged with itself")
        found = self._held(one_id, other_id)
        if len(found) < 2:
            raise NotFound("There is no such company here.")
        for company in found.values():
            if company.merged_into_id is not None:
                raise Conflict(
                    f"{company.company_id} was merged into {company.merged_into_id}",
                    hint="Merge with that one instead.",
                )
        return found[one_id], found[other_id]

    def record_of(self, company: Company) -> Record:
        """A company as the rules of survivorship see it."""
        return Record(
            record_id=company.company_id,
            values={name: getattr(company, name) for name in COMPANY_FIELDS},
            attributes=company.attributes or {},
            source="import" if company.import_id else "",
            known_at=company.created_at,
            updated_at=company.updated_at,
            fields=COMPANY_FIELDS,
            keys=COMPANY_KEYS,
            prefix=COMPANY,
        )

    def merge(self, survivor: Company, merged: Company, choices: Sequence[Choice]) -> CompanyMerge:
        """Lays `merged` into `survivor`, both held: fields as chosen, and everything that belongs to it. The merged
        record stays, and its id and domain answer with the survivor."""
        target, now = self.writable(survivor.organization_id), self.work.now()
        made = CompanyMerge(
            organization_id=target,
            survivor_id=survivor.company_id,
            merged_id=merged.company_id,
            choices=[
                {"field": choice.field, "kept": choice.kept.value, "reason": choice.reason}
                for choice in choices if choice.is_differing
            ],
            merged_by=self.work.actor.id or self.work.actor.kind,
            merged_at=now,
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        children = CompanyChildren(self.work)
        suppressed = children.suppress_alike(survivor, merged, f"merge:{made.company_merge_id}")
        made.changed = self._values().change(survivor, merged, choices)
        made.moved = children.move_all(merged.company_id, survivor.company_id)
        given = Tags(self.work).give(CompanyTag, merged.company_id, survivor.company_id)
        made.added = {"suppressions": suppressed, "tags": given}
        merged.merged_into_id, merged.updated_at, survivor.updated_at = survivor.company_id, now, now
        IdentityDecisions(self.work).record(_node(survivor), _node(merged), "same", rule=PERSON)
        self.session.flush()
        return made

    def held(self, company_merge_id: str) -> CompanyMerge:
        """A merge, held until the unit of work ends. Raises NotFound."""
        return self.one(
            select(CompanyMerge)
            .where(CompanyMerge.organization_id == self.target(), CompanyMerge.company_merge_id == company_merge_id)
            .with_for_update()
        )

    def undo(self, made: CompanyMerge) -> Undone:
        """Two companies again; what came or was changed after the merge stays with the survivor. No suppression is
        lifted: one that holds for either of them by now holds for both.

        Raises Conflict where it is undone already, or where the survivor was merged itself since.
        """
        self.writable(made.organization_id)
        if made.status != "merged":
            raise Conflict("this merge is undone already")
        found = self._held(made.survivor_id, made.merged_id)
        survivor, merged = found[made.survivor_id], found[made.merged_id]
        if survivor.merged_into_id is not None:
            raise Conflict("the company was merged into another one since", hint="Undo that merge first.")
        children = CompanyChildren(self.work)
        returned = children.return_all(made.moved, survivor.company_id, merged.company_id)
        Tags(self.work).take_back(CompanyTag, survivor.company_id, made.added.get("tags", []))
        kept = self._values().restore(survivor, merged, made.changed)
        merged.merged_into_id = None
        merged.updated_at = survivor.updated_at = made.undone_at = self.work.now()
        self.session.flush()
        children.suppress_alike(survivor, merged, f"unmerge:{made.company_merge_id}")
        IdentityDecisions(self.work).record(_node(survivor), _node(merged), "different", rule=PERSON)
        done = Undone(
            {name: len(ids) for name, ids in returned.items()},
            children.began_since(survivor.company_id, made.merged_at),
            kept,
        )
        made.status, made.undone_by = "undone", self.work.actor.id or self.work.actor.kind
        made.report = done.as_report()
        self.session.flush()
        return done

    def of_company(self, company_id: str) -> list[CompanyMerge]:
        """Merges that a company took part in, undone ones too, newest first."""
        return list(
            self.session.scalars(
                select(CompanyMerge)
                .where(
                    or_(CompanyMerge.survivor_id == company_id, CompanyMerge.merged_id == company_id),
                    self.readable(CompanyMerge.organization_id),
                )
                .order_by(CompanyMerge.merged_at.desc(), CompanyMerge.company_merge_id.desc())
            )
        )

    def _values(self) -> MergedValues:
        return MergedValues(self.session, COMPANY_KEYS, ("name",))

    def _held(self, *ids: str) -> dict[str, Company]:
        asked = (
            select(Company)
            .where(Company.organization_id == self.target(), Company.company_id.in_(ids))
            .order_by(Company.company_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        return {company.company_id: company for company in self.session.scalars(asked)}


def _node(company: Company) -> str:
    return f"company:{company.company_id}"
