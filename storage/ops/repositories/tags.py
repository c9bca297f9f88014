"""Tags of an organization, and the contacts and companies that have them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import InstrumentedAttribute

from domain.errors import Conflict, InvalidInput
from domain.filters import Condition
from domain.ids import new_id
from domain.tags import MOST_TAGS, is_named, tag_key, tag_name, tag_names
from storage.ops.insertion import upsertion
from storage.ops.keys import among
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import COUNTED_UP_TO, owned
from storage.ops.tables import CompanyTag, ContactTag, Tag

Marks = type[ContactTag | CompanyTag]


@dataclass(frozen=True, slots=True)
class Retagged:
    """The names of a record's tags, before and after, each in their order."""

    before: list[str]
    after: list[str]


class Tags(Repository):
    """`marks`: the table of what is marked, `ContactTag` or `CompanyTag`."""

    def all(self) -> list[Tag]:
        """By name."""
        return sorted(self.session.scalars(self._own()), key=lambda tag: tag.key)

    def get(self, tag_id: str) -> Tag:
        """Raises NotFound."""
        found: Tag = self.one(self._own().where(Tag.tag_id == tag_id))
        return found

    def named(self, names: Iterable[str]) -> list[Tag]:
        """Those that there are."""
        return list(self.session.scalars(self._own().where(Tag.key.in_([tag_key(name) for name in names]))))

    def ensure(self, names: Iterable[str]) -> list[Tag]:
        """Tags by name, made where they are not there yet. Raises InvalidInput for a bad name, or one too many."""
        wanted = tag_names(names)
        missing = set(wanted) - {tag.key for tag in self.named(wanted.values())}
        if missing:
            self._require_room(len(missing))
            now = self.work.now()
            rows = [
                {"tag_id": new_id(), "name": wanted[key], "key": key, "organization_id": self.target(), "created_at": now, "updated_at": now}
                for key in wanted if key in missing
            ]  # fmt: skip
            self.session.execute(self._insert(Tag).on_conflict_do_nothing(), rows)
        return self.named(wanted.values())

    def rename(self, tag: Tag, name: str) -> None:
        """Raises Conflict where another has the name."""
        self.writable(tag.organization_id)
        name = tag_name(name)
        other = next(iter(self.named([name])), None)
        if other is not None and other.tag_id != tag.tag_id:
            raise Conflict(f"there is a tag {other.name!r} already", hint="Mark with that one instead.")
        tag.name, tag.key = name, tag_key(name)
        self.session.flush()

    def delete(self, tag: Tag) -> None:
        """Of few records; of many, `unmark_some` comes first."""
        self.writable(tag.organization_id)
        self.session.delete(tag)
        self.session.flush()

    def unmark_some(self, tag: Tag, limit: int) -> int:
        """Takes a tag off so many records at most; answers of how many."""
        self.writable(tag.organization_id)
        done = 0
        for marks in (ContactTag, CompanyTag):
            of = _of(marks)
            ids = self.session.scalars(select(of).where(*self._with(marks, tag.tag_id)).limit(limit - done)).all()
            self.session.execute(delete(marks).where(of.in_(ids), *self._with(marks, tag.tag_id)))
            done += len(ids)
        return done

    def counts(self) -> dict[str, tuple[int, int]]:
        """How many contacts and companies have each, counted up to 10,001."""
        return {
            tag.tag_id: (self._count(ContactTag, tag.tag_id), self._count(CompanyTag, tag.tag_id))
            for tag in self.session.scalars(self._own())
        }

    def names_of(self, marks: Marks, ids: Sequence[str]) -> dict[str, list[str]]:
        """The names of the tags of each record that has any, in their order."""
        if not ids:
            return {}
        of = _of(marks)
        asked = select(of, Tag.name).join(Tag, Tag.tag_id == marks.tag_id).order_by(Tag.key)
        asked = asked.where(self._among(marks, ids), Tag.organization_id == self.target())
        found: dict[str, list[str]] = {}
        for record_id, name in self.session.execute(asked):
            found.setdefault(record_id, []).append(name)
        return found

    def retag(
        self, marks: Marks, ids: Sequence[str], added: Sequence[Tag], removed: Sequence[Tag]
    ) -> dict[str, Retagged]:
        """Adds and takes away; answers the records that are other than they were. `ids` are the organization's own."""
        before = self.names_of(marks, ids)
        of, now = _of(marks), self.work.now()
        for tag in (*added, *removed):
            self.writable(tag.organization_id)
        rows = [
            {of.key: record_id, "tag_id": tag.tag_id, "organization_id": self.target(), "created_at": now}
            for record_id in ids for tag in added
        ]  # fmt: skip
        if rows:
            self.session.execute(self._insert(marks).on_conflict_do_nothing(), rows)
        if removed:
            gone = [tag.tag_id for tag in removed]
            self.session.execute(
                delete(marks).where(self._among(marks, ids), marks.tag_id.in_(gone)),
                execution_options={"synchronize_session": False},
            )
        after = self.names_of(marks, ids)
        made = {record_id: Retagged(before.get(record_id, []), after.get(record_id, [])) for record_id in ids}
        return {record_id: each for record_id, each in made.items() if each.before != each.after}

    def give(self, marks: Marks, from_id: str, to_id: str) -> list[str]:
        """What one record has, another has too; answers the ids of the tags that it had not."""
        of, target = _of(marks), self.target()
        theirs = select(marks.tag_id).where(marks.organization_id == target, of == to_id)
        asked = select(marks.tag_id).where(marks.organization_id == target, of == from_id, marks.tag_id.not_in(theirs))
        missing = list(self.session.scalars(asked.order_by(marks.tag_id)))
        rows = [
            {of.key: to_id, "tag_id": tag_id, "organization_id": target, "created_at": self.work.now()}
            for tag_id in missing
        ]
        if rows:
            self.session.execute(self._insert(marks), rows)
        return missing

    def take_back(self, marks: Marks, record_id: str, tag_ids: Sequence[str]) -> None:
        """What `give` gave."""
        self.session.execute(
            delete(marks).where(
                marks.organization_id == self.target(), _of(marks) == record_id, marks.tag_id.in_(tag_ids)
            )
        )

    def met_by(self, condition: Condition) -> list[str]:
        """The ids of the tags that a condition on tags names."""
        return [tag.tag_id for tag in self.all() if is_named(condition, tag.key)]

    def _own(self) -> Select[Any]:
        return select(Tag).where(Tag.organization_id == self.target())

    def _with(self, marks: Marks, tag_id: str) -> tuple[Any, Any]:
        return marks.organization_id == self.target(), marks.tag_id == tag_id

    def _among(self, marks: Marks, ids: Sequence[str]) -> Any:
        """By their ids, which are the key: an organization's network companies share theirs with other tenants'."""
        own = owned(self.work, marks.organization_id, self.target())
        return among(_of(marks), self.work.store.engine.dialect, ids) & own

    def _count(self, marks: Marks, tag_id: str) -> int:
        some = select(marks.tag_id).where(*self._with(marks, tag_id)).limit(COUNTED_UP_TO + 1).subquery()
        return self.session.scalar(select(func.count()).select_from(some)) or 0

    def _require_room(self, more: int) -> None:
        count = self.session.scalar(select(func.count()).select_from(self._own().subquery())) or 0
        if count + more > MOST_TAGS:
            raise InvalidInput(f"there are {count} tags; at most {MOST_TAGS} are kept", hint="Delete some first.")

    def _insert(self, table: type[Tag | ContactTag | CompanyTag]) -> postgresql.Insert | sqlite.Insert:
        return upsertion(table, self.work.store.engine.dialect)


def _of(marks: Marks) -> InstrumentedAttribute[str]:
    """The column that says whose tag a row is."""
    return CompanyTag.company_id if marks is CompanyTag else ContactTag.contact_id
