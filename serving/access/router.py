"""Login and logout, for programs (JSON) and for people (pages)."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from domain.errors import LeadhouseError
from domain.permissions import Permission
from domain.tenancy import Actor
from serving.access import cookies, pages
from serving.access.login import Login
from serving.access.permissions import may
from serving.access.principals import LOGIN, ForgedRequest, Principal, by_session
from serving.access.schemas import LoginIn, MemberOut, MeOut
from serving.deps import AddressDep, PrincipalDep, SettingsDep, StoreDep
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.login_sessions import LoginSessions
from storage.ops.repositories.members import members_of
from storage.ops.store import Store

ROLES = frozenset({"api", "ui"})
router = APIRouter(tags=["access"])


@router.post("/v1/session", status_code=201)
async def create_session(
    *, body: LoginIn, request: Request, response: Response, store: StoreDep, settings: SettingsDep, address: AddressDep
) -> MeOut:
    """Signs a person in: sets the cookie and answers who they are. 401 `wrong_password`, 429 after too many tries."""
    _refuse_other_sites(request)
    done = await _login(request).sign_in(
        body.email, body.password, address=address, user_agent=request.headers.get("user-agent", "")
    )
    cookies.set_session(response, done.token, settings)
    return MeOut.of(await run_in_threadpool(by_session, store, done.token))


@router.delete("/v1/session", status_code=204)
def delete_session(principal: PrincipalDep, response: Response, store: StoreDep, settings: SettingsDep) -> None:
    """Signs out: the session ends on the server, whoever holds its token."""
    if principal.session_token:
        _end(store, principal.session_token)
    cookies.clear_session(response, settings)


@router.get("/v1/me")
def read_me(principal: PrincipalDep) -> MeOut:
    """Who is asking, with their organizations."""
    return MeOut.of(principal)


@router.get("/v1/members")
def list_members(principal: Annotated[Principal, may(Permission.MEMBERS_READ)], store: StoreDep) -> list[MemberOut]:
    """Who works in the organization: its own members, and those of its agency."""
    found = members_of(store, principal.scope.organization_id)
    return [MemberOut.model_validate(member, from_attributes=True) for member in found]


@router.get("/login", include_in_schema=False)
def read_login_page(next: str = pages.HOME) -> Response:  # noqa: A002  the name in the address
    return pages.page("login.html", next=pages.safe_next(next), email="", problem="")


@router.post("/login", include_in_schema=False)
async def submit_login_page(
    *,
    request: Request,
    settings: SettingsDep,
    address: AddressDep,
    email: Annotated[str, Form(max_length=320)] = "",
    password: Annotated[str, Form(max_length=1024)] = "",
    next: Annotated[str, Form(max_length=2000)] = pages.HOME,  # noqa: A002  the name in the form
) -> Response:
    target = pages.safe_next(next)
    try:
        _refuse_other_sites(request)
        done = await _login(request).sign_in(
            email, password, address=address, user_agent=request.headers.get("user-agent", "")
        )
    except LeadhouseError as error:
        said = error.message + (f" {error.hint}" if error.hint and error.status == 429 else "")
        return pages.page("login.html", error.status, next=target, email=email, problem=said)
    response = RedirectResponse(target, 303)
    cookies.set_session(response, done.token, settings)
    return response


@router.get("/logout", include_in_schema=False)
def read_logout_page(request: Request, store: StoreDep, settings: SettingsDep) -> Response:
    """A link on a page of ours signs out at once; from elsewhere it asks first."""
    if request.headers.get("sec-fetch-site") == "same-origin":
        return _signed_out(request, store, settings)
    return pages.page("logout.html")


@router.post("/logout", include_in_schema=False)
def submit_logout_page(request: Request, store: StoreDep, settings: SettingsDep) -> Response:
    _refuse_other_sites(request)
    return _signed_out(request, store, settings)


def _signed_out(request: Request, store: Store, settings: SettingsDep) -> Response:
    token = cookies.read_session(request.scope["headers"])
    if token:
        _end(store, token)
    response = RedirectResponse("/login", 303)
    cookies.clear_session(response, settings)
    return response


def _end(store: Store, token: str) -> None:
    with store.write(LOGIN, Actor("user")) as work:
        live = LoginSessions(work).find_live(token)
        if LoginSessions(work).revoke(token) and live is not None:
            Audit(work).record_of_user("sign_out", live[1].user_id)


def _login(request: Request) -> Login:
    """One for each app: its threads and counters are shared by all requests."""
    state = request.app.state
    if not hasattr(state, "login"):
        state.login = Login(state.store, state.settings)
    found: Login = state.login
    return found


def _refuse_other_sites(request: Request) -> None:
    """A form on another site must not sign a visitor in or out. A program sends no Origin and passes."""
    origin = request.headers.get("origin")
    if origin is not None and not cookies.is_same_origin(origin, request.headers.get("host")):
        raise ForgedRequest(hint="Open the login page itself.")
