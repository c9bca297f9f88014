"""Marks of suggested companies: more seeds, negative seeds, and what is never suggested again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

from sqlalchemy import ColumnElement, Select, SQLColumnExpression, and_, func, or_, select

from domain.errors import InvalidInput
from domain.lookalikes import ExclusionList, MarkedCompanies, MarkKind
from storage.ops.keys import among
from storage.ops.repositories.audit import Act, Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.companies import Companies
from storage.ops.tables import Company, CompanySummary, LookalikeMark

MOST = 20_000
"""Marks of one organization: all of them are read for a ranking."""
HIDING = tuple(kind.value for kind in MarkKind if kind.hides)
Outcome = Literal["marked", "unchanged", "not_found"]
_COMPANY: SQLColumnExpression[str] = LookalikeMark.__table__.c.company_id
_DOMAIN: SQLColumnExpression[str] = LookalikeMark.__table__.c.domain


class LookalikeMarks(Repository):
    def mark_companies(
        self, kind: MarkKind, company_ids: Sequence[str], *, list_name: ExclusionList | None = None, note: str = ""
    ) -> dict[str, Outcome]:
        """Says it of companies that the CRM or the last build knows here; of one that was merged, of what it became.
        Answers by id as they were sent. ≤ 500 in a transaction."""
        held = Companies(self.work).held(company_ids)
        shown = set(self.session.scalars(self._summaries(company_ids)))
        known = {
            each: held[each].company_id if each in held else each
            for each in company_ids
            if each in held or each in shown
        }
        outcomes = self._mark(kind, "company_id", sorted(set(known.values())), list_name, note)
        return {each: outcomes[known[each]] if each in known else "not_found" for each in company_ids}

    def exclude_domains(
        self, domains: Sequence[str], *, list_name: ExclusionList | None = None, note: str = ""
    ) -> dict[str, Outcome]:
        """Whoever has one of these domains is suggested no more, known here or not. ≤ 500 in a transaction."""
        return self._mark(MarkKind.EXCLUDED, "domain", list(dict.fromkeys(domains)), list_name, note)

    def undo(self, lookalike_mark_id: str) -> None:
        """As if it had not been said; raises NotFound."""
        asked = select(LookalikeMark).where(LookalikeMark.lookalike_mark_id == lookalike_mark_id, self._own())
        found = self.one(asked)
        Audit(self.work).record("undo", "lookalike_mark", lookalike_mark_id, before=_facts(found))
        self.session.delete(found)
        self.session.flush()

    def newest(self, *, kinds: Sequence[MarkKind] = (), limit: int = 100, offset: int = 0) -> list[LookalikeMark]:
        asked = select(LookalikeMark).where(self._own())
        if kinds:
            asked = asked.where(LookalikeMark.kind.in_([kind.value for kind in kinds]))
        order = (LookalikeMark.marked_at.desc(), LookalikeMark.lookalike_mark_id.desc())
        return list(self.session.scalars(asked.order_by(*order).limit(limit).offset(offset)))

    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        asked = select(LookalikeMark.kind, func.count()).where(self._own()).group_by(LookalikeMark.kind)
        return {str(row[0]): row[1] for row in self.session.execute(asked)}

    def of(self, domains: Mapping[str, str | None]) -> dict[str, LookalikeMark]:
        """The marks of companies given as id to domain; a company's own goes before its domain's."""
        dialect = self.work.store.engine.dialect
        named = sorted({domain for domain in domains.values() if domain})
        asked = select(LookalikeMark).where(
            self._own(),
            or_(among(_COMPANY, dialect, list(domains)), among(_DOMAIN, dialect, named)),
        )
        return _matched(domains, list(self.session.scalars(asked)), {})

    def standing(self, domains: Mapping[str, str | None]) -> MarkedCompanies:
        """What a ranking takes in, of companies given as id to domain. What was said of a company that was merged since is
        said of the one it became, unless something was said of that one itself."""
        marks = list(self.session.scalars(select(LookalikeMark).where(self._own()).limit(MOST)))
        if not marks:
            return MarkedCompanies()
        merged = select(Company.company_id, Company.merged_into_id).where(
            Company.organization_id == self.target(), Company.merged_into_id.is_not(None),
            among(Company.company_id, self.work.store.engine.dialect, [m.company_id for m in marks if m.company_id]),
        )  # fmt: skip
        found = _matched(domains, marks, {str(row[0]): str(row[1]) for row in self.session.execute(merged)})
        of_kind = {
            kind: frozenset(name for name, mark in found.items() if mark.kind == kind.value) for kind in MarkKind
        }
        return MarkedCompanies(of_kind[MarkKind.GOOD], of_kind[MarkKind.UNFIT], of_kind[MarkKind.EXCLUDED])

    def _mark(
        self, kind: MarkKind, key: Literal["company_id", "domain"], names: Sequence[str],
        list_name: ExclusionList | None, note: str,
    ) -> dict[str, Outcome]:  # fmt: skip
        column = _COMPANY if key == "company_id" else _DOMAIN
        asked = select(LookalikeMark).where(self._own(), among(column, self.work.store.engine.dialect, names))
        before = {str(getattr(row, key)): row for row in self.session.scalars(asked)}
        self._require_room(len(set(names) - set(before)))
        said = {"kind": kind.value, "list_name": list_name.value if list_name else "", "note": note}
        by = {"actor_kind": self.work.actor.kind, "actor_id": self.work.actor.id, "marked_at": self.work.now()}
        outcomes: dict[str, Outcome] = {}
        acts: list[tuple[LookalikeMark, dict[str, str] | None]] = []
        for name in names:
            row = before.get(name)
            if row is not None and all(getattr(row, field) == value for field, value in said.items()):
                outcomes[name] = "unchanged"
                continue
            was = _facts(row) if row is not None else None
            if row is None:
                row = LookalikeMark(organization_id=self.target())
                setattr(row, key, name)
                self.session.add(row)
            for field, value in {**said, **by}.items():
                setattr(row, field, value)
            outcomes[name] = "marked"
            acts.append((row, was))
        self.session.flush()
        Audit(self.work).record_all(
            [Act("mark", "lookalike_mark", row.lookalike_mark_id, None, was, _facts(row)) for row, was in acts]
        )
        return outcomes

    def _require_room(self, more: int) -> None:
        count = sum(self.counts().values())
        if count + more > MOST:
            raise InvalidInput(f"there are {count:,} marks; at most {MOST:,} are kept", hint="Undo some first.")

    def _summaries(self, company_ids: Sequence[str]) -> Select[str]:
        return select(CompanySummary.company_id).where(
            CompanySummary.organization_id == self.target(), CompanySummary.company_id.in_(company_ids)
        )

    def _own(self) -> ColumnElement[bool]:
        return LookalikeMark.organization_id == self.target()


def is_suggested() -> ColumnElement[bool]:
    """Of a company's summary: nobody said that it does not fit, and it is not excluded."""
    hidden = LookalikeMark.kind.in_(HIDING) & (LookalikeMark.organization_id == CompanySummary.organization_id)
    by_id = select(LookalikeMark.lookalike_mark_id).where(hidden, LookalikeMark.company_id == CompanySummary.company_id)
    by_domain = select(LookalikeMark.lookalike_mark_id).where(hidden, LookalikeMark.domain == CompanySummary.domain)
    good = select(LookalikeMark.lookalike_mark_id).where(
        LookalikeMark.kind == MarkKind.GOOD.value,
        LookalikeMark.organization_id == CompanySummary.organization_id,
        LookalikeMark.company_id == CompanySummary.company_id,
    )
    return and_(~by_id.exists(), or_(~by_domain.exists(), good.exists()))


def _matched(
    domains: Mapping[str, str | None], marks: Sequence[LookalikeMark], became: Mapping[str, str]
) -> dict[str, LookalikeMark]:
    of_domain = {mark.domain: mark for mark in marks if mark.domain}
    of_company = {mark.company_id: mark for mark in marks if mark.company_id}
    inherited = {became[name]: mark for name, mark in of_company.items() if name in became}
    found = {
        name: of_company.get(name) or inherited.get(name) or (of_domain.get(domain) if domain else None)
        for name, domain in domains.items()
    }
    return {name: mark for name, mark in found.items() if mark is not None}


def _facts(mark: LookalikeMark) -> dict[str, str]:
    named = {"company_id": mark.company_id} if mark.company_id else {"domain": str(mark.domain)}
    told = {"list_name": mark.list_name, "note": mark.note}
    return {**named, "kind": mark.kind, **{name: value for name, value in told.items() if value}}
