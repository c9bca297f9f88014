"""Makes links to reports, and shows a report to whoever holds one."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from domain.errors import NotFound, TooManyRequests
from domain.reports.filters import TITLES, Frozen
from domain.reports.links import OPENINGS, PASSCODES, PASSCODES_OF_NETWORK, WITHIN
from domain.reports.pieces import Report
from domain.scorecard import DEFAULT, SETTING, parse_plan
from domain.tenancy import Actor, Scope, SystemScope
from serving.access.principals import Principal
from serving.marts import Marts
from serving.reports.contents import Reading, report_of
from serving.reports.schemas import (
    FigureOut,
    PieceOut,
    ReportLinkIn,
    ReportLinkListOut,
    ReportLinkMadeOut,
    ReportLinkOut,
    ReportOut,
)
from serving.stage_names.service import names_of
from storage.lake import Lake
from storage.ops.passwords import hash_password, verify_password
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.login_attempts import LoginAttempts
from storage.ops.repositories.organization_settings import OrganizationSettings
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.report_links import ReportLinks
from storage.ops.store import Store, Work
from storage.ops.tables import ReportLink

SCOPE = SystemScope("link to a report")
HOLDER = "report_link"


class LinkEnded(NotFound):
    """This link opens nothing: it has ended, or it is none of ours."""

    code = "report_link_ended"


@dataclass(frozen=True, slots=True)
class Opened:
    """What the page of a link shows."""

    name: str
    organization_id: str
    report: Report
    expires_at: datetime
    zone: ZoneInfo


def read(store: Store, lake: Lake, scope: Scope, frozen: Frozen) -> Report:
    """The report of the scope's own organization, as it is now."""
    with store.read(scope) as work:
        organization = Organizations(work).get(scope.organization_id)
        held = OrganizationSettings(work).current(SETTING)
        today, stages = Organizations(work).today(scope.organization_id), names_of(work)
    marts = Marts(lake, scope.organization_id)
    plan = parse_plan(held.value) if held else DEFAULT
    return report_of(Reading(marts, frozen, today, organization.currency, plan, stages))


def as_answer(report: Report) -> ReportOut:
    return ReportOut(
        title=report.title,
        about=report.about,
        built_at=report.built_at,
        figures=[FigureOut(**asdict(figure)) for figure in report.figures],
        pieces=[PieceOut(**asdict(piece)) for piece in report.pieces],
    )


def make(store: Store, principal: Principal, body: ReportLinkIn, public_url: str) -> ReportLinkMadeOut:
    """Raises InvalidInput for filters that the report does not have, and for a passcode that is easily guessed."""
    frozen = Frozen.parse(body.kind, body.filters)
    passcode_hash = hash_password(body.passcode) if body.passcode else None
    with store.write(principal.scope, principal.actor) as work:
        made, token = ReportLinks(work).create(
            frozen.kind, frozen.chosen, name=body.name.strip() or TITLES[frozen.kind],
            expires_at=work.now() + timedelta(days=body.days_open), passcode_hash=passcode_hash,
            made_by=principal.user_id,
        )  # fmt: skip
        return ReportLinkMadeOut(**_shown(work, made).model_dump(), link=f"{public_url}/r/{token}")


def listed(work: Work, *, limit: int, cursor: str | None) -> ReportLinkListOut:
    found = ReportLinks(work).page(limit=limit, cursor=cursor)
    return ReportLinkListOut(items=[_shown(work, link) for link in found.rows], next_cursor=found.next_cursor)


def held_by(store: Store, token: str) -> ReportLink:
    """Raises LinkEnded, the same for one that ended and for one that never was."""
    with store.read(SCOPE) as work:
        found = ReportLinks(work).find_open(token)
    if found is None:
        raise LinkEnded
    return found


def check_passcode(store: Store, link: ReportLink, passcode: str, network: str) -> bool:
    """Whether it is the one. Dear: see `Login.in_turn`. Raises TooManyRequests."""
    limits = [(PASSCODES, ("report_passcode", link.report_link_id)),
              (PASSCODES_OF_NETWORK, ("report_passcode", link.report_link_id, network))]  # fmt: skip
    for limit, who in limits:
        _count(store, limit, who, "Too many passcodes were tried.")
    if verify_password(passcode, link.passcode_hash):
        return True
    with store.write(Scope.of(link.organization_id), Actor(HOLDER, link.report_link_id)) as work:
        Audit(work).record("refuse_passcode", HOLDER, link.report_link_id, after={"network": network})
    return False


def open_link(store: Store, lake: Lake, link: ReportLink, network: str) -> Opened:
    """The report, after the opening was noted. Raises LinkEnded and TooManyRequests."""
    _count(store, OPENINGS, (HOLDER, link.report_link_id, network), "This report was opened very often just now.")
    scope = Scope.of(link.organization_id)
    with store.write(scope, Actor(HOLDER, link.report_link_id)) as work:
        if not ReportLinks(work).opened(link.report_link_id, network):
            raise LinkEnded
        zone = ZoneInfo(Organizations(work).get(link.organization_id).time_zone)
    report = read(store, lake, scope, Frozen.parse(link.kind, link.filters))
    return Opened(link.name, link.organization_id, report, link.expires_at, zone)


def _count(store: Store, limit: int, who: tuple[str, ...], words: str) -> None:
    with store.write(SCOPE, Actor(HOLDER)) as work:
        waits = LoginAttempts(work).hit(limit, WITHIN, who)
    if waits is not None:
        raise TooManyRequests(words, hint="Try again in a quarter of an hour.", retry_after=waits.total_seconds())


def _shown(work: Work, link: ReportLink) -> ReportLinkOut:
    is_open = link.revoked_at is None and link.expires_at > work.now()
    return ReportLinkOut(
        about=Frozen.parse(link.kind, link.filters).words, has_passcode=link.passcode_hash is not None, is_open=is_open,
        **{name: getattr(link, name) for name in ReportLinkOut.model_fields if hasattr(link, name)},
    )  # fmt: skip
