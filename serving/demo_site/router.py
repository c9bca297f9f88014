"""`GET /demo-site/…`: a small agency's website, for trying the pixel and the form; 404 where there is no demo."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from domain.errors import NotFound
from serving.demo_site.pages import CASES, PAGES
from serving.demo_site.service import find_demo_site
from serving.deps import ClockDep, StoreDep
from serving.forms.pages import form_markup

router = APIRouter(prefix="/demo-site", include_in_schema=False)
ROLES = frozenset({"capture", "api"})

HERE = Path(__file__).parent
FILES = {
    "site.css": HERE / "files" / "site.css",
    "mark.svg": HERE / "files" / "mark.svg",
    "site.js": HERE / "files" / "site.js",
    "rate-card.csv": HERE / "files" / "rate-card.csv",
    "inter.woff2": HERE.parent / "static" / "build" / "inter-latin-wght-normal.woff2",
}
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


@router.get("")
def redirect_to_site() -> Response:
    return RedirectResponse("/demo-site/", 308)


@router.get("/files/{name}")
def read_site_file(name: str, store: StoreDep) -> Response:
    find_demo_site(store)
    path = FILES.get(name)
    if path is None or not path.is_file():
        raise NotFound
    return FileResponse(path, headers={"Cache-Control": "public, max-age=300"})


@router.get("/{path:path}")
def show_page(path: str, store: StoreDep, clock: ClockDep) -> Response:
    site = find_demo_site(store)
    page = PAGES.get("/" + path.strip("/"))
    if page is None:
        raise NotFound
    body = (
        _environment()
        .get_template(page.template)
        .render(
            page=page,
            pages=PAGES,
            cases=CASES,
            key=site.write_key,
            form_id=site.form.form_id,
            plain_form=form_markup(site.form, now=clock()),
        )
    )
    return HTMLResponse(body, headers={"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"})


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(HERE / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
