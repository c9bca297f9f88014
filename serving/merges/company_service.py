"""What the routes of merged companies do, in one unit of work each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.duplicates import RecordKind
from domain.survivorship import choices_of
from serving.etags import PreconditionFailed
from serving.merges.schemas import CompanyMergeOut, MergePreviewOut
from serving.merges.service import etag_of_pair, preview_of, rules_of, shown
from serving.merges.writing_down import BY_HAND, write_down_merge, write_down_undo
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.company_lists import CompanyLists
from storage.ops.repositories.company_merges import CompanyMerges
from storage.ops.store import Work
from storage.ops.tables import CompanyMerge


def preview(work: Work, survivor_id: str, merged_id: str) -> MergePreviewOut:
    merges = CompanyMerges(work)
    survivor, merged = merges.pair(survivor_id, merged_id)
    return preview_of(work, survivor, merged, (merges.record_of(survivor), merges.record_of(merged)))


def merge(
    work: Work, survivor_id: str, merged_id: str, choices: Mapping[str, str], if_match: str | None, *,
    because: Mapping[str, Any] = BY_HAND,
) -> CompanyMergeOut:  # fmt: skip
    """Raises PreconditionFailed where one of the two has changed since the preview."""
    merges = CompanyMerges(work)
    survivor, merged = merges.pair(survivor_id, merged_id)
    if if_match not in {None, "*", etag_of_pair(survivor, merged)}:
        raise PreconditionFailed
    decided = choices_of(merges.record_of(survivor), merges.record_of(merged), rules_of(work), choices)
    made = merges.merge(survivor, merged, decided)
    CompanyLists(work).remove([made.merged_id])
    _audit(work, made, "merge", made.changed)
    write_down_merge(
        work, RecordKind.COMPANY, made.survivor_id, made.merged_id, made.company_merge_id, made.choices, because
    )
    Activities(work).add(
        kind="merged", company_id=survivor_id, summary="Another record of this company was merged into this one",
        detail={"company_merge_id": made.company_merge_id, "merged_id": made.merged_id},
    )  # fmt: skip
    return out(made)


def undo(work: Work, company_merge_id: str) -> CompanyMergeOut:
    merges = CompanyMerges(work)
    made = merges.held(company_merge_id)
    merges.undo(made)
    _audit(work, made, "unmerge", made.report)
    write_down_undo(work, RecordKind.COMPANY, made.survivor_id, made.merged_id, made.company_merge_id, made.report)
    for company_id in (made.survivor_id, made.merged_id):
        Activities(work).add(
            kind="unmerged", company_id=company_id, summary="A merge was undone: two companies again",
            detail={"company_merge_id": made.company_merge_id},
        )  # fmt: skip
    return out(made)


def history(work: Work, company_id: str) -> list[CompanyMergeOut]:
    company = Companies(work).get(company_id)
    return [out(made) for made in CompanyMerges(work).of_company(company.company_id)]


def out(made: CompanyMerge) -> CompanyMergeOut:
    return CompanyMergeOut(company_merge_id=made.company_merge_id, **shown(made))


def _audit(work: Work, made: CompanyMerge, act: str, detail: Mapping[str, Any]) -> None:
    Audit(work).record(
        act, "company", made.survivor_id,
        after={"company_merge_id": made.company_merge_id, "merged_id": made.merged_id, "detail": dict(detail)},
    )  # fmt: skip
