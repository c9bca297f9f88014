"""What people are told, each for themselves."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select, update

from storage.ops.repositories.base import Repository
from storage.ops.tables import Contact, Notification


class Notifications(Repository):
    def add(
        self,
        user_id: str,
        kind: str,
        title: str,
        *,
        body: str = "",
        link: str = "",
        contact_id: str | None = None,
        organization_id: str | None = None,
    ) -> Notification:
        """Callers have checked that the person works here. `contact_id`: whom it is about."""
        target = self.target(organization_id)
        made = Notification(
            organization_id=target,
            user_id=user_id,
            contact_id=self.own(Contact, contact_id, target),
            kind=kind,
            title=title[:200],
            body=body,
            link=link,
            created_at=self.work.now(),
        )
        self.session.add(made)
        self.session.flush()
        return made

    def of(self, user_id: str, *, unread_only: bool = False, limit: int = 50) -> list[Notification]:
        """A person's, newest first."""
        asked = select(Notification).where(
            Notification.organization_id == self.target(), Notification.user_id == user_id
        )
        if unread_only:
            asked = asked.where(Notification.read_at.is_(None))
        newest = asked.order_by(Notification.created_at.desc(), Notification.notification_id.desc()).limit(limit)
        return list(self.session.scalars(newest))

    def unread_count(self, user_id: str) -> int:
        asked = select(func.count()).where(
            Notification.organization_id == self.target(),
            Notification.user_id == user_id,
            Notification.read_at.is_(None),
        )
        return self.session.scalar(asked) or 0

    def mark_read(self, user_id: str, ids: Sequence[str] | None = None) -> int:
        """Those that are named, or all of a person's; answers how many were unread."""
        conditions = [
            Notification.organization_id == self.target(),
            Notification.user_id == user_id,
            Notification.read_at.is_(None),
        ]
        if ids is not None:
            conditions.append(Notification.notification_id.in_(ids))
        found = self.session.execute(
            update(Notification)
            .where(*conditions)
            .values(read_at=self.work.now())
            .returning(Notification.notification_id)
            .execution_options(synchronize_session=False)
        )
        return len(found.all())
