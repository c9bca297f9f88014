"""How often somebody has tried to sign in: counted in the store, so that several web processes guard as one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text

from storage.ops.repositories.base import Repository, delete_some
from storage.ops.tables import LoginAttempt


class LoginAttempts(Repository):
    """Under SystemScope: whoever tries is nobody yet."""

    def wait(self, limit: int, within: timedelta, who: Sequence[str]) -> timedelta | None:
        """None where another attempt is allowed now; else how long to wait. Reads only."""
        self.require_system()
        counted_as, since = _name(who), self.work.now() - within
        times = self._times(counted_as, since, limit)
        return times[-1] + within - self.work.now() if len(times) >= limit else None

    def hit(self, limit: int, within: timedelta, who: Sequence[str]) -> timedelta | None:
        """Counts an attempt and answers None, or counts nothing and answers how long to wait."""
        self.require_system()
        counted_as = _name(who)
        if self.work.store.dialect == "postgresql":  # on SQLite a writer is alone
            self.session.execute(text("select pg_advisory_xact_lock(hashtextextended(:name, 1))"), {"name": counted_as})
        waits = self.wait(limit, within, who)
        if waits is None:
            self.session.add(LoginAttempt(counted_as=counted_as, attempted_at=self.work.now()))
            self.session.flush()
        return waits

    def forgive(self, who: Sequence[str]) -> None:
        """Forgets the attempts of somebody who got it right."""
        self.require_system()
        self.session.execute(delete(LoginAttempt).where(LoginAttempt.counted_as == _name(who)))

    def forget(self, before: datetime, limit: int) -> int:
        """Deletes attempts that count no more; answers how many."""
        self.require_system()
        is_old = LoginAttempt.attempted_at < before
        return delete_some(self.session, LoginAttempt.login_attempt_id, is_old, limit=limit)

    def count(self) -> int:
        self.require_system()
        return self.session.scalar(select(func.count()).select_from(LoginAttempt)) or 0

    def _times(self, counted_as: str, since: datetime, limit: int) -> Sequence[datetime]:
        """The newest attempts of somebody, newest first."""
        return self.session.scalars(
            select(LoginAttempt.attempted_at)
            .where(LoginAttempt.counted_as == counted_as, LoginAttempt.attempted_at > since)
            .order_by(LoginAttempt.attempted_at.desc(), LoginAttempt.login_attempt_id.desc())
            .limit(limit)
        ).all()


def _name(who: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(who).encode()).hexdigest()
