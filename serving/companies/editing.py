"""Edits of many companies by hand, each written with its row in the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from domain.errors import InvalidInput
from serving import bulk
from serving.access.principals import Principal
from serving.companies.schemas import CompanyBulkIn, CompanyBulkOut, CompanyBulkResult
from serving.tags.naming import TAGGING
from storage.ops.repositories.audit import Act, Audit
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.company_lists import CompanyLists
from storage.ops.repositories.tags import Tags
from storage.ops.store import Store, Work
from storage.ops.tables import CompanyTag, Tag

PER_TRANSACTION = 20
"""Companies: SQLite has one writer at a time, and others wait for no more than these."""
Outcome = Literal["changed", "unchanged", "no_record", "not_found"]


def change_many(store: Store, principal: Principal, body: CompanyBulkIn) -> CompanyBulkOut:
    """The same edit for each; ids that are not here are told and the others written."""
    sent = body.values
    fields = {name: getattr(sent, name) for name in sent.model_fields_set - TAGGING}
    tags = bulk.tags_made(store, principal, sent)
    if not fields and not tags:
        raise InvalidInput(
            "nothing is set", hint="Send industry, employee_count, country, add_tags or remove_tags in `set`."
        )

    def write(work: Work, part: Sequence[str], _is_last: bool) -> dict[str, Outcome]:
        return _write(work, part, fields, tags)

    outcomes = bulk.in_parts(store, principal, body.ids, PER_TRANSACTION, write)
    results = [CompanyBulkResult(company_id=each, outcome=outcome) for each, outcome in outcomes.items()]
    return CompanyBulkOut(results=results, changed_count=sum(each.outcome == "changed" for each in results))


def _write(
    work: Work, asked_ids: Sequence[str], fields: dict[str, Any], tags: dict[str, list[Tag]]
) -> dict[str, Outcome]:
    companies = Companies(work)
    held, shown = companies.held(asked_ids), CompanyLists(work).of(asked_ids)
    ids = {each: held[each].company_id if each in held else each for each in asked_ids if each in held or each in shown}
    retagged = Tags(work).retag(
        CompanyTag, sorted(set(ids.values())), tags.get("add_tags", ()), tags.get("remove_tags", ())
    )  # fmt: skip
    outcomes: dict[str, Outcome] = {}
    acts: list[Act] = []
    for each in asked_ids:
        if each not in ids:
            outcomes[each] = "not_found"
            continue
        before, after = companies.change(held[each], fields) if each in held else ({}, {})
        if made := retagged.pop(ids[each], None):
            before, after = {**before, "tags": made.before}, {**after, "tags": made.after}
        if before:
            acts.append(Act("change", "company", ids[each], None, before, after))
        outcomes[each] = "changed" if before else "no_record" if fields and each not in held else "unchanged"
    Audit(work).record_all(acts)
    return outcomes
