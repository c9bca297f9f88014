"""Companies: one for each domain, or by name where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from domain.contacts import Domain
from domain.errors import Conflict, InvalidInput, NotFound
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import owned
from storage.ops.tables import Company, CompanySummary


class Companies(Repository):
    """The id, domain or name of a company that was merged leads to the one it was merged into."""

    def find(self, company_id: str) -> Company | None:
        """The company, or the one it was merged into."""
        return self.surviving(self.by_id(Company, company_id))

    def get(self, company_id: str) -> Company:
        """Raises NotFound."""
        found = self.find(company_id)
        if found is None:
            raise NotFound
        return found

    def find_by_domain(self, domain: Domain, organization_id: str | None = None) -> Company | None:
        asked = select(Company).where(
            Company.organization_id == self.target(organization_id), Company.domain == domain.value
        )
        return self.surviving(self.session.scalars(asked).first())

    def find_by_name(self, name: str, organization_id: str | None = None) -> Company | None:
        """The oldest one of this name, whatever its case."""
        asked = (
            select(Company)
            .where(
                Company.organization_id == self.target(organization_id),
                func.lower(Company.name) == name.strip().lower(),
            )
            .order_by(Company.created_at, Company.company_id)
            .limit(1)
        )
        return self.surviving(self.session.scalars(asked).first())

    def ids_by_domain(self, domains: Sequence[str], organization_id: str | None = None) -> dict[str, str]:
        """Company ids of those domains that are known, by domain; at most 500 are asked for."""
        found = self.session.execute(
            select(Company.domain, func.coalesce(Company.merged_into_id, Company.company_id)).where(
                Company.organization_id == self.target(organization_id), Company.domain.in_(domains)
            )
        )
        return {str(domain): company_id for domain, company_id in found}

    def upsert(
        self,
        *,
        domain: Domain | None = None,
        name: str = "",
        attributes: Mapping[str, Any] | None = None,
        organization_id: str | None = None,
    ) -> Company:
        """The company of this domain (else of this name), made if new; blanks are filled, nothing is overwritten."""
        target = self.target(organization_id)
        name = name.strip()
        if domain is None and not name:
            raise InvalidInput("a company needs a domain or a name")
        found = self.find_by_domain(domain, target) if domain else self.find_by_name(name, target)
        if found is None:
            try:
                with self.session.begin_nested():
                    return self._create(target, domain, name, attributes or {})
            except IntegrityError as error:  # somebody else made it in this moment
                found = self.find_by_domain(domain, target) if domain else None
                if found is None:
                    raise Conflict("this company is being changed; try again") from error
        if name and domain and found.name == domain.value:
            found.name = name
        news = {key: value for key, value in (attributes or {}).items() if not found.attributes.get(key)}
        if news:
            found.attributes = {**found.attributes, **news}
        self.session.flush()
        return found

    def add(self, domain: Domain | None, name: str, **facts: Any) -> Company:
        """A new company, never one that is there: raises Conflict where the domain is known, or without one the name, and
        InvalidInput where neither is told. `facts`: industry, employee_count, country."""
        target, name = self.target(), name.strip()
        if domain is None and not name:
            raise InvalidInput("a company needs a domain or a name")
        if domain is None and self.find_by_name(name) is not None:
            raise _known("name")
        if domain is not None:
            self.require_free(domain)
        try:
            with self.session.begin_nested():
                return self._create(target, domain, name, {}, facts)
        except IntegrityError as error:  # somebody else made it in this moment
            raise _known("domain") from error

    def require_free(self, domain: Domain, company_id: str = "") -> None:
        """Raises Conflict where a company other than this one has the domain."""
        found = self.find_by_domain(domain)
        if found is not None and found.company_id != company_id:
            raise _known("domain")

    def held(self, company_ids: Sequence[str]) -> dict[str, Company]:
        """The organization's own by the id that was asked for, or what they were merged into, held until the unit of work
        ends, in one order for everybody; those that are not here are left out."""
        own = owned(self.work, Company.organization_id, self.target())
        merged = select(Company.company_id, Company.merged_into_id).where(
            own, Company.company_id.in_(company_ids), Company.merged_into_id.is_not(None)
        )
        survivors = {company_id: str(survivor) for company_id, survivor in self.session.execute(merged)}
        wanted = {company_id: survivors.get(company_id, company_id) for company_id in company_ids}
        asked = select(Company).where(own, Company.company_id.in_(set(wanted.values()))).order_by(Company.company_id)
        held = self.session.scalars(asked.with_for_update().execution_options(populate_existing=True))
        found = {company.company_id: company for company in held}
        return {company_id: found[survivor] for company_id, survivor in wanted.items() if survivor in found}

    def change(self, company: Company, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
        """Sets the named fields of a company that is held, on the list as well; answers what is other than it was,
        before and after."""
        target = self.writable(company.organization_id)
        before = {name: getattr(company, name) for name, value in fields.items() if getattr(company, name) != value}
        after = {name: fields[name] for name in before}
        for name, value in after.items():
            setattr(company, name, value)
        if after:
            self.session.flush()
            shown = update(CompanySummary).where(
                CompanySummary.organization_id == target, CompanySummary.company_id == company.company_id
            )
            self.session.execute(shown.values(after))
        return before, after

    def insert_many(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """In bulk, as mappings of column to value; answers them as written."""
        return self.insert_rows(Company, rows)

    def _create(
        self,
        target: str,
        domain: Domain | None,
        name: str,
        attributes: Mapping[str, Any],
        facts: Mapping[str, Any] | None = None,
    ) -> Company:
        made = Company(
            organization_id=target,
            name=name or (domain.value if domain else ""),
            domain=domain.value if domain else None,
            attributes=dict(attributes),
            created_at=self.work.now(),
            updated_at=self.work.now(),
            **(facts or {}),
        )
        self.session.add(made)
        self.session.flush()
        return made


def _known(by: str) -> Conflict:
    return Conflict(f"a company of this {by} is here already", hint="Search for it, and change what is there.")
