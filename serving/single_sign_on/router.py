"""/v1/single-sign-on for owners, and the pages between the login page and an organization's provider."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse

from domain.errors import LeadhouseError, NotFound
from domain.permissions import Permission
from domain.settings import Settings
from domain.single_sign_on import SignOnRefused
from serving.access import cookies, pages
from serving.access.login import Browser, SecondFactorNeeded, login_of
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.deps import AddressDep, SettingsDep, StoreDep
from serving.single_sign_on import service
from serving.single_sign_on.outbound import Outbound
from serving.single_sign_on.provider import Providers
from serving.single_sign_on.schemas import ProviderIn, ProviderOut, ProviderStateOut
from storage.ops.repositories.brands import Look
from storage.ops.repositories.identity_providers import IdentityProviders
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Work
from storage.ops.tables import IdentityProvider

router = APIRouter(tags=["single sign-on"])
ROLES = frozenset({"api", "ui"})
Keeper = Annotated[Principal, may(Permission.SIGN_ON_WRITE)]
KEPT = "lh_sign_on"
"""The cookie between leaving and coming back."""
PATH = "/login/sso"


def _outbound(request: Request, settings: SettingsDep) -> Outbound:
    state: Any = request.app.state
    if not hasattr(state, "outbound"):
        state.outbound = Outbound(settings.web.local_providers)
    found: Outbound = state.outbound
    return found


def _providers(request: Request, outbound: Annotated[Outbound, Depends(_outbound)], store: StoreDep) -> Providers:
    state: Any = request.app.state
    if not hasattr(state, "providers"):
        state.providers = Providers(outbound, store.clock)
    found: Providers = state.providers
    return found


OutboundDep = Annotated[Outbound, Depends(_outbound)]
ProvidersDep = Annotated[Providers, Depends(_providers)]


@router.get("/v1/single-sign-on")
def read_provider(principal: Keeper, store: StoreDep, settings: SettingsDep) -> ProviderStateOut:
    """The organization's provider, and the addresses to register there."""
    with store.read(principal.scope) as work:
        found = IdentityProviders(work).of_organization()
        slug = Organizations(work).get(principal.scope.organization_id).slug
        shown = _shown(work, settings, found) if found else None
    return ProviderStateOut(
        provider=shown, redirect_uri=_redirect_uri(settings, slug), sign_out_uri=f"{settings.public_url}/login"
    )


@router.put("/v1/single-sign-on")
def set_provider(
    body: ProviderIn, principal: Keeper, store: StoreDep, settings: SettingsDep, outbound: OutboundDep
) -> ProviderOut:
    """Sets it, once its discovery document was read. Owners only: who sets it decides who signs in."""
    made = service.put_provider(store, outbound, principal, body)
    with store.read(principal.scope) as work:
        return _shown(work, settings, made)


@router.delete("/v1/single-sign-on", status_code=204)
def remove_provider(principal: Keeper, store: StoreDep) -> None:
    """Nobody signs in through it any more; sessions that it opened go on until they end."""
    service.remove_provider(store, principal)


@router.get(PATH, include_in_schema=False)
def find_sign_on(
    request: Request,
    store: StoreDep,
    organization: str = "",
    next: str = pages.HOME,  # noqa: A002  the name in the address
) -> Response:
    """From a short name that was typed to that organization's own address."""
    slug = re.sub(r"[^a-z0-9-]", "", organization.strip().casefold())
    if not slug:
        look = pages.look_for(request, store)
        return pages.page("sso.html", look=look, next=pages.safe_next(next), organization="", problem="")
    return RedirectResponse(_address(slug, pages.safe_next(next)), 303)


@router.get(PATH + "/{slug}", include_in_schema=False)
async def leave_for_provider(
    *,
    slug: str,
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    providers: ProvidersDep,
    address: AddressDep,
    next: str = pages.HOME,  # noqa: A002  the name in the address
) -> Response:
    """To the provider, with what proves the answer in a cookie that only this path gets back."""
    target = pages.safe_next(next)
    look = await run_in_threadpool(pages.look_for, request, store, slug)
    try:
        at = await run_in_threadpool(service.door, store, slug)
        url, kept = await run_in_threadpool(
            lambda: service.begin(
                store, providers, at, redirect_uri=_redirect_uri(settings, slug), target=target, address=address
            )
        )
    except NotFound as error:
        return pages.page("sso.html", 404, look=look, next=target, organization=slug, problem=error.message)
    except LeadhouseError as error:
        return _refused(error, target, look)
    response = RedirectResponse(url, 303)
    response.headers["Cache-Control"] = "no-store"
    response.set_cookie(
        KEPT, kept, max_age=int(service.LASTS.total_seconds()), path=f"{PATH}/{slug}", httponly=True, samesite="lax",
        secure=settings.web.secure_cookies,
    )  # fmt: skip
    return response


@router.get(PATH + "/{slug}/callback", include_in_schema=False)
async def return_from_provider(
    *,
    slug: str,
    request: Request,
    store: StoreDep,
    settings: SettingsDep,
    providers: ProvidersDep,
    address: AddressDep,
    state: str = "",
    code: str = "",
    error: str = "",
    iss: str | None = None,
) -> Response:
    """Back from the provider: the answer is looked at once, and the person is in, or told why not."""
    browser = Browser(address, request.headers.get("user-agent", ""))
    look = await run_in_threadpool(pages.look_for, request, store, slug)
    try:
        at = await run_in_threadpool(service.door, store, slug)
        begun = await run_in_threadpool(service.come_back, store, at, request.cookies.get(KEPT), state)
        if error or not code:
            raise SignOnRefused("The provider did not sign you in.", hint="Try again, or ask who runs it.")
        assertion = await run_in_threadpool(
            lambda: providers.assertion(
                at.client,
                code=code,
                redirect_uri=_redirect_uri(settings, slug),
                verifier=begun.verifier,
                nonce=begun.nonce,
                issuer=iss,
            )
        )
        user = await run_in_threadpool(service.person_of, store, at, assertion)
        done = await login_of(request).sign_in_through(
            user.user_id, at.organization.organization_id, browser, has_second_factor=assertion.has_second_factor
        )
    except SecondFactorNeeded as asked:
        page = pages.page("code.html", look=look, next=begun.next, step=asked.step, problem="", org=slug)
        return _forgetting(page, slug)
    except LeadhouseError as problem:
        return _forgetting(_refused(problem, pages.HOME, look), slug)
    response = RedirectResponse(begun.next, 303)
    cookies.set_session(response, done.token, settings)
    return _forgetting(response, slug)


@router.get("/login/sso-out/{slug}", include_in_schema=False)
def sign_out_at_provider(slug: str, store: StoreDep, settings: SettingsDep, providers: ProvidersDep) -> Response:
    """After the session here has ended: on to the provider's own way out, where it has one."""
    back_to = f"{settings.public_url}/login"
    try:
        url = providers.end_session_url(service.door(store, slug).client, back_to)
    except LeadhouseError:  # a provider that is away keeps nobody here
        url = None
    return RedirectResponse(url or "/login", 303)


def _refused(error: LeadhouseError, target: str, look: Look) -> Response:
    said = f"{error.message} {error.hint or ''}".strip()
    return pages.page("sso.html", error.status, look=look, next=target, organization="", problem=said)


def _forgetting(response: Response, slug: str) -> Response:
    response.delete_cookie(KEPT, path=f"{PATH}/{slug}", httponly=True, samesite="lax")
    return response


def _address(slug: str, target: str) -> str:
    return f"{PATH}/{slug}?next={quote(target, safe='/')}"


def _redirect_uri(settings: Settings, slug: str) -> str:
    return f"{settings.public_url}{PATH}/{slug}/callback"


def _shown(work: Work, settings: Settings, found: IdentityProvider) -> ProviderOut:
    slug = Organizations(work).get(found.organization_id).slug
    return ProviderOut(
        name=found.name,
        issuer=found.issuer,
        client_id=found.client_id,
        has_secret=found.sealed_secret is not None,
        domains=list(found.domains or []),
        default_role=found.default_role,
        is_enabled=found.is_enabled,
        redirect_uri=_redirect_uri(settings, slug),
        sign_out_uri=f"{settings.public_url}/login",
        sign_in_url=f"{settings.public_url}{PATH}/{slug}",
        updated_at=found.updated_at,
    )
