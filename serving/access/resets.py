"""A forgotten password: a link that sets a new one, once, within an hour, and ends every session.

Who hands the link over: the administrator who made it, or whoever runs the installation (`leadhouse organizations
reset-link`). The second factor stays on.
"""

from __future__ import annotations

import logging

from domain.contacts import EmailAddress
from domain.errors import InvalidInput, NotAllowed, TooManyRequests
from domain.permissions import may_give
from domain.tenancy import Actor, Role
from serving.access.principals import LOGIN, Principal
from storage.ops.passwords import hash_password
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.login_attempts import LoginAttempts
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.organizations import Organizations
from storage.ops.repositories.users import Memberships, Users
from storage.ops.reset_tokens import LASTS, token_for, user_of
from storage.ops.store import Store
from storage.ops.tables import User

ASKED = 5
"""Times that one address, or anybody for one account, may ask within that time."""

logger = logging.getLogger(__name__)


def ask(store: Store, email: str, address: str) -> None:
    """Somebody says that they forgot their password; nobody learns here whether there is such an account. Whoever runs
    the installation reads of it. Raises TooManyRequests."""
    account = email.strip().casefold()[:320]
    with store.write(LOGIN, Actor("user")) as work:
        for who in (("reset", address), ("reset of", account)):
            waits = LoginAttempts(work).hit(ASKED, LASTS, who)
            if waits is not None:
                raise TooManyRequests("Too many requests.", hint="Wait a while.", retry_after=waits.total_seconds())
        try:
            user = Users(work).find_by_email(EmailAddress.parse(account))
        except InvalidInput:
            user = None
        if user is None or user.disabled_at is not None:
            return
        Audit(work).record_of_user("ask_password_reset", user.user_id)
    logger.warning(
        "the person %s forgot their password: `leadhouse organizations reset-link` makes a link for them", user.user_id
    )


def token_by_administrator(store: Store, principal: Principal, user_id: str) -> str:
    """For a member who works nowhere else: whoever makes the link could use it themselves, and must gain nothing by it.

    Raises NotFound, and NotAllowed for somebody with a seat elsewhere or above the asker's own.
    """
    here = principal.scope.organization_id
    with store.write(LOGIN, principal.actor) as work:
        Memberships(work).held(user_id, here)
        family = {found.organization_id for found in Organizations(work).with_clients(here)}
        for seat in Memberships(work).every_of(user_id):
            if seat.organization_id not in family:
                raise NotAllowed(
                    "this person works in other organizations too", hint="They ask for a link on the login page."
                )
            if not may_give(principal.role, Role(seat.role)):
                raise NotAllowed("this person's role is above your own", hint="Ask an owner.")
        Audit(work).record("make_reset_link", "user", user_id, organization_id=here)
        return token_for(work, Users(work).get(user_id))


def person_of(store: Store, token: str) -> User:
    """Whose password the link sets. Raises ResetEnded."""
    with store.read(LOGIN) as work:
        return user_of(work, token)


def set_password(store: Store, token: str, password: str) -> None:
    """The new password; every session of the person ends. Raises ResetEnded, and InvalidInput for a poor password."""
    person_of(store, token)  # before the dear hash
    password_hash = hash_password(password)
    with store.write(LOGIN, Actor("user")) as work:
        user = user_of(work, token, held=True)
        Users(work).set_password(user.user_id, password_hash)
        LoginSessions(work).revoke_all(user.user_id)
        Audit(work).record_of_user("reset_password", user.user_id)
