"""Lists of contacts as people browse them: searched, filtered, sorted, paged by key, counted up to a limit.

The page walks an index in the order asked for and stops when it is full, so a page of 100,000 contacts costs what a
page of 100 does. Only a filter that few rows meet reads them all (measured: about 0.1 s for 100,000 on SQLite).
Search is by word prefix; it is one clause (`_matches`), so that a full-text index can take its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, Select, case, exists, false, func, literal, or_, select, tuple_
from sqlalchemy.orm import aliased

from domain.errors import InvalidInput
from domain.ids import content_id
from domain.paging import decode_cursor, encode_cursor
from domain.tasks import TOUCHES
from domain.tenancy import Scope
from storage.ops.store import Work
from storage.ops.tables import Activity, AttributeDefinition, Company, Contact, Score

Sort = Literal["newest", "score", "name"]

COUNTED_UP_TO = 10_000
"""Totals are exact up to here; above it a list says "10,000+"."""

NOBODY = "nobody"
PULSE_OF = 20
FEW = 2_000
"""Up to here, rows that meet a filter are found first and sorted after."""

_PLAIN = re.compile(r"^[A-Za-z0-9 _.,:@-]+$")
"""Values that JSON writes as they are, whoever wrote it."""


@dataclass(frozen=True, slots=True)
class ContactQuestion:
    """What a list asks for. Empty fields do not filter; `attributes` is equality on custom attributes, as text."""

    search: str = ""
    stages: Sequence[str] = ()
    bands: Sequence[str] = ()
    """Score bands; `none` stands for contacts without a score."""
    sources: Sequence[str] = ()
    owners: Sequence[str] = ()
    """User ids; `nobody` stands for contacts without an owner."""
    is_worked: bool | None = None
    """Whether a person has reached out (`domain.tasks.TOUCHES`)."""
    import_id: str | None = None
    has_email: bool | None = None
    min_score: float | None = None
    max_score: float | None = None
    created_after: datetime | None = None
    attributes: Mapping[str, str] = field(default_factory=dict)
    sort: Sort = "newest"


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One line of a list: the contact, its company and its score where it has them."""

    contact: Contact
    company: Company | None
    score: Score | None


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Lines in order, the cursor of the next page (none at the end), and the total if it was asked for."""

    lines: list[ContactLine]
    next_cursor: str | None
    total: int | None
    """Exact up to 10,000; 10,001 means more than that."""


class ContactLists:
    """Questions about the contacts of one organization."""

    def __init__(self, work: Work) -> None:
        if not isinstance(work.scope, Scope):
            raise TypeError("a list of contacts belongs to one organization")
        self._session = work.session
        self.organization_id = work.scope.organization_id
        self._sqlite = work.session.get_bind().dialect.name == "sqlite"

    def page(
        self, question: ContactQuestion, *, limit: int, cursor: str | None = None, with_total: bool = True
    ) -> ContactPage:
        """One page in the order asked for. Raises InvalidInput for a foreign cursor or an unknown attribute."""
        filters = self._filters(question)
        few = self._few(filters) if question.sort == "score" and _is_picky(question) else None
        if few is not None:
            filters = [*self._own(), Contact.contact_id.in_(few)]
        lines = self._walk(question, filters, limit + 1, cursor)
        more = len(lines) > limit
        total = None
        if with_total and cursor is None:
            total = len(few) if few is not None else self._count(filters) if more else len(lines)
        lines = lines[:limit]
        return ContactPage(lines, _cursor_of(question.sort, lines[-1]) if more else None, total)

    def every(self, question: ContactQuestion, *, batch: int = 1000) -> Iterator[ContactLine]:
        """All lines of the list in its order, read a batch at a time."""
        filters, cursor = self._filters(question), None
        while True:
            lines = self._walk(question, filters, batch, cursor)
            yield from lines
            if len(lines) < batch:
                return
            cursor = _cursor_of(question.sort, lines[-1])
            self._session.expunge_all()

    def pulse(self) -> str:
        """A mark that changes when one of the newest contacts, or its score or stage, does: one short index walk."""
        newest = (
            select(Contact.contact_id, Contact.updated_at)
            .where(*self._own())
            .order_by(Contact.created_at.desc(), Contact.contact_id.desc())
            .limit(PULSE_OF)
            .subquery()
        )
        asked = select(newest.c.contact_id, newest.c.updated_at, Score.scored_at).outerjoin(
            Score, Score.contact_id == newest.c.contact_id
        )
        return content_id(*(":".join(str(value) for value in row) for row in self._session.execute(asked)))

    def check(self, question: ContactQuestion) -> None:
        """Raises InvalidInput for a question that cannot be asked."""
        self._filters(question)

    def facets(self) -> dict[str, list[str]]:
        """The sources that occur, for the filter's choices. Stops at 50."""
        sources = select(Contact.source).where(*self._own()).where(Contact.source != "").distinct().limit(50)
        return {"sources": sorted(self._session.scalars(sources))}

    def definitions(self) -> list[AttributeDefinition]:
        """The organization's custom attributes of contacts, by label."""
        asked = select(AttributeDefinition).where(
            AttributeDefinition.organization_id == self.organization_id, AttributeDefinition.entity == "contact"
        )
        return list(self._session.scalars(asked.order_by(AttributeDefinition.label, AttributeDefinition.key)))

    # how a page is walked -------------------------------------------------------------------------------------------

    def _walk(
        self, question: ContactQuestion, filters: list[ColumnElement[bool]], limit: int, cursor: str | None
    ) -> list[ContactLine]:
        if question.sort == "score":
            return self._walk_by_score(question, filters, limit, cursor)
        asked = (
            select(Contact, Company, Score)
            .outerjoin(Company, Company.company_id == Contact.company_id)
            .outerjoin(Score, Score.contact_id == Contact.contact_id)
            .where(*filters)
        )
        if question.sort == "newest":
            if cursor:
                at, contact_id = decode_cursor(cursor, "newest", 2)
                asked = asked.where(
                    tuple_(Contact.created_at, Contact.contact_id)
                    < tuple_(literal(_moment(at), Contact.created_at.type), literal(contact_id))
                )
            asked = asked.order_by(Contact.created_at.desc(), Contact.contact_id.desc())
        else:
            if cursor:
                last, first, contact_id = decode_cursor(cursor, "name", 3)
                asked = asked.where(
                    tuple_(Contact.last_name, Contact.first_name, Contact.contact_id)
                    > tuple_(literal(last), literal(first), literal(contact_id))
                )
            asked = asked.order_by(Contact.last_name, Contact.first_name, Contact.contact_id)
        return self._lines(asked.limit(limit))

    def _walk_by_score(
        self, question: ContactQuestion, filters: list[ColumnElement[bool]], limit: int, cursor: str | None
    ) -> list[ContactLine]:
        """Scored contacts by the scores' own index, best first; then those without a score, newest first."""
        score, contact_id = decode_cursor(cursor, "score", 2) if cursor else (None, None)
        lines: list[ContactLine] = []
        if cursor is None or score is not None:
            asked = (
                select(Contact, Company, Score)
                .select_from(Score)
                .join(Contact, Contact.contact_id == Score.contact_id)
                .outerjoin(Company, Company.company_id == Contact.company_id)
                .where(Score.organization_id == self.organization_id, *filters)
                .order_by(Score.score.desc(), Score.contact_id.desc())
            )
            if cursor:
                asked = asked.where(tuple_(Score.score, Score.contact_id) < tuple_(literal(score), literal(contact_id)))
                contact_id = None
            lines = self._lines(asked.limit(limit))
        unscored_fit = not question.bands or "none" in question.bands
        if len(lines) < limit and unscored_fit and question.min_score is None and question.max_score is None:
            asked = (
                select(Contact, Company, Score)
                .outerjoin(Company, Company.company_id == Contact.company_id)
                .outerjoin(Score, Score.contact_id == Contact.contact_id)
                .where(*filters, Score.contact_id.is_(None))
                .order_by(Contact.contact_id.desc())
            )
            if contact_id is not None:
                asked = asked.where(Contact.contact_id < contact_id)
            lines += self._lines(asked.limit(limit - len(lines)))
        return lines

    def _lines(self, asked: Select[Contact, Company, Score]) -> list[ContactLine]:
        return [ContactLine(*row) for row in self._session.execute(asked)]

    def _few(self, filters: list[ColumnElement[bool]]) -> list[str] | None:
        """The ids that meet the filters, if they are few: then they are sorted, rather than all scores walked."""
        ids = list(self._session.scalars(select(Contact.contact_id).where(*filters).limit(FEW + 1)))
        return ids if len(ids) <= FEW else None

    def _count(self, filters: list[ColumnElement[bool]]) -> int:
        """Up to 10,001."""
        found = select(literal(1)).select_from(Contact).where(*filters).limit(COUNTED_UP_TO + 1).subquery()
        return self._session.scalar(select(func.count()).select_from(found)) or 0

    # what a line must meet ------------------------------------------------------------------------------------------

    def _own(self) -> list[ColumnElement[bool]]:
        return [Contact.organization_id == self.organization_id, Contact.deleted_at.is_(None)]

    def _filters(self, question: ContactQuestion) -> list[ColumnElement[bool]]:
        clauses = self._own()
        if question.stages:
            clauses.append(Contact.lifecycle_stage.in_(question.stages))
        if question.sources:
            clauses.append(Contact.source.in_(question.sources))
        if question.owners:
            named = [owner for owner in question.owners if owner != NOBODY]
            owned: list[ColumnElement[bool]] = [Contact.owner_user_id.in_(named)] if named else []
            clauses.append(or_(*owned, Contact.owner_user_id.is_(None)) if NOBODY in question.owners else owned[0])
        if question.is_worked is not None:
            touched = exists().where(
                Activity.organization_id == self.organization_id,
                Activity.contact_id == Contact.contact_id,
                Activity.kind.in_(sorted(TOUCHES)),
                Activity.actor_kind == "human",
            )
            clauses.append(touched if question.is_worked else ~touched)
        if question.import_id:
            clauses.append(Contact.import_id == question.import_id)
        if question.has_email is not None:
            clauses.append(Contact.email.is_not(None) if question.has_email else Contact.email.is_(None))
        if question.created_after:
            clauses.append(Contact.created_at >= question.created_after)
        clauses += self._score_filters(question)
        clauses += [self._attribute_is(key, value) for key, value in question.attributes.items()]
        clauses += [self._matches(word) for word in _words(question.search)]
        return clauses

    def _score_filters(self, question: ContactQuestion) -> list[ColumnElement[bool]]:
        theirs = aliased(Score)
        own = [theirs.contact_id == Contact.contact_id, theirs.organization_id == self.organization_id]
        clauses: list[ColumnElement[bool]] = []
        if question.bands:
            named = [band for band in question.bands if band != "none"]
            either: list[ColumnElement[bool]] = [exists().where(*own, theirs.band.in_(named))] if named else []
            if "none" in question.bands:
                either.append(~exists().where(*own))
            clauses.append(or_(*either))
        if question.min_score is not None:
            clauses.append(exists().where(*own, theirs.score >= question.min_score))
        if question.max_score is not None:
            clauses.append(exists().where(*own, theirs.score <= question.max_score))
        return clauses

    def _matches(self, word: str) -> ColumnElement[bool]:
        """A word of the name, the e-mail, the title or the company's name that begins with `word`."""
        pattern = f"% {_escaped(word)}%"
        said = literal(" ") + func.replace(func.replace(func.coalesce(Contact.email, ""), "@", " "), ".", " ")
        said = said + " " + Contact.first_name + " " + Contact.last_name + " " + Contact.title
        said = said + " " + func.coalesce(Contact.external_id, "")
        named = literal(" ") + Company.name + " " + func.coalesce(Company.domain, "")
        companies = select(Company.company_id).where(
            Company.organization_id == self.organization_id, self._like(named, pattern)
        )
        return or_(self._like(said, pattern), Contact.company_id.in_(companies))

    def _like(self, said: ColumnElement[str], pattern: str) -> ColumnElement[bool]:
        """Case folded: by LIKE itself on SQLite (ASCII letters), where lower() on 100,000 rows is what would cost."""
        return said.like(pattern, escape="\\") if self._sqlite else said.ilike(pattern, escape="\\")

    def _attribute_is(self, key: str, value: str) -> ColumnElement[bool]:
        definition = next((found for found in self.definitions() if found.key == key), None)
        if definition is None:
            raise InvalidInput(f"there is no custom attribute {key!r}", hint="See GET /v1/contacts/facets.")
        stored: Any = Contact.attributes[key]
        exact: ColumnElement[bool]
        try:
            match definition.data_type:
                case "boolean":
                    exact = stored.as_boolean() == _truth(value)
                    return exact
                case "number":
                    exact = stored.as_float() == float(value)
                    return exact
                case "integer":
                    value = str(int(value))
                    exact = stored.as_integer() == int(value)
                case _:
                    exact = stored.as_string() == value
        except ValueError as error:
            raise InvalidInput(f"{value!r} is not a value of {key!r} ({definition.data_type})") from error
        if self._sqlite and _PLAIN.match(value):
            # Reading JSON costs 2 µs a row; looking for the letters first spares most rows that.
            return case((func.instr(Contact.attributes, value) > 0, exact), else_=false())
        return exact


def _is_picky(question: ContactQuestion) -> bool:
    """Whether a filter may leave so few rows that walking the scores until a page is full reads them all."""
    picked = question.sources or question.import_id or question.stages or question.owners
    return bool(question.attributes or question.search or picked or question.is_worked)


def _cursor_of(sort: Sort, line: ContactLine) -> str:
    contact = line.contact
    if sort == "newest":
        return encode_cursor(sort, [contact.created_at.isoformat(), contact.contact_id])
    if sort == "name":
        return encode_cursor(sort, [contact.last_name, contact.first_name, contact.contact_id])
    return encode_cursor(sort, [line.score.score if line.score else None, contact.contact_id])


def _moment(text: Any) -> datetime:
    try:
        found = datetime.fromisoformat(str(text))
    except ValueError as error:
        raise InvalidInput("not a cursor of this list", hint="Start again without `cursor`.") from error
    if found.tzinfo is None:
        raise InvalidInput("not a cursor of this list", hint="Start again without `cursor`.")
    return found


def _words(search: str) -> list[str]:
    """At most six words, cut where an e-mail address is cut, so that `ada@acme` finds `ada@acme.io`."""
    return [word for word in re.split(r"[\s@.,;]+", search.strip()) if word][:6]


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _truth(value: str) -> bool:
    known = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
    if value.casefold() not in known:
        raise ValueError(value)
    return known[value.casefold()]
