"""Companies as people browse them: lists, one company with its people, and what activation writes back."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, func, or_, select

from domain.errors import NotFound
from domain.filters import Condition, FieldType, Sort
from domain.search import asked_words, indexed, words_of
from storage.ops.insertion import upsertion
from storage.ops.keys import among
from storage.ops.repositories.base import Repository
from storage.ops.repositories.contact_questions import FEW, OF_THE_ABSENT
from storage.ops.repositories.listing import ListField, Page, clause, page, types_of
from storage.ops.repositories.lookalike_marks import is_suggested
from storage.ops.repositories.tags import Tags
from storage.ops.repositories.word_search import WordSearch
from storage.ops.tables import Company, CompanySummary, CompanyTag, CompanyWords, Contact, Deal, Score, User

_columns = CompanySummary.__table__.c
FIELDS: Mapping[str, ListField] = {
    "name": ListField(FieldType.TEXT, _columns.name, is_sortable=True),
    "domain": ListField(FieldType.TEXT, _columns.domain),
    "industry": ListField(FieldType.TEXT, _columns.industry),
    "country": ListField(FieldType.TEXT, _columns.country),
    "employee_count": ListField(FieldType.INTEGER, _columns.employee_count),
    "status": ListField(FieldType.TEXT, _columns.status),
    "contact_count": ListField(FieldType.INTEGER, _columns.contact_count),
    "visitor_count": ListField(FieldType.INTEGER, _columns.visitor_count),
    "session_count": ListField(FieldType.INTEGER, _columns.session_count, is_sortable=True),
    "first_seen_at": ListField(FieldType.DATETIME, _columns.first_seen_at),
    "last_seen_at": ListField(FieldType.DATETIME, _columns.last_seen_at, is_sortable=True),
    "first_channel": ListField(FieldType.TEXT, _columns.first_channel),
    "network_type": ListField(FieldType.TEXT, _columns.network_type),
    "network_confidence": ListField(FieldType.TEXT, _columns.network_confidence),
    "quality": ListField(FieldType.INTEGER, _columns.quality, is_sortable=True),
    "lookalike_rank": ListField(FieldType.INTEGER, _columns.lookalike_rank, is_sortable=True),
}
TAG = "tag"
TYPES: Mapping[str, FieldType] = {**types_of(FIELDS), TAG: FieldType.TEXT}
"""What the list can be filtered by; `tag` stands for the names of tags."""
NEWEST = Sort("last_seen_at", descending=True)
FACETS = 50
"""Values of a facet that are offered, the commonest."""


@dataclass(frozen=True, slots=True)
class People:
    """What the store itself knows of a company's contacts: the best score, and who of us looks after most of them."""

    best_score: float | None = None
    best_band: str | None = None
    owner_name: str | None = None


@dataclass(frozen=True, slots=True)
class CompanyStory:
    """One company: its summary (none before the first build), its CRM record (none for a network's), people, deals."""

    summary: CompanySummary | None
    company: Company | None
    people: Sequence[tuple[Contact, Score | None]]
    deals: Sequence[Deal]


class CompanyLists(Repository):
    """Questions about the companies of one organization."""

    def page(
        self,
        *,
        search: str = "",
        conditions: Sequence[Condition] = (),
        sort: Sort = NEWEST,
        limit: int = 50,
        cursor: str | None = None,
        with_total: bool = True,
    ) -> Page:
        """Summaries in order. `search` is the beginnings of words of the name or the domain."""
        asked = select(CompanySummary).where(self._own(CompanySummary), *self._named(search))
        asked = asked.where(*(self._met(condition) for condition in conditions))
        if sort.field == "lookalike_rank":
            asked = asked.where(CompanySummary.lookalike_rank.is_not(None), is_suggested())
        return page(
            self.work, asked, fields=FIELDS, key=_columns.company_id, sort=sort, limit=limit, cursor=cursor,
            with_total=with_total,
        )  # fmt: skip

    def every(
        self, *, search: str = "", conditions: Sequence[Condition] = (), sort: Sort = NEWEST, batch: int = 500
    ) -> Iterator[Sequence[CompanySummary]]:
        """All summaries of the list in its order, a batch at a time."""
        cursor = None
        while True:
            found = self.page(
                search=search, conditions=conditions, sort=sort, limit=batch, cursor=cursor, with_total=False
            )
            yield found.rows
            cursor = found.next_cursor
            if cursor is None:
                return
            self.session.expunge_all()

    def people_of(self, company_ids: Sequence[str]) -> dict[str, People]:
        """By company id; those without contacts are left out."""
        known = select(Contact.company_id, func.max(Score.score)).join(Score, Score.contact_id == Contact.contact_id)
        known = known.where(self._contacts(company_ids)).group_by(Contact.company_id)
        best: dict[str, float] = {str(row[0]): row[1] for row in self.session.execute(known)}
        bands = (
            select(Contact.company_id, Score.score, Score.band)
            .join(Score, Score.contact_id == Contact.contact_id)
            .where(self._contacts(company_ids))
        )
        band = {str(row[0]): row[2] for row in self.session.execute(bands) if best.get(str(row[0])) == row[1]}
        owned = (
            select(Contact.company_id, User.name, func.count().label("contact_count"))
            .join(User, User.user_id == Contact.owner_user_id)
            .where(self._contacts(company_ids))
            .group_by(Contact.company_id, User.name)
            .order_by(func.count(), User.name.desc())
        )
        owner = {str(row[0]): row[1] for row in self.session.execute(owned)}
        return {
            company_id: People(best.get(company_id), band.get(company_id), owner.get(company_id))
            for company_id in set(best) | set(owner)
        }

    def story(self, company_id: str, *, people: int = 50) -> CompanyStory:
        """Of the company, or the one it was merged into. Raises NotFound for a company that neither the CRM nor the last
        build knows here."""
        company = self.session.scalars(
            select(Company).where(Company.company_id == company_id, self._own(Company))
        ).first()
        if company is not None and company.merged_into_id is not None:
            return self.story(company.merged_into_id, people=people)
        summary = self.summary(company_id)
        if summary is None and company is None:
            raise NotFound("There is no such company here.")
        contacts = (
            select(Contact, Score)
            .outerjoin(Score, Score.contact_id == Contact.contact_id)
            .where(self._contacts([company_id]))
            .order_by(Score.score.desc().nulls_last(), Contact.contact_id)
            .limit(people)
        )
        members = select(Contact.contact_id).where(self._contacts([company_id]))
        deals = (
            select(Deal)
            .where(self._own(Deal), or_(Deal.company_id == company_id, Deal.contact_id.in_(members)))
            .order_by(Deal.opened_at.desc(), Deal.deal_id)
            .limit(people)
        )
        found = [(row[0], row[1]) for row in self.session.execute(contacts)]
        return CompanyStory(summary, company, found, list(self.session.scalars(deals)))

    def summary(self, company_id: str) -> CompanySummary | None:
        asked = select(CompanySummary).where(CompanySummary.company_id == company_id, self._own(CompanySummary))
        return self.session.scalars(asked).first()

    def names_of(self, company_ids: Sequence[str]) -> dict[str, str]:
        """Names by company id, of those that are here."""
        asked = select(CompanySummary.company_id, CompanySummary.name)
        asked = asked.where(CompanySummary.company_id.in_(company_ids), self._own(CompanySummary))
        return {row[0]: row[1] for row in self.session.execute(asked)}

    def facets(self) -> dict[str, list[str]]:
        """The industries, countries and channels that occur, the commonest first."""
        columns = {
            "industries": CompanySummary.industry,
            "countries": CompanySummary.country,
            "channels": CompanySummary.first_channel,
        }
        return {name: self._commonest(column) for name, column in columns.items()}

    def of(self, company_ids: Sequence[str]) -> dict[str, CompanySummary]:
        """Summaries by company id."""
        asked = select(CompanySummary).where(CompanySummary.company_id.in_(company_ids), self._own(CompanySummary))
        return {found.company_id: found for found in self.session.scalars(asked)}

    def put(self, rows: Sequence[Mapping[str, Any]]) -> int:
        """Writes whole summaries over what is there. ≤ 500 in a transaction."""
        complete = [{**row, "organization_id": self.target(row.get("organization_id"))} for row in rows]
        if not complete:
            return 0
        statement = upsertion(CompanySummary, self.session.get_bind().dialect)
        keys = {"company_id", "organization_id"}
        replaced = {name: statement.excluded[name] for name in complete[0] if name not in keys}
        self.session.execute(
            statement.on_conflict_do_update(index_elements=["company_id", "organization_id"], set_=replaced), complete
        )
        self._index(complete)
        return len(complete)

    def ids_after(self, company_id: str, limit: int) -> list[str]:
        """Ids in their order, after one; for a walk over all of them."""
        asked = select(CompanySummary.company_id).where(CompanySummary.company_id > company_id)
        asked = asked.where(self._own(CompanySummary)).order_by(CompanySummary.company_id).limit(limit)
        return list(self.session.scalars(asked))

    def remove(self, company_ids: Collection[str]) -> int:
        """Takes summaries of companies that are no more away. ≤ 500 in a transaction."""
        removed = self.session.execute(
            delete(CompanySummary).where(
                CompanySummary.company_id.in_(sorted(company_ids)),
                CompanySummary.organization_id == self.target(),
            )
        )
        return int(removed.rowcount)  # type: ignore[attr-defined]

    def _met(self, condition: Condition) -> ColumnElement[bool]:
        if condition.field != TAG:
            return clause(condition, FIELDS[condition.field])
        found = select(CompanyTag.company_id).where(
            CompanyTag.company_id == _columns.company_id,
            CompanyTag.organization_id == self.target(),
            CompanyTag.tag_id.in_(Tags(self.work).met_by(condition)),
        )
        has_one = found.correlate(CompanySummary).exists()
        return ~has_one if condition.op in OF_THE_ABSENT else has_one

    def _own(self, table: type[CompanySummary | Company | Deal]) -> ColumnElement[bool]:
        return table.organization_id == self.target()

    def _contacts(self, company_ids: Sequence[str]) -> ColumnElement[bool]:
        return (
            (Contact.organization_id == self.target())
            & Contact.company_id.in_(company_ids)
            & Contact.deleted_at.is_(None)
        )

    def _named(self, search: str) -> list[ColumnElement[bool]]:
        """Few that are found by their words are looked up; of many, the walk meets enough."""
        words = asked_words(search)
        if not words:
            return []
        found = WordSearch(self.work, CompanyWords, self.target(), words, FEW)
        if found.is_frequent:
            return [found.holds(CompanySummary.company_id, CompanyWords.company_id)]
        ids = self.session.scalars(select(CompanyWords.company_id).where(found.found)).all()
        return [among(_columns.company_id, self.work.store.engine.dialect, ids)]

    def _index(self, rows: Sequence[Mapping[str, Any]]) -> None:
        statement = upsertion(CompanyWords, self.session.get_bind().dialect)
        statement = statement.on_conflict_do_update(
            index_elements=["company_id", "organization_id"],
            set_={"words": statement.excluded.words},
            where=CompanyWords.words != statement.excluded.words,
        )
        self.session.execute(
            statement,
            [
                {
                    "company_id": row["company_id"],
                    "organization_id": row["organization_id"],
                    "words": indexed(row["organization_id"], words_of(row["name"], row.get("domain"))),
                }
                for row in rows
            ],
        )

    def _commonest(self, column: Any) -> list[str]:
        asked: Select[Any] = (
            select(column, func.count())
            .where(self._own(CompanySummary), column.is_not(None), column != "")
            .group_by(column)
            .order_by(func.count().desc(), column)
            .limit(FACETS)
        )
        return [row[0] for row in self.session.execute(asked)]
