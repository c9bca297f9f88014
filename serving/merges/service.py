"""What the routes of merged contacts do, in one unit of work each."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from domain.duplicates import RecordKind
from domain.survivorship import (
    SETTING,
    Choice,
    Record,
    Rules,
    better_record,
    choices_of,
    parse_rules,
)
from serving.crm.scoring import score_soon
from serving.etags import PreconditionFailed, etag_of
from serving.merges.schemas import ChoiceOut, MergeOut, MergePreviewOut, RulesIO, UndoReportOut
from serving.merges.writing_down import BY_HAND, write_down_merge, write_down_undo
from storage.ops.repositories.activities import Activities
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.contact_details import ContactDetails
from storage.ops.repositories.contact_merges import ContactMerges
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.store import Work
from storage.ops.tables import Company, CompanyMerge, Contact, ContactMerge


def preview(work: Work, survivor_id: str, merged_id: str) -> MergePreviewOut:
    merges = ContactMerges(work)
    survivor, merged = merges.pair(survivor_id, merged_id)
    return preview_of(work, survivor, merged, (merges.record_of(survivor), merges.record_of(merged)))


def merge(
    work: Work, survivor_id: str, merged_id: str, choices: Mapping[str, str], if_match: str | None, *,
    because: Mapping[str, Any] = BY_HAND,
) -> MergeOut:  # fmt: skip
    """Raises PreconditionFailed where one of the two has changed since the preview. `because`: {reason, …} for the
    ledger."""
    merges = ContactMerges(work)
    survivor, merged = merges.pair(survivor_id, merged_id)
    if if_match not in {None, "*", etag_of_pair(survivor, merged)}:
        raise PreconditionFailed
    decided = choices_of(merges.record_of(survivor), merges.record_of(merged), rules_of(work), choices)
    made = merges.merge(survivor, merged, decided)
    _follow(work, made, "merge", made.changed)
    write_down_merge(
        work, RecordKind.CONTACT, made.survivor_id, made.merged_id, made.contact_merge_id, made.choices, because
    )
    Activities(work).add(
        kind="merged", contact_id=survivor_id, summary="Another record of this person was merged into this one",
        detail={"contact_merge_id": made.contact_merge_id, "merged_id": made.merged_id},
    )  # fmt: skip
    return out(made)


def undo(work: Work, contact_merge_id: str) -> MergeOut:
    merges = ContactMerges(work)
    made = merges.held(contact_merge_id)
    merges.undo(made)
    _follow(work, made, "unmerge", made.report)
    write_down_undo(work, RecordKind.CONTACT, made.survivor_id, made.merged_id, made.contact_merge_id, made.report)
    for contact_id in (made.survivor_id, made.merged_id):
        Activities(work).add(
            kind="unmerged", contact_id=contact_id, summary="A merge was undone: two people again",
            detail={"contact_merge_id": made.contact_merge_id},
        )  # fmt: skip
    return out(made)


def history(work: Work, contact_id: str) -> list[MergeOut]:
    contact = ContactDetails(work).contact(contact_id)
    return [out(made) for made in ContactMerges(work).of_contact(contact.contact_id)]


def rules_of(work: Work) -> Rules:
    found = OrganizationSettings(work).current(SETTING)
    return parse_rules(found.value) if found else Rules()


def put_rules(work: Work, body: RulesIO) -> RulesIO:
    before, rules = rules_of(work), parse_rules(body.model_dump())
    OrganizationSettings(work).put(SETTING, rules.as_setting())
    Audit(work).record("change", SETTING, SETTING, before=before.as_setting(), after=rules.as_setting())
    return RulesIO(**rules.as_setting())


def out(made: ContactMerge) -> MergeOut:
    return MergeOut(contact_merge_id=made.contact_merge_id, **shown(made))


def _follow(work: Work, made: ContactMerge, act: str, detail: dict[str, Any]) -> None:
    """The audit row, and new scores: each of the two has other facts now."""
    Audit(work).record(
        act, "contact", made.survivor_id, subject_id=made.survivor_id,
        after={"contact_merge_id": made.contact_merge_id, "merged_id": made.merged_id, "detail": detail},
    )  # fmt: skip
    left = {made.survivor_id} if act == "merge" else {made.survivor_id, made.merged_id}
    for contact_id in sorted(left):
        score_soon(work, contact_id, organization_id=made.organization_id)


def preview_of(
    work: Work, survivor: Contact | Company, merged: Contact | Company, records: tuple[Record, Record]
) -> MergePreviewOut:
    """What would be kept, of people and of companies; `records`: the two as the rules of survivorship see them."""
    suggested, reason = better_record(*records)
    return MergePreviewOut(
        survivor_id=records[0].record_id,
        merged_id=records[1].record_id,
        suggested_survivor_id=suggested.record_id,
        suggested_because=reason,
        choices=[choice_out(choice) for choice in choices_of(*records, rules_of(work))],
        etag=etag_of_pair(survivor, merged),
    )


def shown(made: ContactMerge | CompanyMerge) -> dict[str, Any]:
    """What is answered of every merge, beside its own id."""
    return {
        "survivor_id": made.survivor_id,
        "merged_id": made.merged_id,
        "status": made.status,
        "choices": made.choices,
        "moved": {name: len(ids) for name, ids in made.moved.items()},
        "merged_by": made.merged_by,
        "merged_at": made.merged_at,
        "undone_by": made.undone_by,
        "undone_at": made.undone_at,
        "report": UndoReportOut(**made.report),
    }


def etag_of_pair(survivor: Contact | Company, merged: Contact | Company) -> str:
    """Of both: a change of either makes it another."""
    return f'"{etag_of(survivor.updated_at)[1:-1]}-{etag_of(merged.updated_at)[1:-1]}"'


def choice_out(choice: Choice) -> ChoiceOut:
    return ChoiceOut(
        field=choice.field,
        survivor_value=choice.survivor_value,
        merged_value=choice.merged_value,
        kept=choice.kept.value,
        reason=choice.reason,
        is_differing=choice.is_differing,
    )
