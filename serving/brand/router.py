"""/v1/brand, and the logo as anybody may see it: it stands on the login page."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Response, UploadFile

from domain.brands import Colour, host_of
from domain.errors import InvalidInput, NotFound
from domain.permissions import Permission
from domain.settings import Settings
from domain.tenancy import SystemScope
from serving import etags
from serving.access.permissions import may
from serving.access.principals import Principal
from serving.brand.logos import MOST_BYTES, drawn
from serving.brand.looks import look_of
from serving.brand.schemas import BrandIn, BrandOut, LookOut
from serving.deps import PrincipalDep, SettingsDep, StoreDep
from serving.lists import IfMatch
from storage.ops.repositories.brands import Brands
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store, Work

router = APIRouter(tags=["brand"])
ROLES = frozenset({"api", "ui"})
Keeper = Annotated[Principal, may(Permission.SETTINGS_WRITE)]
Reader = Annotated[Principal, may(Permission.SETTINGS_READ)]
PUBLIC = SystemScope("a logo is shown to everybody")


@router.get("/v1/look")
def read_look(principal: PrincipalDep, store: StoreDep) -> LookOut:
    """How the chosen organization looks to its people."""
    return LookOut.of(look_of(store, principal.scope.organization_id))


@router.get("/v1/brand")
def read_brand(principal: Reader, store: StoreDep, settings: SettingsDep, response: Response) -> BrandOut:
    """What was chosen for the organization."""
    return _shown(store, settings, principal, response)


@router.put("/v1/brand")
def set_brand(
    *, body: BrandIn, principal: Keeper, store: StoreDep, settings: SettingsDep, response: Response,
    if_match: IfMatch = None,
) -> BrandOut:  # fmt: skip
    """Name, colours and host; the logo is set by itself. Colours that cannot be read are shown in a shade that can."""
    primary = Colour.parse(body.primary_colour) if body.primary_colour else None
    accent = Colour.parse(body.accent_colour) if body.accent_colour else None
    host = host_of(body.host) if body.host else None
    if host is not None and host == urlsplit(settings.public_url).hostname:
        raise InvalidInput("this host is the installation's own", hint="Name one that is yours alone.")
    with store.write(principal.scope, principal.actor) as work:
        brands = Brands(work)
        etags.check(if_match, _changed_at(work))
        brands.change(name=body.name.strip(), primary=primary, accent=accent, host=host)
    return _shown(store, settings, principal, response)


@router.put("/v1/brand/logo")
def set_logo(
    file: UploadFile, principal: Keeper, store: StoreDep, settings: SettingsDep, response: Response
) -> BrandOut:
    """A PNG or JPEG of at most 512 KB. It is drawn anew; nothing else of the file is kept."""
    logo = drawn(file.file.read(MOST_BYTES + 1))
    with store.write(principal.scope, principal.actor) as work:
        Brands(work).set_logo(logo)
    return _shown(store, settings, principal, response)


@router.delete("/v1/brand/logo")
def remove_logo(principal: Keeper, store: StoreDep, settings: SettingsDep, response: Response) -> BrandOut:
    """The name stands alone again."""
    with store.write(principal.scope, principal.actor) as work:
        Brands(work).set_logo(None)
    return _shown(store, settings, principal, response)


@router.get("/brand/{slug}/{logo_hash}.png", include_in_schema=False)
def read_logo(slug: str, logo_hash: str, store: StoreDep) -> Response:
    """The picture; its address changes with it, so that it may be kept for ever."""
    with store.read(PUBLIC) as work:
        logo = Brands(work).logo_of(slug, logo_hash)
    if logo is None:
        raise NotFound
    return Response(logo, media_type="image/png", headers={"Cache-Control": "public, max-age=31536000, immutable"})


def _shown(store: Store, settings: Settings, principal: Principal, response: Response) -> BrandOut:
    with store.read(principal.scope) as work:
        return etags.tagged(response, _out(work, settings, LookOut.of(look_of(store, principal.scope.organization_id))))


def _out(work: Work, settings: Settings, look: LookOut) -> BrandOut:
    organization = Organizations(work).get(Brands(work).target())
    brand = Brands(work).find_own()
    address = (
        f"https://{brand.host}/login"
        if brand and brand.host
        else f"{settings.public_url}/login?org={organization.slug}"
    )
    return BrandOut(
        name=brand.name if brand else "",
        primary_colour=brand.primary_colour if brand else None,
        accent_colour=brand.accent_colour if brand else None,
        host=brand.host if brand else None,
        has_logo=brand is not None and brand.logo is not None,
        look=look,
        login_url=address,
        etag=etags.etag_of(_changed_at(work)),
    )


def _changed_at(work: Work) -> datetime:
    """When the brand was last changed; before there is one, when the organization was made."""
    brand = Brands(work).find_own()
    return brand.updated_at if brand else Organizations(work).get(Brands(work).target()).created_at
