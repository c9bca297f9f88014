"""Signing in with a password: a few threads of its own, a limit for each address and account, one answer for all
that fails."""

from __future__ import annotations

import asyncio
import logging
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta

from domain.contacts import EmailAddress
from domain.errors import InvalidInput, NotAuthenticated, TooManyRequests
from domain.settings import Settings
from domain.tenancy import Actor
from serving.access.principals import LOGIN
from storage.ops.passwords import verify_password
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.login_attempts import LoginAttempts
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.users import Users
from storage.ops.store import Store

AT_ONCE = 2
"""Passwords verified at once: 50 ms of a core and 19 MiB each."""
MOST_WAITING = 40
WITHIN = timedelta(minutes=15)
PER_ACCOUNT = 10
"""Attempts of one address at one account within that time."""
PER_ADDRESS = 100
"""Attempts of one address at all accounts: an office shares one."""

logger = logging.getLogger(__name__)


class WrongPassword(NotAuthenticated):
    """The e-mail address or the password is wrong."""

    code = "wrong_password"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session, and whose it is."""

    token: str
    user_id: str


class Login:
    """One for each process; the limits are counted in the store, for all of them."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._lasts = timedelta(days=settings.web.session_days)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="login")
        self._waiting = 0

    async def sign_in(self, email: str, password: str, *, address: str, user_agent: str = "") -> SignedIn:
        """Raises WrongPassword (whatever was wrong) and TooManyRequests with the seconds to wait."""
        account = email.strip().casefold()[:320]
        if self._waiting >= MOST_WAITING:
            raise TooManyRequests("Many people are signing in; try again in a moment.", retry_after=2)
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, self._check, account, password, address, user_agent)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _count(self, address: str, account: str) -> None:
        limits = ((PER_ACCOUNT, (address, account)), (PER_ADDRESS, (address,)))
        with self._store.read(LOGIN) as work:  # a flood of refused attempts writes nothing
            waits = [LoginAttempts(work).wait(limit, WITHIN, who) for limit, who in limits]
        if not any(waits):
            with self._store.write(LOGIN, Actor("user")) as work:
                waits = [LoginAttempts(work).hit(limit, WITHIN, who) for limit, who in limits]
        if longest := max((one.total_seconds() for one in waits if one), default=0.0):
            raise TooManyRequests(
                "Too many attempts to sign in.", hint="Wait a few minutes.", retry_after=max(1.0, longest)
            )

    def _check(self, account: str, password: str, address: str, user_agent: str) -> SignedIn:
        self._count(address, account)
        try:
            email = EmailAddress.parse(account)
        except InvalidInput:
            email = None
        user = None
        if email is not None:
            with self._store.read(LOGIN) as work:
                user = Users(work).find_by_email(email)
        known = user.password_hash if user and user.disabled_at is None else None
        is_right = verify_password(password, known)  # unknown people take the same time
        if user is None:
            logger.info("somebody without an account tried to sign in")
            raise WrongPassword
        if not is_right:
            with self._store.write(LOGIN, Actor("user", user.user_id)) as work:
                Audit(work).record_of_user("sign_in_failed", user.user_id)
            raise WrongPassword
        with self._store.write(LOGIN, Actor("user", user.user_id)) as work:
            token = LoginSessions(work).create(user.user_id, lasts=self._lasts, user_agent=user_agent)
            LoginAttempts(work).forgive((address, account))
            Audit(work).record_of_user("sign_in", user.user_id)
        return SignedIn(token, user.user_id)
