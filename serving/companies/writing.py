"""A company that a person writes down or corrects by hand, or a program by the API."""

from __future__ import annotations

from typing import Any

from domain.companies import CompanyFacts, quality_of
from domain.contacts import Domain
from domain.errors import InvalidInput, NotFound
from serving import etags
from serving.companies.schemas import CompanyIn, CompanyPatch
from serving.tags.naming import tags_of
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.companies import Companies
from storage.ops.repositories.company_lists import CompanyLists
from storage.ops.repositories.tags import Tags
from storage.ops.store import Work
from storage.ops.tables import Company, CompanyTag


def add(work: Work, body: CompanyIn) -> str:
    """The id of the new company, on the list at once. Raises Conflict where the domain is known, or the name of one
    without."""
    domain = Domain.parse(body.domain) if body.domain else None
    made = Companies(work).add(
        domain, body.name, industry=body.industry, employee_count=body.employee_count, country=body.country
    )
    _show(work, made)
    if tags := tags_of(work, body.add_tags, None):
        Tags(work).retag(CompanyTag, [made.company_id], tags["add_tags"], ())
    Audit(work).record(
        "create", "company", made.company_id, after=body.model_dump(mode="json", exclude_defaults=True)
    )  # fmt: skip
    return made.company_id


def change(work: Work, company_id: str, patch: CompanyPatch, if_match: str | None) -> str:
    """The id of the company after it was corrected. Raises NotFound, PreconditionFailed, Conflict where another company has
    the domain, and InvalidInput where nothing would say which company it is."""
    companies = Companies(work)
    company = companies.held([company_id]).get(company_id)
    if company is None:
        raise NotFound("There is no such company here.")
    etags.check(if_match, company.updated_at)
    before, after = companies.change(company, _fields(companies, company, patch))
    if before:
        _show(work, company)
        Audit(work).record("change", "company", company.company_id, before=before, after=after)
    return company.company_id


def _fields(companies: Companies, company: Company, patch: CompanyPatch) -> dict[str, Any]:
    fields = {name: getattr(patch, name) for name in patch.model_fields_set}
    if fields.get("domain"):
        domain = Domain.parse(fields["domain"])
        companies.require_free(domain, company.company_id)
        fields["domain"] = domain.value
    elif "domain" in fields:
        fields["domain"] = None
    if "name" in fields:
        fields["name"] = fields["name"] or fields.get("domain", company.domain) or ""
        if not fields["name"]:
            raise InvalidInput("a company needs a domain or a name")
    return fields


def _show(work: Work, company: Company) -> None:
    """On the list, which is else written by the build; what is counted of the company there stays."""
    lists = CompanyLists(work)
    told: dict[str, Any] = {
        "company_id": company.company_id, "name": company.name, "domain": company.domain, "industry": company.industry,
        "employee_count": company.employee_count, "country": company.country, "refreshed_at": work.now(),
    }  # fmt: skip
    if lists.summary(company.company_id) is None:
        facts = CompanyFacts(
            company.name, company.domain or "", company.industry or "", company.employee_count, company.country or ""
        )
        quality = quality_of(facts, session_count=0, visitor_count=0, last_seen_at=None, now=work.now())
        told |= {"activity": quality.activity, "richness": quality.richness, "quality": quality.total}
    lists.put([told])
