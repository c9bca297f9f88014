"""/v1/deliverability: whether a domain is ready to send, and what to look at in a letter."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from domain.deliverability.records import Resolver
from domain.deliverability.wording import Letter, remarks_on
from domain.permissions import Permission
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deliverability.resolver import DnsResolver
from serving.deliverability.schemas import DomainReport, FindingOut, LetterIn, RemarkOut, Remarks
from serving.deliverability.service import examined, overall, own_host
from serving.deps import SettingsDep

router = APIRouter(prefix="/v1/deliverability", tags=["deliverability"])
Viewer = Annotated[Principal, may(Permission.SETTINGS_READ)]


def system_resolver() -> Resolver:
    """The name servers of this machine, asked anew for every report."""
    return DnsResolver()


@router.get("/domains/{domain}")
def read_domain_report(
    *,
    domain: str,
    settings: SettingsDep,
    resolver: Annotated[Resolver, Depends(system_resolver)],
    principal: Viewer,  # noqa: ARG001 (whoever may see settings)
    selector: Annotated[list[str] | None, Query(description="DKIM selectors that the provider signs with.")] = None,
    spf_include: Annotated[str, Query(max_length=253, description="What SPF must include, e.g. _spf.google.com.")] = "",
    address: Annotated[list[str] | None, Query(description="IP addresses of an own mail server.")] = None,
    tracking_host: Annotated[str, Query(max_length=253, description="The host of tracked links.")] = "",
) -> DomainReport:
    """MX, SPF, DKIM, DMARC, PTR and the tracking host: pass, fail or unknown, with what to do."""
    findings = examined(
        resolver,
        domain,
        selectors=selector or (),
        spf_include=spf_include,
        addresses=address or (),
        tracking_host=tracking_host,
        tracking_target=own_host(settings),
    )
    return DomainReport(
        domain=domain.strip().casefold(),
        state=overall(findings),
        findings=[FindingOut.model_validate(finding) for finding in findings],
    )


@router.post("/lint")
def lint_letter(letter: LetterIn, principal: Viewer) -> Remarks:  # noqa: ARG001 (whoever may see settings)
    """What to look at in a letter, worst first; empty where it is fine. Nothing is kept."""
    found = remarks_on(Letter(**letter.model_dump()))
    return Remarks(remarks=[RemarkOut.model_validate(remark) for remark in found])
