"""Lists of contacts as people browse them: searched, filtered, sorted, paged by key, counted up to a limit.

Where one of the filters is met by few contacts, those are found by its index and sorted. Else the page walks an index in
the order asked for and stops when it is full, so that a page of a million contacts costs what a page of a hundred does.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from domain.custom_attributes import PREFIX, DataType
from domain.errors import InvalidInput
from domain.filters import Sort
from domain.ids import content_id
from domain.paging import decode_cursor, encode_cursor
from domain.tenancy import Scope
from storage.ops.keys import among
from storage.ops.repositories.contact_questions import FEW, SCORE, ContactFilters, ContactQuestion
from storage.ops.repositories.listing import COUNTED_UP_TO
from storage.ops.repositories.tags import Tags
from storage.ops.repositories.word_search import SOME
from storage.ops.store import Work
from storage.ops.tables import AttributeDefinition, Company, Contact, ContactTag, ContactValue, ContactWords, Score
from storage.ops.types import UTCDateTime

PULSE_OF = 20
MOST_SOURCES = 50


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One line of a list: the contact, its company and its score where it has them, the names of its tags."""

    contact: Contact
    company: Company | None
    score: Score | None
    tags: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Lines in order, the cursor of the next page (none at the end), and the total if it was asked for."""

    lines: list[ContactLine]
    next_cursor: str | None
    total: int | None
    """Exact up to 10,000; 10,001 means more than that."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """A part of an order that one index gives: ids of contacts, the keys they stand in order by, none of them ever empty,
    and what of the question they still have to meet."""

    ids: Select[str]
    keys: tuple[InstrumentedAttribute[Any], ...]
    descending: bool
    clauses: Sequence[ColumnElement[bool]]

    def after(self, values: Sequence[Any]) -> ColumnElement[bool]:
        """Beyond the line with these keys."""
        told = tuple_(*(literal(_read(value, key), key.type) for value, key in zip(values, self.keys, strict=True)))
        here = tuple_(*self.keys)
        return here < told if self.descending else here > told

    def ordered(self) -> Select[Any]:
        """The ids, with their keys behind them."""
        labelled = [key.label(f"key_{number}") for number, key in enumerate(self.keys)]
        order = [key.desc() if self.descending else key.asc() for key in self.keys]
        return self.ids.add_columns(*labelled).where(*self.clauses).order_by(*order)


class ContactLists:
    """Questions about the contacts of one organization."""

    def __init__(self, work: Work, *, few: int = FEW, some: int = SOME) -> None:
        if not isinstance(work.scope, Scope):
            raise TypeError("a list of contacts belongs to one organization")
        self._work = work
        self._session = work.session
        self.organization_id = work.scope.organization_id
        self._few, self._some = few, some

    def page(
        self, question: ContactQuestion, *, limit: int, cursor: str | None = None, with_total: bool = True
    ) -> ContactPage:
        """One page in the order asked for. Raises InvalidInput for a foreign cursor, an unknown order or attribute."""
        filters = self._filters(question)
        sort = filters.order
        few = filters.few()
        stretches = self._stretches(sort, filters, few)
        found, following = self._walk(stretches, sort, limit, cursor)
        total = None
        if with_total and cursor is None:
            total = (
                len(found) if following is None else len(few) if few is not None else filters.count(COUNTED_UP_TO + 1)
            )
        return ContactPage(self._lines(found), following, total)

    def ids(self, question: ContactQuestion, *, limit: int) -> list[str]:
        """Who is in the list, in its order: the first `limit` of them. Raises InvalidInput as `page` does."""
        filters = self._filters(question)
        return self._walk(self._stretches(filters.order, filters, filters.few()), filters.order, limit, None)[0]

    def every(self, question: ContactQuestion, *, batch: int = 1000) -> Iterator[ContactLine]:
        """All lines of the list in its order, read a batch at a time."""
        filters = self._filters(question)
        sort = filters.order
        stretches = self._stretches(sort, filters, filters.few())
        cursor = None
        while True:
            found, cursor = self._walk(stretches, sort, batch, cursor)
            yield from self._lines(found)
            if cursor is None:
                return
            self._session.expunge_all()

    def pulse(self) -> str:
        """A mark that changes when one of the newest contacts, or its score or stage, does: one short index walk."""
        newest = (
            select(Contact.contact_id, Contact.updated_at)
            .where(*self._shown)
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
        filters = self._filters(question)
        _ = filters.order, filters.parts

    def facets(self) -> dict[str, list[str]]:
        """The sources that occur, for the filter's choices: from one to the next along the index. Stops at 50."""
        sources: list[str] = []
        while len(sources) < MOST_SOURCES:
            last = sources[-1] if sources else ""
            after = select(Contact.source).where(*self._shown, Contact.source > last).order_by(Contact.source).limit(1)
            if (found := self._session.scalar(after)) is None:
                break
            sources.append(found)
        return {"sources": sources}

    def definitions(self) -> list[AttributeDefinition]:
        """The organization's custom attributes of contacts, by label."""
        asked = select(AttributeDefinition).where(
            AttributeDefinition.organization_id == self.organization_id, AttributeDefinition.entity == "contact"
        )
        return list(self._session.scalars(asked.order_by(AttributeDefinition.label, AttributeDefinition.key)))

    @property
    def _shown(self) -> list[ColumnElement[bool]]:
        return [Contact.organization_id == self.organization_id, Contact.deleted_at.is_(None)]

    def _filters(self, question: ContactQuestion) -> ContactFilters:
        asks_for_custom = question.attributes or question.filters or PREFIX in question.sort
        known = {found.key: found for found in self.definitions()} if asks_for_custom else {}
        return ContactFilters(self._work, self.organization_id, question, known, self._few, self._some)

    def _stretches(self, sort: Sort, filters: ContactFilters, few: Sequence[str] | None) -> list[Stretch]:
        """The parts of an order, one after the other."""
        clauses = filters.clauses() if few is None else filters.of_ids(few)
        everybody = select(Contact.contact_id)
        newest = (Contact.created_at, Contact.contact_id)
        match sort.field:
            case "name":
                by_name = (Contact.last_name, Contact.first_name, Contact.contact_id)
                return [Stretch(everybody, by_name, sort.descending, clauses)]
            case "score":
                own = [Score.organization_id == self.organization_id]
                return self._beside(sort, filters, few, Score.contact_id, Score.score, own, SCORE)
            case name if name.startswith(PREFIX):
                key = name.removeprefix(PREFIX)
                is_text = DataType(filters.definition(key).data_type).is_text
                column = ContactValue.text_value if is_text else ContactValue.number_value
                own = [ContactValue.organization_id == self.organization_id, ContactValue.key == key]
                return self._beside(sort, filters, few, ContactValue.contact_id, column, own, name)
            case _ if few is None and (found := filters.found_by_words()) is not None:
                keys = (ContactWords.created_at, ContactWords.contact_id)
                return [Stretch(select(ContactWords.contact_id).where(found), keys, sort.descending, ())]
            case _:
                if few is None:
                    clauses = filters.clauses(walked=filters.narrowest)
                return [Stretch(everybody, newest, sort.descending, clauses)]

    def _beside(
        self,
        sort: Sort,
        filters: ContactFilters,
        few: Sequence[str] | None,
        contact_id: InstrumentedAttribute[str],
        value: InstrumentedAttribute[Any],
        own: Sequence[ColumnElement[bool]],
        group: str,
    ) -> list[Stretch]:
        """Contacts in the order of a value beside them, then, newest first, those without."""
        clauses = others = filters.of_ids(few) if few is not None else []
        if few is None:
            clauses, others = filters.clauses(group), filters.clauses()
        valued = (
            select(Contact.contact_id).select_from(contact_id.class_).join(Contact, Contact.contact_id == contact_id)
        )
        valued = valued.where(*own, value.is_not(None))
        first = Stretch(valued, (value, contact_id), sort.descending, clauses)
        if filters.need(group):
            return [first]
        theirs = exists().where(contact_id == Contact.contact_id, *own, value.is_not(None))
        without = select(Contact.contact_id).where(~theirs)
        return [first, Stretch(without, (Contact.created_at, Contact.contact_id), descending=True, clauses=others)]

    def _walk(
        self, stretches: Sequence[Stretch], sort: Sort, limit: int, cursor: str | None
    ) -> tuple[list[str], str | None]:
        """Ids of a page, and the cursor of the next."""
        at, values = _read_cursor(cursor, sort, stretches) if cursor else (0, None)
        ids: list[str] = []
        following: list[Any] = []
        for number, stretch in enumerate(stretches[at:], at):
            asked = stretch.ordered()
            if values is not None:
                asked, values = asked.where(stretch.after(values)), None
            for contact_id, *keys in self._session.execute(asked.limit(limit + 1 - len(ids))).tuples():
                if len(ids) == limit:
                    return ids, encode_cursor(sort.text, following)
                ids.append(contact_id)
                following = [number, *(_written(value) for value in keys)]
        return ids, None

    def _lines(self, ids: Sequence[str]) -> list[ContactLine]:
        """Whole lines, in the order of their ids."""
        asked = (
            select(Contact, Company, Score)
            .outerjoin(Company, Company.company_id == Contact.company_id)
            .outerjoin(Score, Score.contact_id == Contact.contact_id)
            .where(among(Contact.contact_id, self._work.store.engine.dialect, ids))
        )
        tags = Tags(self._work).names_of(ContactTag, ids)
        found = {
            row[0].contact_id: ContactLine(row[0], row[1], row[2], tags.get(row[0].contact_id, ()))
            for row in self._session.execute(asked)
        }
        return [found[each] for each in ids]


def _read_cursor(cursor: str, sort: Sort, stretches: Sequence[Stretch]) -> tuple[int, list[Any]]:
    number, *values = decode_cursor(cursor, sort.text, 1 + len(stretches[0].keys))
    if not isinstance(number, int) or not 0 <= number < len(stretches):
        raise _not_a_cursor()
    return number, values


def _read(value: Any, key: InstrumentedAttribute[Any]) -> Any:
    """A value of a cursor as its column takes it. Raises InvalidInput for one that was made up."""
    if isinstance(key.type, UTCDateTime):
        try:
            found = datetime.fromisoformat(str(value))
        except ValueError as error:
            raise _not_a_cursor() from error
        if found.tzinfo is None:
            raise _not_a_cursor()
        return found
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if is_number == (key.type.python_type is str) or (isinstance(value, str) and "\x00" in value):
        raise _not_a_cursor()
    return value


def _written(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


def _not_a_cursor() -> InvalidInput:
    return InvalidInput("not a cursor of this list", hint="Start again without `cursor`.")
