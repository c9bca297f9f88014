"""Login and logout, for programs (JSON) and for people (pages)."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from domain.errors import LeadhouseError
from domain.tenancy import Actor
from serving.access import cookies, pages, resets
from serving.access.login import Browser, SecondFactorNeeded, WrongCode, login_of
from serving.access.principals import LOGIN, Principal, by_session, refuse_other_sites
from serving.access.schemas import LoginIn, MeOut
from serving.deps import AddressDep, PrincipalDep, SettingsDep, StoreDep
from serving.stage_names.service import names_of
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.identity_providers import IdentityProviders
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.organizations import Organizations
from storage.ops.reset_tokens import ResetEnded
from storage.ops.store import Store

ROLES = frozenset({"api", "ui"})
router = APIRouter(tags=["access"])


@router.post("/v1/session", status_code=201)
async def create_session(
    *, body: LoginIn, request: Request, response: Response, store: StoreDep, settings: SettingsDep, address: AddressDep
) -> MeOut:
    """Signs a person in: sets the cookie and answers who they are. 401 `wrong_password`; 401 `second_factor_needed`
    where a `code` belongs to it, `wrong_code` where it is not the one; 429 after too many tries."""
    refuse_other_sites(request)
    done = await login_of(request).sign_in(body.email, body.password, _browser(request, address), code=body.code)
    cookies.set_session(response, done.token, settings)
    return await run_in_threadpool(lambda: _me(store, by_session(store, done.token)))


@router.delete("/v1/session", status_code=204)
def delete_session(principal: PrincipalDep, response: Response, store: StoreDep, settings: SettingsDep) -> None:
    """Signs out: the session ends on the server, whoever holds its token."""
    if principal.session_token:
        _end(store, principal.session_token)
    cookies.clear_session(response, settings)


@router.get("/v1/me")
def read_me(principal: PrincipalDep, store: StoreDep) -> MeOut:
    """Who is asking, with their organizations."""
    return _me(store, principal)


def _me(store: Store, principal: Principal) -> MeOut:
    with store.read(principal.scope) as work:
        return MeOut.of(principal, names_of(work))


@router.get("/login", include_in_schema=False)
def read_login_page(
    request: Request,
    store: StoreDep,
    org: str = "",
    next: str = pages.HOME,  # noqa: A002  the name in the address
) -> Response:
    """`org` is an organization's short name: its people see the way in through its own provider."""
    look = pages.look_for(request, store, org)
    ways = _ways_in(store, org or look.slug)
    return pages.page("login.html", look=look, **ways, next=pages.safe_next(next), email="", problem="")


@router.post("/login", include_in_schema=False)
async def submit_login_page(
    *,
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    address: AddressDep,
    email: Annotated[str, Form(max_length=320)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    step: Annotated[str, Form(max_length=2000)] = "",
    code: Annotated[str, Form(max_length=40)] = "",
    org: Annotated[str, Form(max_length=80)] = "",
    next: Annotated[str, Form(max_length=2000)] = pages.HOME,  # noqa: A002  the name in the form
) -> Response:
    target = pages.safe_next(next)
    look = await run_in_threadpool(pages.look_for, request, store, org)
    try:
        refuse_other_sites(request)
        browser = _browser(request, address)
        if step:
            done = await login_of(request).go_on(step, code, browser)
        else:
            done = await login_of(request).sign_in(email, password, browser)
    except SecondFactorNeeded as asked:
        return pages.page("code.html", look=look, next=target, step=asked.step, problem="", org=org)
    except WrongCode as error:
        return pages.page("code.html", error.status, look=look, next=target, step=step, problem=error.message, org=org)
    except LeadhouseError as error:
        said = error.message + (f" {error.hint}" if error.hint and error.status == 429 else "")
        ways = await run_in_threadpool(_ways_in, store, org or look.slug)
        return pages.page("login.html", error.status, look=look, **ways, next=target, email=email, problem=said)
    response = RedirectResponse(target, 303)
    cookies.set_session(response, done.token, settings)
    return response


@router.get("/logout", include_in_schema=False)
def read_logout_page(request: Request, store: StoreDep, settings: SettingsDep) -> Response:
    """A link on a page of ours signs out at once; from elsewhere it asks first."""
    if request.headers.get("sec-fetch-site") == "same-origin":
        return _signed_out(request, store, settings)
    return pages.page("logout.html", look=pages.look_for(request, store))


@router.post("/logout", include_in_schema=False)
def submit_logout_page(request: Request, store: StoreDep, settings: SettingsDep) -> Response:
    refuse_other_sites(request)
    return _signed_out(request, store, settings)


@router.get("/forgot", include_in_schema=False)
def read_forgot_page(request: Request, store: StoreDep) -> Response:
    return pages.page("forgot.html", look=pages.look_for(request, store), is_asked=False, problem="")


@router.post("/forgot", include_in_schema=False)
def submit_forgot_page(
    request: Request, store: StoreDep, address: AddressDep, email: Annotated[str, Form(max_length=320)] = ""
) -> Response:
    """The same answer whether there is such an account or not."""
    look = pages.look_for(request, store)
    try:
        refuse_other_sites(request)
        resets.ask(store, email, address)
    except LeadhouseError as error:
        return pages.page("forgot.html", error.status, look=look, is_asked=False, problem=error.message)
    return pages.page("forgot.html", look=look, is_asked=True, problem="")


@router.get("/reset/{token}", include_in_schema=False)
def read_reset_page(token: str, request: Request, store: StoreDep) -> Response:
    """Whose password it is. Nothing changes: mail scanners open links too."""
    return _reset_page(token, request, store)


@router.post("/reset/{token}", include_in_schema=False)
async def submit_reset_page(
    token: str, request: Request, store: StoreDep, password: Annotated[str, Form(max_length=1024)] = ""
) -> Response:
    try:
        refuse_other_sites(request)
        await login_of(request).in_turn(lambda: resets.set_password(store, token, password))
    except LeadhouseError as error:
        said, status = error.message, error.status
        return await run_in_threadpool(lambda: _reset_page(token, request, store, status=status, problem=said))
    return RedirectResponse("/login", 303)


def _reset_page(token: str, request: Request, store: Store, *, status: int = 200, problem: str = "") -> Response:
    look = pages.look_for(request, store)
    try:
        email = resets.person_of(store, token).email
    except ResetEnded as error:
        return pages.page("reset.html", error.status, look=look, token="", email="", problem=error.message)
    return pages.page("reset.html", status, look=look, token=token, email=email, problem=problem)


def _ways_in(store: Store, slug: str) -> dict[str, Any]:
    """The provider to offer: of the organization that was named, or the only one there is; else the way to name one."""
    with store.read(LOGIN) as work:
        providers = IdentityProviders(work)
        found = (providers.find_enabled(slug) if slug else None) or providers.find_only()
        has_others = found is None and providers.count_enabled() > 0
    offered = {"name": found[0].name, "slug": found[1].slug} if found else None
    return {"sign_on": offered, "has_other_sign_on": has_others, "org": slug}


def _signed_out(request: Request, store: Store, settings: SettingsDep) -> Response:
    token = cookies.read_session(request.scope["headers"])
    through = _end(store, token) if token else None
    response = RedirectResponse(f"/login/sso-out/{through}" if through else "/login", 303)
    cookies.clear_session(response, settings)
    return response


def _end(store: Store, token: str) -> str | None:
    """Ends a session; answers the short name of the organization whose provider opened it."""
    with store.write(LOGIN, Actor("user")) as work:
        live = LoginSessions(work).find_live(token)
        if live is None or not LoginSessions(work).revoke(token):
            return None
        through = live[0].through_organization_id
        if through is None:
            Audit(work).record_of_user("sign_out", live[1].user_id)
            return None
        Audit(work).record("sign_out", "user", live[1].user_id, organization_id=through)
        return Organizations(work).get(through).slug


def _browser(request: Request, address: str) -> Browser:
    return Browser(address, request.headers.get("user-agent", ""))
