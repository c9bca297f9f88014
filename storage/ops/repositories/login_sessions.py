"""Signed-in browsers. The token is known to the browser alone; the store keeps its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, CursorResult, and_, select, true, update

from storage.ops.repositories.base import Repository
from storage.ops.tables import LoginSession, User

PREFIX = "lh_ses_"
SEEN_EVERY = timedelta(minutes=5)
"""How exact `last_seen_at` is: a write for each request would be too dear."""


class LoginSessions(Repository):
    """Under SystemScope: a session belongs to a person, not to an organization."""

    def create(
        self, user_id: str, *, lasts: timedelta, user_agent: str = "", network: str = "", through: str | None = None
    ) -> str:
        """A new session; answers its token, once. `through` is the organization whose provider vouched for the person."""
        self.require_system()
        token = PREFIX + secrets.token_urlsafe(32)
        now = self.work.now()
        made = LoginSession(
            user_id=user_id,
            token_hash=hashed(token),
            created_at=now,
            last_seen_at=now,
            expires_at=now + lasts,
            user_agent=user_agent[:400],
            network=network,
            through_organization_id=through,
        )
        self.session.add(made)
        self.session.flush()
        return token

    def find_live(self, token: str) -> tuple[LoginSession, User] | None:
        """The session of a token and its person, unless expired, revoked or the person is disabled."""
        self.require_system()
        row = self.session.execute(
            select(LoginSession, User)
            .join(User, User.user_id == LoginSession.user_id)
            .where(
                LoginSession.token_hash == hashed(token),
                LoginSession.revoked_at.is_(None),
                LoginSession.expires_at > self.work.now(),
                User.disabled_at.is_(None),
            )
        ).first()
        return (row[0], row[1]) if row else None

    def touch(self, session_id: str) -> None:
        """Notes that the session is in use; callers look at `SEEN_EVERY` first."""
        self.require_system()
        self.session.execute(
            update(LoginSession).where(LoginSession.session_id == session_id).values(last_seen_at=self.work.now())
        )

    def revoke(self, token: str) -> bool:
        """Signs the browser out; answers whether it was signed in."""
        self.require_system()
        return self._revoke(LoginSession.token_hash == hashed(token)) > 0

    def revoke_all(self, user_id: str) -> int:
        """Signs a person out everywhere; answers how many sessions ended."""
        self.require_system()
        return self._revoke(LoginSession.user_id == user_id)

    def of_user(self, user_id: str, through: str | None = None) -> list[LoginSession]:
        """Where a person is signed in now, last used first; `through` leaves what that organization's provider opened."""
        self.require_system()
        return list(
            self.session.scalars(
                select(LoginSession)
                .where(
                    LoginSession.user_id == user_id,
                    LoginSession.revoked_at.is_(None),
                    LoginSession.expires_at > self.work.now(),
                    _opened_by(through),
                )
                .order_by(LoginSession.last_seen_at.desc(), LoginSession.session_id.desc())
            )
        )

    def revoke_one(self, user_id: str, session_id: str, through: str | None = None) -> bool:
        """Ends one session of a person; answers whether there was one."""
        self.require_system()
        which = and_(LoginSession.user_id == user_id, LoginSession.session_id == session_id, _opened_by(through))
        return self._revoke(which) > 0

    def revoke_others(self, user_id: str, token: str, through: str | None = None) -> int:
        """Signs a person out everywhere but where the token is; answers how many sessions ended."""
        self.require_system()
        which = and_(LoginSession.user_id == user_id, LoginSession.token_hash != hashed(token), _opened_by(through))
        return self._revoke(which)

    def forget_expired(self, before: datetime, limit: int) -> int:
        """Deletes sessions that ended before a moment; answers how many."""
        self.require_system()
        found = self.session.scalars(select(LoginSession).where(LoginSession.expires_at < before).limit(limit)).all()
        for session in found:
            self.session.delete(session)
        self.session.flush()
        return len(found)

    def _revoke(self, which: object) -> int:
        done = self.session.execute(
            update(LoginSession).where(which, LoginSession.revoked_at.is_(None)).values(revoked_at=self.work.now())  # type: ignore[arg-type]
        )
        assert isinstance(done, CursorResult)
        return done.rowcount


def _opened_by(through: str | None) -> ColumnElement[bool]:
    """A provider speaks for what it opened; a password for everything."""
    return true() if through is None else LoginSession.through_organization_id == through


def hashed(token: str) -> str:
    """SHA-256 of a token, as 64 hex characters; 32 random bytes need no slow hash."""
    return hashlib.sha256(token.encode()).hexdigest()
