"""/v1/sessions and /v1/me/…: everybody's own, and nobody else's. Keys have none of these: 403."""

from __future__ import annotations

from fastapi import APIRouter, Request

from domain.errors import NotFound
from domain.one_time_codes import address_of, shown
from domain.user_agents import browser_name
from serving.access.login import Browser, login_of
from serving.access.principals import LOGIN
from serving.account.schemas import (
    CodeIn,
    EndedOut,
    PasswordChangeIn,
    PasswordIn,
    RecoveryCodesOut,
    SecondFactorBegunOut,
    SecondFactorOut,
    SessionOut,
)
from serving.deps import AddressDep, PrincipalDep, StoreDep
from storage.ops.passwords import hash_password
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.login_sessions import LoginSessions, hashed
from storage.ops.repositories.second_factors import SecondFactors
from storage.ops.repositories.users import Users

router = APIRouter(prefix="/v1", tags=["account"])
ROLES = frozenset({"api", "ui"})


@router.get("/sessions")
def list_sessions(principal: PrincipalDep, store: StoreDep) -> list[SessionOut]:
    """Where one is signed in, last used first."""
    here = hashed(principal.session_token or "")
    with store.read(LOGIN) as work:
        found = LoginSessions(work).of_user(principal.person, principal.through_organization_id)
    return [
        SessionOut(
            session_id=each.session_id,
            browser=browser_name(each.user_agent),
            network=each.network,
            created_at=each.created_at,
            last_seen_at=each.last_seen_at,
            expires_at=each.expires_at,
            is_current=each.token_hash == here,
        )
        for each in found
    ]


@router.delete("/sessions")
def end_other_sessions(principal: PrincipalDep, store: StoreDep) -> EndedOut:
    """Signs one out everywhere but here."""
    person = principal.person
    with store.write(LOGIN, principal.actor) as work:
        ended = LoginSessions(work).revoke_others(
            person, principal.session_token or "", principal.through_organization_id
        )
        if ended:
            Audit(work).record_of_user("sign_out_elsewhere", person)
    return EndedOut(ended=ended)


@router.delete("/sessions/{session_id}", status_code=204)
def end_session(session_id: str, principal: PrincipalDep, store: StoreDep) -> None:
    """Ends one of one's own sessions: its token opens nothing from the next request on."""
    person = principal.person
    with store.write(LOGIN, principal.actor) as work:
        if not LoginSessions(work).revoke_one(person, session_id, principal.through_organization_id):
            raise NotFound
        Audit(work).record_of_user("sign_out", person)


@router.put("/me/password", status_code=204)
async def change_password(
    body: PasswordChangeIn, principal: PrincipalDep, store: StoreDep, request: Request, address: AddressDep
) -> None:
    """A new password; every other session ends. 403 `password_not_confirmed` where the current one is wrong."""
    person = principal.person
    login = login_of(request)
    await login.confirm_password(person, body.current_password, Browser(address))

    def change() -> None:
        password_hash = hash_password(body.new_password)
        with store.write(LOGIN, principal.actor) as work:
            Users(work).set_password(person, password_hash)
            LoginSessions(work).revoke_others(person, principal.session_token or "")
            Audit(work).record_of_user("change_password", person)

    await login.in_turn(change)


@router.get("/me/second-factor")
def read_second_factor(principal: PrincipalDep, store: StoreDep) -> SecondFactorOut:
    """Whether codes of an authenticator are asked for."""
    with store.read(LOGIN) as work:
        return SecondFactorOut.model_validate(SecondFactors(work).state(principal.person), from_attributes=True)


@router.post("/me/second-factor")
async def begin_second_factor(
    body: PasswordIn, principal: PrincipalDep, store: StoreDep, request: Request, address: AddressDep
) -> SecondFactorBegunOut:
    """A fresh secret for an authenticator. Nothing is asked for before `confirm`. 409 where it is on."""
    person = principal.person
    login = login_of(request)
    await login.confirm_password(person, body.password, Browser(address))

    def begin() -> SecondFactorBegunOut:
        with store.write(LOGIN, principal.actor) as work:
            secret = SecondFactors(work).begin(person)
        return SecondFactorBegunOut(secret=shown(secret), address=address_of(secret, principal.email))

    return await login.in_turn(begin)


@router.post("/me/second-factor/confirm")
async def confirm_second_factor(body: CodeIn, principal: PrincipalDep, request: Request) -> RecoveryCodesOut:
    """Turns it on with a first code; answers recovery codes, this once. 422 `code_not_confirmed`."""
    codes = await login_of(request).confirm_code(principal.person, body.code)
    return RecoveryCodesOut(recovery_codes=codes)


@router.post("/me/second-factor/recovery-codes")
async def renew_recovery_codes(
    body: PasswordIn, principal: PrincipalDep, store: StoreDep, request: Request, address: AddressDep
) -> RecoveryCodesOut:
    """Ten new ones; the former ones end. 404 where no second factor is on."""
    person = principal.person
    login = login_of(request)
    await login.confirm_password(person, body.password, Browser(address))

    def renew() -> RecoveryCodesOut:
        with store.write(LOGIN, principal.actor) as work:
            if not SecondFactors(work).state(person).is_on:
                raise NotFound("there is no second factor")
            Audit(work).record_of_user("renew_recovery_codes", person)
            return RecoveryCodesOut(recovery_codes=SecondFactors(work).renew_recovery_codes(person))

    return await login.in_turn(renew)


@router.post("/me/second-factor/remove", status_code=204)
async def remove_second_factor(
    body: PasswordIn, principal: PrincipalDep, store: StoreDep, request: Request, address: AddressDep
) -> None:
    """Turns it off; the password alone signs in again."""
    person = principal.person
    login = login_of(request)
    await login.confirm_password(person, body.password, Browser(address))

    def remove() -> None:
        with store.write(LOGIN, principal.actor) as work:
            if SecondFactors(work).remove(person):
                Audit(work).record_of_user("second_factor_off", person)

    await login.in_turn(remove)
