"""Signing in with a password and, for those who turned it on, a second factor: a few threads of its own, a limit for
each address and account, one answer for all that fails."""

from __future__ import annotations

import asyncio
import base64
import binascii
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import msgspec
from starlette.requests import Request

from domain.contacts import EmailAddress
from domain.errors import InvalidInput, NotAllowed, NotAuthenticated, TooManyRequests
from domain.settings import Settings
from domain.tenancy import Actor
from serving.access.principals import LOGIN
from serving.client_address import network_of
from storage.ops.passwords import verify_password
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.login_attempts import LoginAttempts
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.second_factors import SecondFactors
from storage.ops.repositories.users import Users
from storage.ops.sealing import SealBroken
from storage.ops.store import Store
from storage.ops.tables import User

T = TypeVar("T")

AT_ONCE = 2
"""Passwords verified at once: 50 ms of a core and 19 MiB each."""
MOST_WAITING = 40
WITHIN = timedelta(minutes=15)
PER_ACCOUNT = 10
"""Attempts of one address at one account within that time."""
PER_ADDRESS = 100
"""Attempts of one address at all accounts: an office shares one."""
PER_SECOND_FACTOR = 10
"""Codes tried for one account within that time, from wherever: whoever tries them has the password."""
STEP_LASTS = timedelta(minutes=5)
"""How long the login page waits for the code after the password was right."""

logger = logging.getLogger(__name__)


class WrongPassword(NotAuthenticated):
    """The e-mail address or the password is wrong."""

    code = "wrong_password"


class SecondFactorNeeded(NotAuthenticated):
    """The password is right; this account asks for a code as well."""

    code = "second_factor_needed"
    hint = "Send the code of your authenticator, or a recovery code, as `code`."

    def __init__(self, step: str) -> None:
        super().__init__()
        self.step = step
        """What `Login.go_on` takes in place of the password."""


class WrongCode(NotAuthenticated):
    """This code is wrong, was used already, or has run out."""

    code = "wrong_code"
    hint = "Wait for the next code of your authenticator."


class PasswordNotConfirmed(NotAllowed):
    """The password is wrong."""

    code = "password_not_confirmed"


class CodeNotConfirmed(InvalidInput):
    """This code is wrong, or has run out."""

    code = "code_not_confirmed"
    hint = "Check that the device's clock is right, and type the code it shows now."


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A fresh session, and whose it is."""

    token: str
    user_id: str


@dataclass(frozen=True, slots=True)
class Browser:
    """Where somebody signs in from."""

    address: str
    user_agent: str = ""


class Login:
    """One for each process; the limits are counted in the store, for all of them."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self._store = store
        self._lasts = timedelta(days=settings.web.session_days)
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="login")
        self._waiting = 0

    async def sign_in(self, email: str, password: str, browser: Browser, *, code: str | None = None) -> SignedIn:
        """Raises WrongPassword (whatever was wrong), SecondFactorNeeded and WrongCode where the password is right, and
        TooManyRequests with the seconds to wait."""
        account = email.strip().casefold()[:320]
        return await self._in_turn(lambda: self._check(account, password, browser, code))

    async def sign_in_through(
        self, user_id: str, organization_id: str, browser: Browser, *, has_second_factor: bool
    ) -> SignedIn:
        """Somebody for whom the provider of an organization vouches, with a session that reaches no further than it.

        Raises SecondFactorNeeded where they turned one on and the provider asked for none.
        """
        return await self._in_turn(lambda: self._vouched(user_id, organization_id, browser, has_second_factor))

    async def go_on(self, step: str, code: str, browser: Browser) -> SignedIn:
        """The second page of the login: `step` stands for the password that was right.

        Raises WrongCode, TooManyRequests, and NotAuthenticated where it took too long.
        """
        return await self._in_turn(lambda: self._second_step(step, code, browser))

    async def confirm_password(self, user_id: str, password: str, browser: Browser) -> None:
        """Somebody who is signed in proves once more who they are, within the limits of the login.

        Raises PasswordNotConfirmed and TooManyRequests.
        """
        await self._in_turn(lambda: self._confirm(user_id, password, browser))

    async def confirm_code(self, user_id: str, code: str) -> list[str]:
        """Turns the second factor on with a first code; answers the recovery codes, once.

        Raises CodeNotConfirmed, TooManyRequests, and Conflict where nothing was begun.
        """
        return await self._in_turn(lambda: self._turn_on(user_id, code))

    async def in_turn(self, work: Callable[[], T]) -> T:
        """Other work as dear as a password. Raises TooManyRequests."""
        return await self._in_turn(work)

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    async def _in_turn(self, work: Callable[[], T]) -> T:
        if self._waiting >= MOST_WAITING:
            raise TooManyRequests("Many people are signing in; try again in a moment.", retry_after=2)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1

    def _count(self, *limits: tuple[int, tuple[str, ...]]) -> None:
        with self._store.read(LOGIN) as work:  # a flood of refused attempts writes nothing
            waits = [LoginAttempts(work).wait(limit, WITHIN, who) for limit, who in limits]
        if not any(waits):
            with self._store.write(LOGIN, Actor("user")) as work:
                waits = [LoginAttempts(work).hit(limit, WITHIN, who) for limit, who in limits]
        if longest := max((one.total_seconds() for one in waits if one), default=0.0):
            raise TooManyRequests(
                "Too many attempts to sign in.", hint="Wait a few minutes.", retry_after=max(1.0, longest)
            )

    def _check(self, account: str, password: str, browser: Browser, code: str | None) -> SignedIn:
        self._count((PER_ACCOUNT, (browser.address, account)), (PER_ADDRESS, (browser.address,)))
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
            self._note("sign_in_failed", user.user_id)
            raise WrongPassword
        with self._store.read(LOGIN) as work:
            asks_for_code = SecondFactors(work).state(user.user_id).is_on
        if not asks_for_code:
            return self._signed_in(user, browser)
        if not code:
            raise SecondFactorNeeded(self._step(user.user_id, None))
        return self._with_code(user, code, browser)

    def _vouched(self, user_id: str, organization_id: str, browser: Browser, has_second_factor: bool) -> SignedIn:
        with self._store.read(LOGIN) as work:
            user = Users(work).get(user_id)
            asks_for_code = SecondFactors(work).state(user_id).is_on
        if asks_for_code and not has_second_factor:
            raise SecondFactorNeeded(self._step(user_id, organization_id))
        return self._signed_in(user, browser, organization_id)

    def _second_step(self, step: str, code: str, browser: Browser) -> SignedIn:
        user_id, through = self._of_step(step)
        with self._store.read(LOGIN) as work:
            user = Users(work).find(user_id)
        if user is None or user.disabled_at is not None:
            raise NotAuthenticated("Sign in again.")
        return self._with_code(user, code, browser, through)

    def _with_code(self, user: User, code: str, browser: Browser, through: str | None = None) -> SignedIn:
        who = ("second factor", user.user_id)
        self._count((PER_SECOND_FACTOR, who))
        with self._store.write(LOGIN, Actor("user", user.user_id)) as work:
            is_right = SecondFactors(work).use(user.user_id, code)
            if is_right:
                LoginAttempts(work).forgive(who)
        if not is_right:
            self._note("second_factor_failed", user.user_id)
            raise WrongCode
        return self._signed_in(user, browser, through)

    def _signed_in(self, user: User, browser: Browser, through: str | None = None) -> SignedIn:
        with self._store.write(LOGIN, Actor("user", user.user_id)) as work:
            token = LoginSessions(work).create(
                user.user_id,
                lasts=self._lasts,
                user_agent=browser.user_agent,
                network=network_of(browser.address),
                through=through,
            )
            LoginAttempts(work).forgive((browser.address, user.email))
            if through is None:
                Audit(work).record_of_user("sign_in", user.user_id)
            else:
                Audit(work).record("single_sign_on", "user", user.user_id, organization_id=through)
        return SignedIn(token, user.user_id)

    def _confirm(self, user_id: str, password: str, browser: Browser) -> None:
        with self._store.read(LOGIN) as work:
            user = Users(work).get(user_id)
        self._count((PER_ACCOUNT, (browser.address, user.email)), (PER_ADDRESS, (browser.address,)))
        if not verify_password(password, user.password_hash):
            self._note("password_check_failed", user_id)
            raise PasswordNotConfirmed
        with self._store.write(LOGIN, Actor("user", user_id)) as work:
            LoginAttempts(work).forgive((browser.address, user.email))

    def _turn_on(self, user_id: str, code: str) -> list[str]:
        self._count((PER_SECOND_FACTOR, ("second factor", user_id)))
        with self._store.write(LOGIN, Actor("user", user_id)) as work:
            codes = SecondFactors(work).confirm(user_id, code)
            if codes is None:
                raise CodeNotConfirmed
            LoginAttempts(work).forgive(("second factor", user_id))
            Audit(work).record_of_user("second_factor_on", user_id)
            return codes

    def _note(self, action: str, user_id: str) -> None:
        with self._store.write(LOGIN, Actor("user", user_id)) as work:
            Audit(work).record_of_user(action, user_id)

    def _step(self, user_id: str, through: str | None) -> str:
        """The first factor was right: for this person, until then; through whose provider, where it was one."""
        until = (self._store.clock() + STEP_LASTS).timestamp()
        sealed = self._store.sealer.seal(msgspec.json.encode([user_id, until, through]), "login", "login", "step")
        return base64.urlsafe_b64encode(sealed).decode()

    def _of_step(self, step: str) -> tuple[str, str | None]:
        """Raises NotAuthenticated for what we did not write, or wrote too long ago."""
        try:
            sealed = base64.urlsafe_b64decode(step.encode())
            user_id, until, through = msgspec.json.decode(
                self._store.sealer.open(sealed, "login", "login", "step"), type=tuple[str, float, str | None]
            )
        except (SealBroken, binascii.Error, ValueError, IndexError) as error:
            raise NotAuthenticated("Sign in again.") from error
        if datetime.fromtimestamp(until, UTC) < self._store.clock():
            raise NotAuthenticated("That took too long; sign in again.")
        return user_id, through


def login_of(request: Request) -> Login:
    """The one of the app: its threads and counters are shared by all requests."""
    state = request.app.state
    if not hasattr(state, "login"):
        state.login = Login(state.store, state.settings)
    found: Login = state.login
    return found
