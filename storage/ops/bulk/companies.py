"""The companies that rows name: one for each domain, else for each name, made when first seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from domain.ids import new_id
from domain.imports.drafts import Draft
from storage.ops import contact_index
from storage.ops.bulk.plans import Plan, complete
from storage.ops.store import Work
from storage.ops.tables import Company


class CompanyBook:
    """All companies of an organization by domain and by name; those planned count once their plan is written."""

    def __init__(self, organization_id: str, import_id: str) -> None:
        self._organization_id, self._import_id = organization_id, import_id
        self._known: dict[str, str] | None = None
        self.called: dict[str, str] = {}
        """What each company is called and where it is on the web, by its id; planned ones too."""
        self._planned: dict[str, str] = {}

    def load(self, work: Work, drafts: list[Draft]) -> None:
        """Reads them all, the first time that a row names one; afterwards only our own writes are followed."""
        self._planned = {}
        if self._known is None and any(_keys(draft) for draft in drafts):
            self._known = {}
            rows = work.session.execute(
                select(func.coalesce(Company.merged_into_id, Company.company_id), Company.domain, Company.name)
                .where(Company.organization_id == self._organization_id)
                .order_by(Company.created_at, Company.company_id)
            )
            for company_id, domain, name in rows:
                self.called[company_id] = contact_index.called(name, domain)
                for key in _keys_of(domain, name):
                    self._known.setdefault(key, company_id)

    def know(self, work: Work, contacts: Iterable[Mapping[str, Any]]) -> None:
        """Also what the companies of these contacts are called, where no row named one so far."""
        unknown = [row for row in contacts if row["company_id"] and row["company_id"] not in self.called]
        self.called |= contact_index.companies_of(work.session.connection(), unknown)

    def company_of(self, draft: Draft, plan: Plan, now: datetime) -> str | None:
        """The id of the row's company, planned where it is new; None where the row names none."""
        keys = _keys(draft)
        if not keys:
            return None
        known = self._known or {}
        for key in keys:
            found = known.get(key) or self._planned.get(key)
            if found:
                return found
        facts = draft.fields
        domain, name = facts.get("company_domain"), facts.get("company_name")
        made: dict[str, Any] = complete(
            Company,
            organization_id=self._organization_id,
            company_id=new_id(),
            name=name or domain,
            domain=domain,
            import_id=self._import_id,
            created_at=now,
            updated_at=now,
        )
        plan.insert(Company, made)
        self.called[made["company_id"]] = contact_index.called(made["name"], domain)
        for key in keys:
            self._planned[key] = made["company_id"]
        return str(made["company_id"])

    def written(self) -> None:
        """What was planned is committed."""
        if self._known is not None:
            self._known |= {key: found for key, found in self._planned.items() if key not in self._known}
        self._planned = {}

    def forget(self) -> None:
        """Read everything again at the next load: somebody else has written."""
        self._known = None


def _keys(draft: Draft) -> list[str]:
    return _keys_of(draft.fields.get("company_domain"), draft.fields.get("company_name"))


def _keys_of(domain: str | None, name: str | None) -> list[str]:
    """A company with a domain is found by it alone; the name stands in where there is no domain."""
    keys = [f"domain:{domain}"] if domain else []
    return keys + ([f"name:{name.casefold()}"] if name and not domain else [])
