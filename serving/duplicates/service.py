"""What the routes of duplicates do, in one unit of work each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.decisions import DecisionKind
from domain.duplicates import ProposalStatus, RecordKind, chance_words, evidence_words
from domain.errors import Conflict, InvalidInput
from domain.filters import parse_filters, parse_sort
from domain.ids import new_id
from serving import etags
from serving.crm.presenters import display_name
from serving.duplicates.schemas import (
    AcceptIn,
    AcceptOut,
    DuplicateCountsOut,
    DuplicateListOut,
    DuplicateOut,
    EvidenceOut,
    MergeDuplicateIn,
    RecordOut,
    SearchOut,
)
from serving.merges import company_service
from serving.merges import service as contact_service
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.decisions import Decisions
from storage.ops.repositories.duplicates import FIELDS, NODES, SUREST, Duplicates
from storage.ops.repositories.identity_decisions import IdentityDecisions
from storage.ops.repositories.jobs import Jobs
from storage.ops.repositories.listing import sortable, types_of
from storage.ops.store import Work
from storage.ops.tables import Company, Contact, DuplicateProposal

SEARCH, MANY = "find_duplicates", "accept_duplicates"
MOST_AT_ONCE = 1_000
"""Pairs of one acceptance; more are a second one."""
MERGERS: Mapping[RecordKind, Any] = {RecordKind.CONTACT: contact_service, RecordKind.COMPANY: company_service}


def list_duplicates(
    work: Work, filters: Sequence[str], sort: str, *, limit: int, cursor: str | None
) -> DuplicateListOut:
    """Raises InvalidInput for a filter, order or cursor that this list does not know."""
    found = Duplicates(work).page(
        parse_filters(filters, types_of(FIELDS)),
        sort=parse_sort(sort, sortable(FIELDS), SUREST),
        limit=limit,
        cursor=cursor,
    )
    return DuplicateListOut(items=_all_out(work, found.rows), next_cursor=found.next_cursor, total=found.total)


def counts(work: Work, entity: RecordKind, at_least: float) -> DuplicateCountsOut:
    waiting = Duplicates(work).open_counts()
    acceptable = Duplicates(work).open_at_least(entity, at_least, MOST_AT_ONCE)
    return DuplicateCountsOut(
        contact=waiting[RecordKind.CONTACT],
        company=waiting[RecordKind.COMPANY],
        at_least=at_least,
        acceptable=len(acceptable),
    )


def detail(work: Work, proposal_id: str) -> DuplicateOut:
    return _all_out(work, [Duplicates(work).get(proposal_id)])[0]


def merge(work: Work, proposal_id: str, body: MergeDuplicateIn, if_match: str | None) -> DuplicateOut:
    """Raises PreconditionFailed where the pair was decided or searched again since, Conflict where one was merged."""
    proposal = Duplicates(work).held(proposal_id)
    etags.check(if_match, proposal.updated_at)
    _merge(work, proposal, body, reason="by_hand")
    return _all_out(work, [proposal])[0]


def accept(work: Work, proposal_id: str, batch_id: str) -> None:
    """One pair of many that somebody accepted together; a pair that is open no more is left alone."""
    proposal = Duplicates(work).held(proposal_id)
    if proposal.status != ProposalStatus.OPEN:
        raise Conflict("this pair was decided since")
    _merge(work, proposal, MergeDuplicateIn(), reason="accepted_with_others")
    proposal.batch_id = batch_id
    work.session.flush()


def part(work: Work, proposal_id: str, batch_id: str) -> None:
    """One pair of many becomes two again."""
    proposal = Duplicates(work).held(proposal_id)
    if proposal.batch_id != batch_id or proposal.status != ProposalStatus.MERGED or proposal.merge_id is None:
        raise Conflict("this pair was decided since")
    MERGERS[RecordKind(proposal.entity)].undo(work, proposal.merge_id)


def dismiss(work: Work, proposal_id: str, reason: str, if_match: str | None) -> DuplicateOut:
    """Two, not one: it stays so in every search until one of the two says something else."""
    duplicates = Duplicates(work)
    proposal = duplicates.held(proposal_id)
    etags.check(if_match, proposal.updated_at)
    before = proposal.status
    duplicates.decide(proposal, ProposalStatus.DISMISSED, reason or "said_by_a_person")
    IdentityDecisions(work).record(*_nodes(proposal), "different", rule="person")
    _write_down(work, proposal, "dismiss", before)
    return _all_out(work, [proposal])[0]


def undo(work: Work, proposal_id: str, if_match: str | None) -> DuplicateOut:
    """Takes the decision back: a merge is undone, a pair that was kept apart is asked about again."""
    duplicates = Duplicates(work)
    proposal = duplicates.held(proposal_id)
    etags.check(if_match, proposal.updated_at)
    before = proposal.status
    if before == ProposalStatus.MERGED and proposal.merge_id is not None:
        MERGERS[RecordKind(proposal.entity)].undo(work, proposal.merge_id)
    elif before == ProposalStatus.DISMISSED:
        duplicates.decide(proposal, ProposalStatus.OPEN, "asked_again")
        for standing in IdentityDecisions(work).of_node(_nodes(proposal)[0]):
            if {standing.left_node, standing.right_node} == set(_nodes(proposal)) and standing.revoked_at is None:
                IdentityDecisions(work).revoke(standing.identity_decision_id)
        _write_down(work, proposal, "reopen", before)
    else:
        raise Conflict("nothing was decided about this pair")
    return _all_out(work, [proposal])[0]


def search(work: Work, entity: RecordKind | None) -> SearchOut:
    """One search waits at a time."""
    payload = {"entity": entity.value} if entity else {}
    job_id = Jobs(work).enqueue(SEARCH, payload=payload, unique_key=f"{SEARCH}:{entity.value if entity else 'all'}")
    return SearchOut(job_id=job_id)


def accept_many(work: Work, body: AcceptIn) -> AcceptOut:
    """Raises Conflict where the number of pairs is another one by now."""
    ids = Duplicates(work).open_at_least(body.entity, body.min_probability, MOST_AT_ONCE)
    if len(ids) != body.count:
        raise Conflict(
            f"there are {len(ids)} such pairs now, not {body.count}",
            hint="Look at the queue again, and accept what you see.",
        )
    batch_id = new_id()
    said = {"entity": body.entity.value, "min_probability": body.min_probability, "pair_count": len(ids)}
    Audit(work).record("accept_many", "duplicates", batch_id, after=said)
    Decisions(work).record(
        DecisionKind.DUPLICATE, "batch", batch_id, "accepted", "accepted_with_others", said, is_act=True
    )
    Jobs(work).enqueue(
        MANY,
        payload={"batch_id": batch_id, "entity": body.entity.value, "ids": ids, "asked_by": _asked_by(work)},
    )
    return AcceptOut(batch_id=batch_id, accepted_count=len(ids))


def undo_many(work: Work, batch_id: str) -> AcceptOut:
    """Raises InvalidInput where nothing of the batch is merged any more."""
    merged = Duplicates(work).of_batch(batch_id)
    if not merged:
        raise InvalidInput(
            "no pair of this batch is merged", hint="They may wait for the worker, or be undone already."
        )
    Audit(work).record("undo_many", "duplicates", batch_id, after={"pair_count": len(merged)})
    payload = {"batch_id": batch_id, "undo": True, "asked_by": _asked_by(work)}
    Jobs(work).enqueue(MANY, payload=payload, unique_key=f"{MANY}:undo:{batch_id}")
    return AcceptOut(batch_id=batch_id, accepted_count=len(merged))


def _merge(work: Work, proposal: DuplicateProposal, body: MergeDuplicateIn, *, reason: str) -> None:
    if proposal.status == ProposalStatus.MERGED:
        raise Conflict("the two were merged already")
    merger = MERGERS[RecordKind(proposal.entity)]
    ids = (proposal.left_id, proposal.right_id)
    survivor_id = body.survivor_id or merger.preview(work, *ids).suggested_survivor_id
    if survivor_id not in ids:
        raise InvalidInput("the survivor is one of the two", hint=f"Send {ids[0]} or {ids[1]}.")
    merged_id = next(each for each in ids if each != survivor_id)
    because = {"reason": reason, "probability": proposal.probability, "model_version": proposal.model_version}
    merger.merge(work, survivor_id, merged_id, body.choices, None, because=because)
    work.session.flush()


def _write_down(work: Work, proposal: DuplicateProposal, act: str, before: str) -> None:
    """In the audit log and the ledger, with the reason."""
    said = {"left_id": proposal.left_id, "right_id": proposal.right_id, "entity": proposal.entity}
    Audit(work).record(
        act, "duplicate", proposal.duplicate_proposal_id, before={"status": before},
        after={**said, "status": proposal.status, "reason": proposal.reason},
    )  # fmt: skip
    Decisions(work).record(
        DecisionKind.DUPLICATE, proposal.entity, proposal.right_id, proposal.status, proposal.reason,
        {"with": proposal.left_id, "probability": proposal.probability,
         "duplicate_proposal_id": proposal.duplicate_proposal_id},
        proposal.model_version, is_act=True,
    )  # fmt: skip


def _nodes(proposal: DuplicateProposal) -> tuple[str, str]:
    kind = NODES[RecordKind(proposal.entity)]
    return f"{kind}:{proposal.left_id}", f"{kind}:{proposal.right_id}"


def _asked_by(work: Work) -> dict[str, str]:
    return {"kind": work.actor.kind, "id": work.actor.id}


def _all_out(work: Work, proposals: Sequence[DuplicateProposal]) -> list[DuplicateOut]:
    records: dict[str, Any] = {}
    for kind in RecordKind:
        ids = {one for each in proposals if each.entity == kind for one in (each.left_id, each.right_id)}
        if ids:
            records |= Duplicates(work).records(kind, sorted(ids))
    return [_out(proposal, records) for proposal in proposals]


def _out(proposal: DuplicateProposal, records: Mapping[str, Any]) -> DuplicateOut:
    prior, *said = proposal.evidence or [{"comparison": "prior", "level": "prior", "weight": 0.0}]
    evidence = [prior, *sorted(said, key=lambda each: -abs(each["weight"]))]
    return DuplicateOut(
        duplicate_proposal_id=proposal.duplicate_proposal_id,
        entity=RecordKind(proposal.entity),
        status=proposal.status,
        probability=proposal.probability,
        chance=chance_words(proposal.probability),
        weight=proposal.weight,
        left=_record(proposal.left_id, records.get(proposal.left_id), proposal),
        right=_record(proposal.right_id, records.get(proposal.right_id), proposal),
        evidence=[EvidenceOut(words=evidence_words(each["comparison"], each["level"]), **each) for each in evidence],
        model_version=proposal.model_version,
        reason=proposal.reason,
        merge_id=proposal.merge_id,
        batch_id=proposal.batch_id,
        decided_by=proposal.decided_by,
        decided_at=proposal.decided_at,
        created_at=proposal.created_at,
        etag=etags.etag_of(proposal.updated_at),
    )


def _record(record_id: str, found: Contact | Company | None, proposal: DuplicateProposal) -> RecordOut:
    if found is None:
        return RecordOut(
            id=record_id, name="A record that is gone", known_by="", detail="", created_at=proposal.created_at,
            is_there=False,
        )  # fmt: skip
    if isinstance(found, Contact):
        return RecordOut(
            id=record_id, name=display_name(found), known_by=found.email or found.phone or found.external_id or "",
            detail=" · ".join(part for part in (found.title, found.source) if part), created_at=found.created_at,
            is_there=found.deleted_at is None,
        )  # fmt: skip
    return RecordOut(
        id=record_id, name=found.name, known_by=found.domain or "",
        detail=" · ".join(part for part in (found.industry, found.country) if part), created_at=found.created_at,
        is_there=found.merged_into_id is None,
    )  # fmt: skip
