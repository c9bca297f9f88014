"""Links to reports: made under the organization's scope, opened under SystemScope by whoever holds the token."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update

from domain.errors import InvalidInput, NotFound
from domain.filters import FieldType, Sort
from storage.ops.repositories.audit import Act, Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import ListField, Page, page
from storage.ops.repositories.login_sessions import hashed
from storage.ops.tables import ReportLink

FIELDS = {"created_at": ListField(FieldType.DATETIME, ReportLink.created_at, is_sortable=True)}
NEWEST = Sort("created_at", descending=True)
MOST_OPEN = 200
"""Of one organization."""


class ReportLinks(Repository):
    def create(
        self,
        kind: str,
        filters: Mapping[str, Any],
        *,
        name: str,
        expires_at: datetime,
        passcode_hash: str | None = None,
        made_by: str | None = None,
    ) -> tuple[ReportLink, str]:
        """A new link and its token, once. Raises InvalidInput where too many are open."""
        target = self.target()
        asked = select(func.count()).select_from(ReportLink)
        count = self.session.scalar(asked.where(ReportLink.organization_id == target, self._is_open()))
        if (count or 0) >= MOST_OPEN:
            raise InvalidInput(f"{MOST_OPEN} links are open", hint="End some that nobody needs.")
        token = secrets.token_urlsafe(32)
        made = ReportLink(
            organization_id=target, name=name, kind=kind, filters=dict(filters), token_hash=hashed(token),
            passcode_hash=passcode_hash, made_by=made_by, expires_at=expires_at,
            created_at=self.work.now(), updated_at=self.work.now(),
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        Audit(self.work).record("create", "report_link", made.report_link_id, after=_shown(made))
        return made, token

    def page(self, *, limit: int, cursor: str | None = None) -> Page:
        """Those of the organization, open and ended, newest first."""
        asked = select(ReportLink).where(ReportLink.organization_id == self.target())
        return page(
            self.work, asked, fields=FIELDS, key=ReportLink.report_link_id, sort=NEWEST, limit=limit, cursor=cursor,
            with_total=False,
        )  # fmt: skip

    def find_open(self, token: str) -> ReportLink | None:
        """The link of a token, unless it was revoked or has expired."""
        return self.session.scalars(
            select(ReportLink).where(
                ReportLink.token_hash == hashed(token), self.readable(ReportLink.organization_id), self._is_open()
            )
        ).first()

    def opened(self, report_link_id: str, network: str) -> bool:
        """Notes that somebody looked; False where the link ended meanwhile."""
        target = self.target()
        counted = self.session.execute(
            update(ReportLink)
            .where(ReportLink.report_link_id == report_link_id, ReportLink.organization_id == target, self._is_open())
            .values(open_count=ReportLink.open_count + 1, last_opened_at=self.work.now())
            .returning(ReportLink.report_link_id)
            .execution_options(synchronize_session=False)
        ).first()
        if counted is None:
            return False
        Audit(self.work).record("open", "report_link", report_link_id, after={"network": network})
        return True

    def revoke(self, report_link_id: str) -> None:
        """Raises NotFound; one that has ended stays as it is."""
        found = self.by_id(ReportLink, report_link_id)
        if found is None:
            raise NotFound
        self.writable(found.organization_id)
        if found.revoked_at is None and found.expires_at > self.work.now():
            self._end([found])

    def revoke_of(self, user_id: str) -> int:
        """Ends what a person made here, for whoever loses a seat knows the links still; answers how many."""
        found = self.session.scalars(
            select(ReportLink).where(
                ReportLink.organization_id == self.target(), ReportLink.made_by == user_id, self._is_open()
            )
        ).all()
        self._end(list(found))
        return len(found)

    def _is_open(self) -> ColumnElement[bool]:
        return and_(ReportLink.revoked_at.is_(None), ReportLink.expires_at > self.work.now())

    def _end(self, links: list[ReportLink]) -> None:
        for link in links:
            link.revoked_at = self.work.now()
        self.session.flush()
        Audit(self.work).record_all([Act("revoke", "report_link", link.report_link_id) for link in links])


def _shown(link: ReportLink) -> dict[str, Any]:
    return {
        "name": link.name,
        "kind": link.kind,
        "filters": link.filters,
        "expires_at": link.expires_at.isoformat(),
        "has_passcode": link.passcode_hash is not None,
    }
