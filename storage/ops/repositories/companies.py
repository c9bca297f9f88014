"""Companies: one for each domain, or by name where there is none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from domain.contacts import Domain
from domain.errors import Conflict, InvalidInput, NotFound
from storage.ops.repositories.base import Repository
from storage.ops.tables import Company


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

    def insert_many(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """In bulk, as mappings of column to value; answers them as written."""
        return self.insert_rows(Company, rows)

    def _create(self, target: str, domain: Domain | None, name: str, attributes: Mapping[str, Any]) -> Company:
        made = Company(
            organization_id=target,
            name=name or (domain.value if domain else ""),
            domain=domain.value if domain else None,
            attributes=dict(attributes),
            created_at=self.work.now(),
            updated_at=self.work.now(),
        )
        self.session.add(made)
        self.session.flush()
        return made
