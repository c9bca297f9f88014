"""Invitations: a seat that waits for somebody with the link. The token is known to the link alone."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, select

from domain.contacts import EmailAddress
from domain.errors import InvalidInput, NotFound
from domain.filters import FieldType, Sort
from domain.tenancy import Role
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import ListField, Page, page
from storage.ops.repositories.login_sessions import hashed
from storage.ops.tables import Invitation

FIELDS = {"created_at": ListField(FieldType.DATETIME, Invitation.created_at, is_sortable=True)}
NEWEST = Sort("created_at", descending=True)
LASTS = timedelta(days=7)
MOST_OPEN = 200
"""Of one organization."""


class Invitations(Repository):
    """Made under the organization's scope; a link is looked up and used under SystemScope."""

    def create(self, email: EmailAddress, role: Role, invited_by: str | None = None) -> tuple[Invitation, str]:
        """A new invitation and the token of its link, once; an open one of the same address ends.

        Raises InvalidInput where too many are open.
        """
        target = self.target()
        for former in self._open(and_(Invitation.organization_id == target, Invitation.email == email.value)):
            self._end(former)
        is_open = self._is_open()
        count = self.session.scalar(
            select(func.count()).select_from(Invitation).where(Invitation.organization_id == target, is_open)
        )
        if (count or 0) >= MOST_OPEN:
            raise InvalidInput(f"{MOST_OPEN} invitations are open", hint="Revoke some first.")
        token = secrets.token_urlsafe(32)
        now = self.work.now()
        made = Invitation(
            organization_id=target,
            email=email.value,
            role=role.value,
            token_hash=hashed(token),
            invited_by=invited_by,
            expires_at=now + LASTS,
            created_at=now,
            updated_at=now,
        )
        self.session.add(made)
        self.session.flush()
        Audit(self.work).record(
            "invite", "invitation", made.invitation_id, after={"role": role.value}, organization_id=target
        )
        return made, token

    def page(self, *, limit: int, cursor: str | None = None) -> Page:
        """Those of the organization that may still be accepted, newest first."""
        asked = select(Invitation).where(Invitation.organization_id == self.target(), self._is_open())
        return page(
            self.work, asked, fields=FIELDS, key=Invitation.invitation_id, sort=NEWEST, limit=limit, cursor=cursor,
            with_total=False,
        )  # fmt: skip

    def find_open(self, token: str) -> Invitation | None:
        """The invitation of a link, unless accepted, revoked or expired."""
        return next(iter(self._open(self._by_token(token))), None)

    def take_of(self, email: EmailAddress, organization_ids: Collection[str]) -> list[Invitation]:
        """What a person with this address may accept in these organizations, newest first, held as by `take`."""
        self.require_system()
        return self._open(
            and_(Invitation.email == email.value, Invitation.organization_id.in_(sorted(organization_ids))), held=True
        )

    def take(self, token: str) -> Invitation | None:
        """The same, held until the unit of work ends: of two who accept at once one finds nothing."""
        return next(iter(self._open(self._by_token(token), held=True)), None)

    def revoke(self, invitation_id: str) -> None:
        """Raises NotFound; one that has ended stays as it is."""
        found = self.by_id(Invitation, invitation_id)
        if found is None:
            raise NotFound
        self.writable(found.organization_id)
        if found.revoked_at is None and found.accepted_at is None:
            self._end(found)

    def revoke_of(self, user_id: str) -> int:
        """Ends what a person has open in the organization, for whoever loses a seat gives none; answers how many."""
        found = self._open(and_(Invitation.organization_id == self.target(), Invitation.invited_by == user_id))
        for each in found:
            self._end(each)
        return len(found)

    def accept(self, invitation: Invitation, at: datetime, user_id: str) -> None:
        """Marks it used; the seat itself is given by `Memberships`."""
        self.target(invitation.organization_id)
        invitation.accepted_at = at
        self.session.flush()
        Audit(self.work).record(
            "accept", "invitation", invitation.invitation_id,
            after={"role": invitation.role, "user_id": user_id}, organization_id=invitation.organization_id,
        )  # fmt: skip

    def _open(self, which: ColumnElement[bool], *, held: bool = False) -> list[Invitation]:
        query = (
            select(Invitation)
            .where(which, self._is_open())
            .order_by(Invitation.created_at.desc(), Invitation.invitation_id.desc())
        )
        return list(self.session.scalars(query.with_for_update() if held else query))

    def _is_open(self) -> ColumnElement[bool]:
        return and_(
            Invitation.accepted_at.is_(None), Invitation.revoked_at.is_(None), Invitation.expires_at > self.work.now()
        )

    def _by_token(self, token: str) -> ColumnElement[bool]:
        return and_(Invitation.token_hash == hashed(token), self.readable(Invitation.organization_id))

    def _end(self, invitation: Invitation) -> None:
        invitation.revoked_at = self.work.now()
        self.session.flush()
        Audit(self.work).record(
            "revoke", "invitation", invitation.invitation_id, organization_id=invitation.organization_id
        )
