"""Finding records by the beginnings of words, through the full-text index of each dialect.

A beginning that half of all records share costs the index a walk through half of its entries, so it is only asked for words
that may be rare: how often a whole word stands in the index is known at once, and the words that are frequent by that are
compared in the rows that the rare ones find.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, column, func, literal, literal_column, select, table
from sqlalchemy.orm import InstrumentedAttribute

from domain.search import room_of
from storage.ops.store import Work
from storage.ops.tables import CompanyWords, ContactWords

SOME = 10_000
"""Up to so many finds are put in order among themselves; of more, the newest are soon met on the way. As many as a total is
exact to."""


class WordSearch:
    """The records of one organization whose words begin with all of some beginnings (`domain.search.asked_words`)."""

    def __init__(
        self,
        work: Work,
        words_table: type[ContactWords | CompanyWords],
        organization_id: str,
        words: Sequence[str],
        some: int = SOME,
    ) -> None:
        self._session = work.session
        self._is_sqlite = work.session.get_bind().dialect.name == "sqlite"
        self._table = words_table
        self._organization_id = organization_id
        self._begun = [room_of(organization_id) + word for word in words]
        self._some = some

    @cached_property
    def size(self) -> int:
        """How many match, up to one more than `some`."""
        if self._are_frequent:
            return self._some + 1
        if len(self._rare) == len(self._begun):
            return self._counted(self._hits(self._rare, self._some + 1))
        return self._counted(select(self._table.seq).where(self.found).limit(self._some + 1))

    @property
    def is_frequent(self) -> bool:
        """Whether more match than are looked up."""
        return self.size > self._some

    @property
    def found(self) -> ColumnElement[bool]:
        """A condition on the table of words: its rows that match, by the index. For what is not frequent."""
        hits = self._table.seq.in_(self._hits(self._rare, self._some + 1))
        others = [self._said(begun) for begun in self._begun if begun not in self._rare]
        return and_(self._own, hits, *others)

    def holds(self, of: InstrumentedAttribute[Any], key: InstrumentedAttribute[Any]) -> ColumnElement[bool]:
        """A condition on another table: the words of its row match. `of`: its id; `key`: the same here. Looks at one row
        after another, for walks that find many."""
        met = [self._said(begun) for begun in self._begun]
        return select(literal(1)).where(key == of, self._own, *met).correlate(of.class_).exists()

    @property
    def _own(self) -> ColumnElement[bool]:
        return self._table.organization_id == self._organization_id

    def _said(self, begun: str) -> ColumnElement[bool]:
        """By a function of which PostgreSQL guesses that every third row has it: it then walks, where LIKE with a pattern
        that it takes for rare makes it hash all words first."""
        place = func.instr if self._is_sqlite else func.strpos
        return place(" " + self._table.words, f" {begun}") > 0

    @cached_property
    def _are_frequent(self) -> bool:
        """Whether all of them as whole words are in many records already: then their beginnings are as well."""
        return self._counted(self._hits(self._begun, self._some + 1, whole=True)) > self._some

    @cached_property
    def _rare(self) -> list[str]:
        """The words that the index is asked for: not those that are frequent as whole words, unless all are."""
        if len(self._begun) == 1:
            return self._begun
        rare = [
            begun
            for begun in self._begun
            if self._counted(self._hits([begun], self._some + 1, whole=True)) <= self._some
        ]
        return rare or self._begun

    def _counted(self, found: Select[Any]) -> int:
        return self._session.scalar(select(func.count()).select_from(found.subquery())) or 0

    def _hits(self, begun: Sequence[str], most: int, *, whole: bool = False) -> Select[int]:
        """Rows of the index, at most so many: with these whole words, or words that begin like this."""
        name = self._table.__tablename__
        if self._is_sqlite:
            wanted = " AND ".join(f'"{word}"' if whole else f'"{word}"*' for word in begun)
            index = table(f"{name}_index", column("rowid"))
            matched: ColumnElement[bool] = literal_column(index.name).op("match", is_comparison=True)(wanted)
            return select(index.c.rowid.label("seq")).where(matched).limit(most)
        wanted = " & ".join(f"'{word}'" if whole else f"'{word}':*" for word in begun)
        return select(getattr(func, f"find_{name}")(wanted, most).label("seq"))
