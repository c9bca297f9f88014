"""What contacts are found, filtered and sorted by: their words and the values of their custom fields, kept in the
transaction that writes them. Every flush of a session sees to its own contacts, bulk statements bring their rows along, and
a contact that is deleted takes them with it (by foreign key)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Dialect, delete, event, insert, inspect, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, UOWTransaction, sessionmaker

from domain.custom_attributes import indexed_value
from domain.ids import new_id
from domain.search import indexed, number_word, words_of
from storage.ops.insertion import upsertion
from storage.ops.tables import AttributeDefinition, Base, Company, Contact, ContactValue, ContactWords, Job

SAID = ("first_name", "last_name", "email", "title", "phone", "external_id", "company_id", "attributes", "deleted_at")
"""Fields whose change is a change of what a contact is found by."""
WORDS_COLUMNS = ("organization_id", "contact_id", "words", "created_at")
WRITTEN_AT_ONCE = 500
FOLLOWED_AT_ONCE = 100
"""Contacts of a company that follow its new name in the same transaction: a few milliseconds on SQLite."""
INDEXING = "index_contacts"
"""The job that makes all of it anew, after a field was changed."""
_CONTACTS, _WORDS, _VALUES, _JOBS = (
    Base.metadata.tables[kept.__tablename__] for kept in (Contact, ContactWords, ContactValue, Job)
)

Row = Mapping[str, Any]
Companies = Mapping[str, str]
"""What a company is called and where it is on the web, by its id."""


@dataclass(frozen=True, slots=True)
class Fields:
    """Custom fields of an organization: keys of those whose texts are searched, and filterable ones with their types."""

    searched: tuple[str, ...] = ()
    filterable: tuple[tuple[str, str], ...] = ()


def record(sessions: sessionmaker[Session]) -> None:
    """Makes every flush of these sessions index the contacts it touched, and those of companies that it renamed."""

    @event.listens_for(sessions, "after_flush")
    def _after_flush(session: Session, _context: UOWTransaction) -> None:
        touched = [found for found in session.new if isinstance(found, Contact)]
        touched += [found for found in session.dirty if isinstance(found, Contact) and _is_changed(found, SAID)]
        if touched:
            write(session.connection(), [_row_of(found) for found in touched])
        for found in session.dirty:
            if isinstance(found, Company) and _is_changed(found, ("name", "domain")):
                _follow(session.connection(), found)


def _follow(connection: Connection, company: Company) -> None:
    """Those of a renamed company; where they are many, the worker does it, for nobody should wait for the lock meanwhile."""
    asked = select(_CONTACTS.c.contact_id).where(
        _CONTACTS.c.organization_id == company.organization_id,
        _CONTACTS.c.company_id == company.company_id,
        _CONTACTS.c.deleted_at.is_(None),
    )
    ids: list[str] = list(connection.scalars(asked.limit(FOLLOWED_AT_ONCE + 1)))
    if len(ids) <= FOLLOWED_AT_ONCE:
        reindex(connection, ids)
        return
    job = {
        "job_id": new_id(), "organization_id": company.organization_id, "kind": INDEXING,
        "unique_key": f"{company.organization_id}:{INDEXING}", "run_at": company.updated_at,
        "created_at": company.updated_at, "updated_at": company.updated_at,
    }  # fmt: skip
    connection.execute(
        upsertion(_JOBS, connection.dialect).values(job).on_conflict_do_nothing(index_elements=["unique_key"])
    )


def write(connection: Connection, contacts: Sequence[Row]) -> None:
    """Indexes contacts (mappings of column to value) as they are now; those that lists do not show lose words and values."""
    gone = [row["contact_id"] for row in contacts if row["deleted_at"] is not None]
    if gone:
        connection.execute(delete(_WORDS).where(_WORDS.c.contact_id.in_(gone)))
    connection.execute(delete(_VALUES).where(_VALUES.c.contact_id.in_([row["contact_id"] for row in contacts])))
    shown = [row for row in contacts if row["deleted_at"] is None]
    for organization_id in {row["organization_id"] for row in shown}:
        own = [row for row in shown if row["organization_id"] == organization_id]
        fields = fields_of(connection, organization_id)
        connection.execute(insertion(connection.dialect), words(own, companies_of(connection, own), fields))
        if rows := values(own, fields):
            connection.execute(insert(_VALUES), rows)


def reindex(connection: Connection, contact_ids: Sequence[str]) -> None:
    """Indexes contacts anew from what the store holds of them. They are held meanwhile: words of a contact that was read
    before somebody's edit would otherwise be written after it."""
    for first in range(0, len(contact_ids), WRITTEN_AT_ONCE):
        asked = select(_CONTACTS).where(_CONTACTS.c.contact_id.in_(contact_ids[first : first + WRITTEN_AT_ONCE]))
        found = connection.execute(asked.order_by(_CONTACTS.c.contact_id).with_for_update()).mappings().all()
        if found:
            write(connection, [dict(row) for row in found])


def ids_after(connection: Connection, organization_id: str, contact_id: str, limit: int) -> list[str]:
    """Ids of an organization's contacts in their order, after one; for a walk over all of them."""
    asked = select(_CONTACTS.c.contact_id).where(
        _CONTACTS.c.organization_id == organization_id, _CONTACTS.c.contact_id > contact_id
    )
    return list(connection.scalars(asked.order_by(_CONTACTS.c.contact_id).limit(limit)))


def words(contacts: Iterable[Row], companies: Companies, fields: Fields) -> list[dict[str, Any]]:
    """Rows of `contact_words` for contacts that lists show."""
    return [
        {
            "organization_id": row["organization_id"],
            "contact_id": row["contact_id"],
            "words": indexed(row["organization_id"], _said(row, companies, fields.searched)),
            "created_at": row["created_at"],
        }
        for row in contacts
    ]


def values(contacts: Iterable[Row], fields: Fields) -> list[dict[str, Any]]:
    """Rows of `contact_values` for contacts that lists show."""
    if not fields.filterable:
        return []
    rows = []
    for row in contacts:
        attributes = row["attributes"]
        for key, data_type in fields.filterable if attributes else ():
            value = indexed_value(data_type, attributes.get(key))
            if value is not None:
                is_text = isinstance(value, str)
                rows.append(
                    {
                        "contact_id": row["contact_id"],
                        "key": key,
                        "organization_id": row["organization_id"],
                        "number_value": None if is_text else value,
                        "text_value": value if is_text else None,
                    }
                )
    return rows


def companies_of(connection: Connection, contacts: Iterable[Row]) -> dict[str, str]:
    """What the companies of some contacts are called."""
    ids = {row["company_id"] for row in contacts if row["company_id"]}
    if not ids:
        return {}
    asked = select(Company.company_id, Company.name, Company.domain).where(Company.company_id.in_(ids))
    return {company_id: called(name, domain) for company_id, name, domain in connection.execute(asked)}


def called(name: str, domain: str | None) -> str:
    return f"{name} {domain or ''}"


def fields_of(connection: Connection, organization_id: str) -> Fields:
    """The fields of contacts that are not archived."""
    asked = select(
        AttributeDefinition.key,
        AttributeDefinition.data_type,
        AttributeDefinition.is_searchable,
        AttributeDefinition.is_filterable,
    ).where(
        AttributeDefinition.organization_id == organization_id,
        AttributeDefinition.entity == "contact",
        AttributeDefinition.archived_at.is_(None),
    )
    found = connection.execute(asked.order_by(AttributeDefinition.key)).all()
    return Fields(
        tuple(field.key for field in found if field.is_searchable),
        tuple((field.key, field.data_type) for field in found if field.is_filterable),
    )


def insertion(dialect: Dialect) -> postgresql.Insert | sqlite.Insert:
    """INSERT of `words`, or UPDATE of what is there."""
    statement = upsertion(_WORDS, dialect)
    return statement.on_conflict_do_update(
        index_elements=["contact_id"],
        set_={"words": statement.excluded.words},
        where=_WORDS.c.words != statement.excluded.words,
    )


def _said(row: Row, companies: Companies, searched: Iterable[str]) -> list[str]:
    external_id, phone, attributes = row["external_id"], row["phone"], row["attributes"] or {}
    said = [
        row["first_name"],
        row["last_name"],
        row["email"],
        row["title"],
        companies.get(row["company_id"] or ""),
        phone,
    ]
    if phone:
        said.append(number_word(phone))
    if external_id and not external_id.startswith("row:"):  # the hash of a line that named nobody
        said.append(external_id)
    if attributes:
        said += [value for key in searched if isinstance(value := attributes.get(key), str)]
    return words_of(*said)


def _row_of(contact: Contact) -> dict[str, Any]:
    return {name: getattr(contact, name) for name in (*SAID, "organization_id", "contact_id", "created_at")}


def _is_changed(found: Any, names: Iterable[str]) -> bool:
    state = inspect(found)
    return any(state.attrs[name].history.has_changes() for name in names)
