"""What the routes of marks do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from domain.errors import InvalidInput
from domain.lookalikes import ExclusionList, MarkKind, pasted_domains
from serving.actors import names_of
from serving.lookalike_marks.schemas import (
    LookalikeMarkIn,
    LookalikeMarkingOut,
    LookalikeMarkOut,
    LookalikeMarkResult,
    LookalikeMarksOut,
)
from storage.ops.repositories.company_lists import CompanyLists
from storage.ops.repositories.lookalike_marks import LookalikeMarks
from storage.ops.store import Work
from storage.ops.tables import LookalikeMark

AT_ONCE = 500


def mark(work: Work, body: LookalikeMarkIn) -> LookalikeMarkingOut:
    pasted = pasted_domains(body.domains)
    if len(body.company_ids) + len(pasted.domains) > AT_ONCE:
        raise InvalidInput(f"at most {AT_ONCE} companies and domains are marked at once", hint="Send them in parts.")
    marks = LookalikeMarks(work)
    listed, note = body.list_name, body.note.strip()
    outcomes = marks.mark_companies(body.kind, body.company_ids, list_name=listed, note=note)
    outcomes |= marks.exclude_domains(pasted.domains, list_name=listed, note=note)
    results = [LookalikeMarkResult(value=value, outcome=outcome) for value, outcome in outcomes.items()]
    results += [LookalikeMarkResult(value=piece[:300], outcome="refused") for piece in pasted.refused]
    return LookalikeMarkingOut(results=results, marked_count=sum(each.outcome == "marked" for each in results))


def shown(work: Work, kinds: Sequence[MarkKind], limit: int, offset: int) -> LookalikeMarksOut:
    marks = LookalikeMarks(work)
    rows = marks.newest(kinds=kinds, limit=limit, offset=offset)
    called = CompanyLists(work).names_of([row.company_id for row in rows if row.company_id])
    people = names_of(work, [(row.actor_kind, row.actor_id) for row in rows])
    return LookalikeMarksOut(
        items=[_out(row, called, people) for row in rows],
        counts={MarkKind(kind): count for kind, count in marks.counts().items()},
    )


def undo(work: Work, lookalike_mark_id: str) -> None:
    """Raises NotFound."""
    LookalikeMarks(work).undo(lookalike_mark_id)


def _out(row: LookalikeMark, called: Mapping[str, str], people: Mapping[str, str]) -> LookalikeMarkOut:
    return LookalikeMarkOut(
        lookalike_mark_id=row.lookalike_mark_id,
        company_id=row.company_id,
        domain=row.domain,
        name=called.get(row.company_id or "") or row.domain or row.company_id or "",
        kind=MarkKind(row.kind),
        list=ExclusionList(row.list_name) if row.list_name else None,
        note=row.note,
        marked_by=people.get(row.actor_id) or row.actor_id or row.actor_kind,
        marked_at=row.marked_at,
    )
