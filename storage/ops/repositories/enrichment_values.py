"""Where values came from, and whose facts are looked for: contacts and companies as enrichment reads and writes them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select

from domain.contacts import Domain, EmailAddress
from domain.enrichment.fields import FIELDS, FieldKind, Subject
from domain.enrichment.laying import Laid, by_rules, settled
from domain.errors import InvalidInput
from domain.mail_domains import company_domain
from domain.survivorship import SETTING, Rules, parse_rules
from storage.ops.repositories.attribute_definitions import AttributeDefinitions
from storage.ops.repositories.base import Repository
from storage.ops.repositories.company_merges import CompanyMerges
from storage.ops.repositories.contact_merges import ContactMerges
from storage.ops.repositories.listing import owned
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.tables import Company, Contact, EnrichmentValue, Score

OF_ADDRESS = frozenset({"email_status", "email_reason", "email_verified"})
"""Fields that are about the address which `email_verified` names."""


@dataclass(frozen=True, slots=True)
class Own:
    """A value that enrichment wrote: what, when it was learned, and from whom."""

    value: Any
    observed_at: datetime
    connection: str


@dataclass(frozen=True, slots=True)
class SubjectFacts:
    """One contact or company: values by field, what may be sent to providers, what conditions ask, and what enrichment
    itself wrote of it."""

    record: Contact | Company
    known: Mapping[str, Any]
    question: Mapping[str, str]
    facts: Mapping[str, Any]
    segment: str
    own: Mapping[str, Own] = field(default_factory=dict)

    @property
    def contact_id(self) -> str | None:
        return self.record.contact_id if isinstance(self.record, Contact) else None

    @property
    def company_id(self) -> str | None:
        return self.record.company_id if isinstance(self.record, Company) else None


class EnrichmentValues(Repository):
    def add(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """What was offered, and what became of it; ≤ 500 in a transaction."""
        self.insert_rows(EnrichmentValue, rows)

    def of(self, subject: Subject, subject_id: str, *, limit: int = 200) -> list[EnrichmentValue]:
        """All that was offered for one contact or company, newest first."""
        newest = (EnrichmentValue.observed_at.desc(), EnrichmentValue.enrichment_value_id.desc())
        asked = select(EnrichmentValue).where(
            owned(self.work, EnrichmentValue.organization_id, self.target()), _column(subject) == subject_id
        )
        return list(self.session.scalars(asked.order_by(*newest).limit(limit)))

    def written(self, subject: Subject, subject_ids: Collection[str]) -> dict[str, dict[str, Own]]:
        """The last value that enrichment wrote of each field, by contact or company."""
        column = _column(subject)
        asked = (
            select(column, EnrichmentValue)
            .where(
                owned(self.work, EnrichmentValue.organization_id, self.target()),
                column.in_(sorted(subject_ids)),
                EnrichmentValue.verdict == "written",
            )
            .order_by(EnrichmentValue.written_at, EnrichmentValue.enrichment_value_id)
        )
        found: dict[str, dict[str, Own]] = {}
        for subject_id, row in self.session.execute(asked).tuples():
            found.setdefault(str(subject_id), {})[row.field] = Own(row.value, row.observed_at, row.connection)
        return found


class EnrichmentSubjects(Repository):
    """Contacts and companies of the organization. What was merged or deleted is not there."""

    def ids_after(self, subject: Subject, after_id: str, limit: int) -> list[str]:
        """Ids in their order, after one; for a walk over all of them."""
        key = Contact.contact_id if subject is Subject.CONTACT else Company.company_id
        asked = select(key).where(*self._there(subject), key > after_id).order_by(key).limit(limit)
        return list(self.session.scalars(asked))

    def count(self, subject: Subject) -> int:
        key = Contact.contact_id if subject is Subject.CONTACT else Company.company_id
        return self.session.scalar(select(func.count(key)).where(*self._there(subject))) or 0

    def facts_of(
        self,
        subject: Subject,
        ids: Collection[str],
        *,
        holds: bool = False,
        own: Mapping[str, Mapping[str, Own]] | None = None,
    ) -> dict[str, SubjectFacts]:
        """By id; those that are not there are left out. `holds` keeps others from writing them until the unit of work ends;
        `own`: what enrichment wrote of them, where the caller knows it."""
        read = self._contacts if subject is Subject.CONTACT else self._companies
        found = read(sorted(ids), holds)
        if own is None:
            own = EnrichmentValues(self.work).written(subject, found) if found else {}
        return {
            each: SubjectFacts(
                facts.record, facts.known, facts.question, facts.facts, facts.segment,
                {name: told for name, told in own.get(each, {}).items() if told.value == facts.known.get(name)},
            )
            for each, facts in found.items()
        }  # fmt: skip

    def lay(
        self, facts: SubjectFacts, kind: FieldKind, value: Any, *, overwrite: Any, at: datetime
    ) -> tuple[Laid, Any]:
        """Writes a value where it may take its place; answers whether, why, and what stood there."""
        self.writable(facts.record.organization_id)
        former = facts.known.get(kind.name) if kind.name in OF_ADDRESS else _held(facts.record, kind)
        own = facts.own.get(kind.name)
        own_since = own.observed_at if own is not None and own.value == former else None
        laid = settled(overwrite, former, value, own_since=own_since, at=at) or self._by_rules(facts, kind, value, at)
        if laid.is_written and self._is_taken(facts.record, kind, value):
            laid = Laid(False, "belongs_to_another")
        if laid.is_written:
            self._write(facts.record, kind, value)
        return laid, former

    def define(self, subject: Subject, names: Iterable[str]) -> None:
        """Makes the custom attributes of contacts that values will be kept in."""
        for name in names:
            kind = FIELDS[subject][name]
            if subject is Subject.CONTACT and not kind.is_column:
                AttributeDefinitions(self.work).ensure(name, label=kind.label, data_type=kind.data_type)

    def _by_rules(self, facts: SubjectFacts, kind: FieldKind, value: Any, at: datetime) -> Laid:
        held = OrganizationSettings(self.work).current(SETTING)
        rules = parse_rules(held.value) if held else Rules()
        if isinstance(facts.record, Contact):
            record = ContactMerges(self.work).record_of(facts.record)
        else:
            record = CompanyMerges(self.work).record_of(facts.record)
        name = kind.name if kind.is_column else f"attributes.{kind.name}"
        return by_rules(record, name, value, at, rules)

    def _is_taken(self, record: Contact | Company, kind: FieldKind, value: Any) -> bool:
        """Whether a value that says who somebody is belongs to another record already."""
        if isinstance(record, Contact) and kind.name == "email":
            asked = select(Contact.contact_id).where(
                Contact.organization_id == record.organization_id, Contact.email == value,
                Contact.contact_id != record.contact_id,
            )  # fmt: skip
        elif isinstance(record, Company) and kind.name == "domain":
            asked = select(Company.company_id).where(
                Company.organization_id == record.organization_id, Company.domain == value,
                Company.company_id != record.company_id,
            )  # fmt: skip
        else:
            return False
        return self.session.scalar(asked.limit(1)) is not None

    def _write(self, record: Contact | Company, kind: FieldKind, value: Any) -> None:
        if not kind.is_column:
            record.attributes = {**(record.attributes or {}), kind.name: value}
        else:
            setattr(record, kind.name, value)
            if isinstance(record, Contact) and kind.name == "email":
                key = Organizations(self.work).hash_key(record.organization_id)
                record.email_hash = EmailAddress(value).hashed(key)
        record.updated_at = self.work.now()

    def _contacts(self, ids: Sequence[str], holds: bool) -> dict[str, SubjectFacts]:
        asked = (
            select(Contact, Company, Score)
            .outerjoin(Company, _same(Company) & (Company.company_id == Contact.company_id))
            .outerjoin(Score, _same(Score) & (Score.contact_id == Contact.contact_id))
            .where(*self._there(Subject.CONTACT), Contact.contact_id.in_(ids))
            .order_by(Contact.contact_id)
        )
        if holds:
            asked = asked.with_for_update(of=Contact).execution_options(populate_existing=True)
        return {
            contact.contact_id: _facts_of_contact(contact, company, score)
            for contact, company, score in self.session.execute(asked).tuples()
        }

    def _companies(self, ids: Sequence[str], holds: bool) -> dict[str, SubjectFacts]:
        people = (
            select(func.count(Contact.contact_id))
            .where(
                Contact.organization_id == Company.organization_id, Contact.company_id == Company.company_id,
                Contact.deleted_at.is_(None),
            )
            .scalar_subquery()
        )  # fmt: skip
        asked = (
            select(Company, people)
            .where(*self._there(Subject.COMPANY), Company.company_id.in_(ids))
            .order_by(Company.company_id)
        )
        if holds:
            asked = asked.with_for_update(of=Company).execution_options(populate_existing=True)
        return {
            company.company_id: _facts_of_company(company, count)
            for company, count in self.session.execute(asked).tuples()
        }

    def _there(self, subject: Subject) -> list[ColumnElement[bool]]:
        if subject is Subject.CONTACT:
            return [Contact.organization_id == self.target(), Contact.deleted_at.is_(None)]
        return [Company.organization_id == self.target(), Company.merged_into_id.is_(None)]


def _same(table: type[Company | Score]) -> ColumnElement[bool]:
    return table.organization_id == Contact.organization_id


def _column(subject: Subject) -> Any:
    return EnrichmentValue.contact_id if subject is Subject.CONTACT else EnrichmentValue.company_id


def _held(record: Contact | Company, kind: FieldKind) -> Any:
    """What stands in a field. A company that is only called by its domain has no name yet, and a status that was found for
    another address says nothing."""
    if not kind.is_column:
        if kind.name in OF_ADDRESS and isinstance(record, Contact) and _was_verified(record) != record.email:
            return None
        return (record.attributes or {}).get(kind.name)
    value = getattr(record, kind.name)
    return None if isinstance(record, Company) and kind.name == "name" and value == record.domain else value


def _was_verified(record: Contact) -> str | None:
    return (record.attributes or {}).get("email_verified")


def _values(record: Contact | Company, subject: Subject) -> dict[str, Any]:
    return {name: _held(record, kind) for name, kind in FIELDS[subject].items()}


def _facts_of_contact(contact: Contact, company: Company | None, score: Score | None) -> SubjectFacts:
    known, attributes = _values(contact, Subject.CONTACT), contact.attributes or {}
    domain = (company.domain if company else None) or _mail_domain(contact.email)
    question = {
        "email": contact.email, "first_name": contact.first_name, "last_name": contact.last_name,
        "phone": contact.phone, "country": contact.country, "linkedin_url": attributes.get("linkedin_url"),
        "company_domain": domain, "company_name": company.name if company else None,
        "external_id": contact.external_id, "ip": attributes.get("ip") or attributes.get("ip_address"),
    }  # fmt: skip
    facts = {
        **{name: known.get(name) for name in ("email", "first_name", "last_name", "title", "phone", "country")},
        "stage": contact.lifecycle_stage, "source": contact.source, "band": score.band if score else None,
        "score": score.score if score else None, "company_domain": domain,
        "company_name": company.name if company else None, "industry": company.industry if company else None,
        "employee_count": company.employee_count if company else None, "attributes": attributes,
    }  # fmt: skip
    return SubjectFacts(contact, known, _told(question), facts, contact.country or "")


def _facts_of_company(company: Company, contact_count: int) -> SubjectFacts:
    known, attributes = _values(company, Subject.COMPANY), company.attributes or {}
    question = {
        "company_domain": company.domain, "company_name": known["name"], "country": company.country,
        "linkedin_url": attributes.get("linkedin_url"), "ip": attributes.get("ip") or attributes.get("ip_address"),
    }  # fmt: skip
    facts = {
        **{name: known.get(name) for name in ("name", "domain", "country", "industry", "employee_count")},
        "contact_count": contact_count, "attributes": attributes,
    }  # fmt: skip
    return SubjectFacts(company, known, _told(question), facts, company.country or "")


def _told(question: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value).strip() for name, value in question.items() if value not in (None, "")}


def _mail_domain(address: str | None) -> str | None:
    """Of the company behind an address; none of a free one."""
    if not address:
        return None
    found: Domain | None = None
    try:
        found = company_domain(EmailAddress.parse(address))
    except InvalidInput:
        return None
    return found.value if found else None
