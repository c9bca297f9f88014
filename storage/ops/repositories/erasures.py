"""Erasures, the rows in which a person stands, and taking them away: the queries of `storage.ops.erasing`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import JSON, ColumnElement, String, Table, Text, and_, cast, delete, func, insert, or_, select
from sqlalchemy.orm import DeclarativeBase

from domain.contacts import EmailAddress
from domain.erasure import Traces, blanked
from domain.errors import NotFound
from storage.ops.repositories.base import Repository
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import Base, ChangeLog, Contact, Erasure, FormSubmission, IdentityDecision, Import, ImportRow

NOT_SEARCHED = frozenset(
    {
        # Append-only, and silent once the subject's key is gone.
        "audit_log", "subject_keys",
        # What is said about erasures themselves, and tables of the organization rather than of the people it knows.
        "erasures", "organizations", "memberships", "api_keys", "organization_settings", "attribute_definitions", "forms",
        "experiments",
    }
)  # fmt: skip
UNLINKED = frozenset(
    {"deals", "revenue_entries", "suppressions", "companies", "imports", "campaigns", "enrichment_calls"}
)
"""Records that stay without the person: money, companies, and that somebody must be left alone."""
ROWS = 200
"""Of one transaction: SQLite's write lock is held ≤ 25 ms."""
ERASED = "erased at the person's request"

Key = tuple[Any, ...]


class Erasures(Repository):
    def create(self, traces: Traces) -> Erasure:
        """An erasure that is asked for; what to look for is sealed."""
        made = Erasure(organization_id=self.target(), contact_id=traces.contact_id, requested_by=self.work.actor.id)
        self.session.add(made)
        self.session.flush()
        self.remember(made, traces)
        return made

    def get(self, erasure_id: str) -> Erasure:
        """Raises NotFound."""
        return self.one(select(Erasure).where(Erasure.erasure_id == erasure_id, self.readable(Erasure.organization_id)))

    def newest(self, limit: int = 100) -> list[Erasure]:
        return list(
            self.session.scalars(
                select(Erasure)
                .where(self.readable(Erasure.organization_id))
                .order_by(Erasure.created_at.desc(), Erasure.erasure_id.desc())
                .limit(limit)
            )
        )

    def unfinished(self, status: str | None = None) -> list[Erasure]:
        """Those that are not done (or of one status), oldest first."""
        wanted = Erasure.status != "done" if status is None else Erasure.status == status
        return list(
            self.session.scalars(
                select(Erasure)
                .where(wanted, self.readable(Erasure.organization_id))
                .order_by(Erasure.created_at, Erasure.erasure_id)
            )
        )

    def traces(self, erasure: Erasure) -> Traces:
        """What to look for; nothing once the erasure is done."""
        if erasure.sealed_traces is None:
            return Traces()
        plain = self.work.sealer.open(erasure.sealed_traces, erasure.organization_id, "erasures", "sealed_traces")
        return Traces.from_json(msgspec.json.decode(plain))

    def remember(self, erasure: Erasure, traces: Traces) -> None:
        """Seals what to look for."""
        self.writable(erasure.organization_id)
        plain = msgspec.json.encode(traces.to_json())
        erasure.sealed_traces = self.work.sealer.seal(plain, erasure.organization_id, "erasures", "sealed_traces")
        self.session.flush()

    def move(self, erasure_id: str, status: str, detail: Mapping[str, Any]) -> Erasure:
        """The next status, with what was done for it; `done` forgets what was looked for."""
        found = self.get(erasure_id)
        self.writable(found.organization_id)
        found.status, found.detail = status, {**found.detail, **detail}
        if status == "done":
            found.finished_at, found.sealed_traces = self.work.now(), None
        self.session.flush()
        return found

    def traces_of(self, *, contact_id: str | None = None, email: EmailAddress | None = None) -> Traces:
        """Everything the store knows a person by. Raises NotFound for an id that is nobody here."""
        target = self.target()
        wanted = Contact.contact_id == contact_id if contact_id else Contact.email == (email.value if email else "")
        contact = self.session.scalars(select(Contact).where(Contact.organization_id == target, wanted)).first()
        if contact is None and contact_id is not None:
            raise NotFound("There is no such contact here.")
        if contact is not None and contact.merged_into_id is not None:
            contact = self.by_id(Contact, contact.merged_into_id)
        merged = self._merged_into(contact) if contact else []
        key = Organizations(self.work).hash_key(target)
        told = [contact and contact.email, email and email.value, *(one.email for one in merged)]
        emails = {one for one in told if one}
        traces = Traces(
            contact_id=contact.contact_id if contact else None,
            emails=frozenset(emails),
            email_hashes=frozenset(EmailAddress(one).hashed(key) for one in emails),
            phones=frozenset(one.phone for one in (contact, *merged) if one and one.phone),
            full_name=f"{contact.first_name} {contact.last_name}".strip() if contact and contact.last_name else "",
        )
        return traces.with_more(browsers=self._browsers(target, traces))

    def _merged_into(self, contact: Contact) -> list[Contact]:
        """Other records of the same person: they go as well."""
        asked = select(Contact).where(
            Contact.organization_id == contact.organization_id, Contact.merged_into_id == contact.contact_id
        )
        return list(self.session.scalars(asked.order_by(Contact.contact_id)))

    def rows_about(self, table: Table, organization_id: str, traces: Traces) -> list[Key]:
        """Primary keys of the rows of a table in which the person stands, at most one transaction's worth.

        Rows from which the person was taken out already do not count.
        """
        texts = [column for column in table.columns if isinstance(column.type, String | JSON)]
        if not texts or not traces.needles:
            return []
        whole = func.lower(_together(texts))
        query = select(*table.primary_key.columns).where(
            table.c.organization_id == self.target(organization_id),
            or_(*(whole.contains(needle, autoescape=True) for needle in traces.needles)),
        )
        if table.name == "suppressions":  # the hash stays: it is what leaves this person alone
            query = query.where(table.c.contact_id == traces.contact_id)
        return [tuple(row) for row in self.session.execute(query.limit(ROWS))]

    def take_away(self, table: Table, keys: Sequence[Key], traces: Traces) -> None:
        """Deletes rows, or takes the person out of those that stay. The lake is told which are gone, and nothing else."""
        kind = _class_of(table)
        if table.name == "import_rows":
            self._blank_rows(keys)
        elif table.name in UNLINKED:
            staying: Sequence[Base] = self.session.scalars(select(kind).where(self._own(table, keys))).all()
            for found in staying:
                _unlink(found, table, traces)
            self.session.flush()
        else:
            self.session.execute(delete(table).where(self._own(table, keys)))
            if entity := getattr(kind, "__entity__", None):
                self._tell(entity, table, keys)

    def rows_of_entity(self, organization_id: str, entity_id: str) -> dict[str, list[int]]:
        """Lines of each import that made or changed a record: {import_id: [row_number]}."""
        lines: dict[str, list[int]] = {}
        query = select(ImportRow.import_id, ImportRow.row_number).where(
            ImportRow.organization_id == self.target(organization_id), ImportRow.entity_id == entity_id
        )
        for import_id, row_number in self.session.execute(query):
            lines.setdefault(import_id, []).append(row_number)
        return lines

    def imports(self, organization_id: str) -> list[Import]:
        """Every import whose file may hold the person."""
        query = select(Import).where(Import.organization_id == self.target(organization_id)).order_by(Import.import_id)
        return list(self.session.scalars(query))

    def _browsers(self, organization_id: str, traces: Traces) -> set[str]:
        """Browsers that were told to be this person's, and nobody else's."""
        own = {f"contact:{traces.contact_id}", *(f"email:{one}" for one in traces.email_hashes)}
        nodes = select(IdentityDecision.left_node, IdentityDecision.right_node).where(
            IdentityDecision.organization_id == organization_id
        )
        touching = nodes.where(IdentityDecision.left_node.in_(own) | IdentityDecision.right_node.in_(own))
        said = {node for pair in self.session.execute(touching) for node in pair if node.startswith("anonymous:")}
        others = {
            left if right in said else right
            for left, right in self.session.execute(
                nodes.where(IdentityDecision.left_node.in_(said) | IdentityDecision.right_node.in_(said))
            )
        } - own
        shared = {
            node
            for left, right in self.session.execute(
                nodes.where(IdentityDecision.left_node.in_(others) | IdentityDecision.right_node.in_(others))
            )
            for node in (left, right)
            if node in said
        }
        browsers = {node.removeprefix("anonymous:") for node in said - shared}
        if traces.contact_id:
            sent = select(FormSubmission.anonymous_id).where(
                FormSubmission.organization_id == organization_id,
                FormSubmission.contact_id == traces.contact_id,
                FormSubmission.anonymous_id.is_not(None),
            )
            by_others = select(FormSubmission.anonymous_id).where(
                FormSubmission.organization_id == organization_id,
                FormSubmission.contact_id != traces.contact_id,
                FormSubmission.anonymous_id.is_not(None),
            )
            browsers |= set(self.session.scalars(sent.except_(by_others))) - {
                node.removeprefix("anonymous:") for node in shared
            }
        return {browser for browser in browsers if browser}

    def _blank_rows(self, keys: Sequence[Key]) -> None:
        """Rows of an import stay, for its counts and its undo; what stood in them does not."""
        for found in self.session.scalars(select(ImportRow).where(self._own(_table(ImportRow), keys))):
            found.entity_id, found.before, found.reason, found.outcome = None, None, ERASED, "skipped"
            found.raw = blanked(found.raw) if found.raw else found.raw
        self.session.flush()

    def _own(self, table: Table, keys: Sequence[Key]) -> ColumnElement[bool]:
        return and_(table.c.organization_id == self.target(), _any_of(table, keys))

    def _tell(self, entity: str, table: Table, keys: Sequence[Key]) -> None:
        names = [column.name for column in table.primary_key.columns]
        scope = self.target()
        self.session.execute(
            insert(ChangeLog),
            [
                {
                    "organization_id": scope,
                    "entity": entity,
                    "entity_id": ":".join(str(part) for part in key),
                    "op": "delete",
                    "row": msgspec.json.encode(
                        {"organization_id": scope, **dict(zip(names, key, strict=True))}
                    ).decode(),
                    "changed_at": self.work.now(),
                }
                for key in keys
            ],
        )


def searched_tables() -> list[Table]:
    """Every table that may hold a person, those that refer to others first."""
    return [
        table
        for table in reversed(Base.metadata.sorted_tables)
        if "organization_id" in table.c and table.name not in NOT_SEARCHED
    ]


def _together(columns: Sequence[ColumnElement[Any]]) -> ColumnElement[str]:
    """All texts of a row as one, to be searched once."""
    first, *more = (func.coalesce(cast(column, Text), "") for column in columns)
    whole: ColumnElement[str] = first
    for column in more:
        whole = whole + " " + column
    return whole


def _any_of(table: Table, keys: Iterable[Key]) -> ColumnElement[bool]:
    columns = list(table.primary_key.columns)
    if len(columns) == 1:
        return columns[0].in_([key[0] for key in keys])
    return or_(*(and_(*(column == part for column, part in zip(columns, key, strict=True))) for key in keys))


def _class_of(table: Table) -> Any:
    return next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)


def _table(kind: type[DeclarativeBase]) -> Table:
    found = kind.__table__
    assert isinstance(found, Table)
    return found


def _unlink(found: Any, table: Table, traces: Traces) -> None:
    """A record that stays: no reference to the person, and no word of them."""
    if "contact_id" in table.c and found.contact_id == traces.contact_id:
        found.contact_id = None
    for column in table.columns:
        value = getattr(found, column.key)
        if column.primary_key or not value:
            continue
        if isinstance(column.type, JSON):
            setattr(found, column.key, msgspec.json.decode(traces.cut_from(msgspec.json.encode(value).decode())))
        elif isinstance(column.type, String) and column.name not in {"value_hash", "organization_id"}:
            setattr(found, column.key, traces.cut_from(value))
