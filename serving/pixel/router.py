"""`GET /lh.js` and `GET /lh-form.js`: the scripts that customers' pages load, pressed ahead of time, cached and tagged."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from fastapi import APIRouter, Request, Response

from domain.errors import NotConfigured

router = APIRouter(tags=["pixel"])
ROLES = frozenset({"capture", "api"})

BUILD = Path(__file__).resolve().parents[1] / "static" / "build"
ENCODINGS = {"br": ".br", "gzip": ".gz"}
"""What a browser may accept, best first, and the file that holds it."""
CACHE = "public, max-age=3600, stale-while-revalidate=86400"
"""An hour: a new version reaches every page within it, and a page never waits for one."""


@dataclass(frozen=True, slots=True)
class Script:
    """One built script in every encoding, with the tag that changes when it does."""

    bodies: dict[str, bytes]
    tag: str


@router.get("/lh.js", include_in_schema=False)
def read_pixel(request: Request) -> Response:
    return _script_answer("lh.js", request)


@router.get("/lh-form.js", include_in_schema=False)
def read_form_script(request: Request) -> Response:
    return _script_answer("lh-form.js", request)


def _script_answer(name: str, request: Request) -> Response:
    path = BUILD / name
    if not path.is_file():
        raise NotConfigured(f"{name} is not built.", hint="Run `make assets`, which needs no restart after it.")
    script = _load(path, path.stat().st_mtime_ns)
    accepted = request.headers.get("accept-encoding", "")
    encoding = next((name for name in ENCODINGS if name in accepted and name in script.bodies), "")
    headers = {
        "Cache-Control": CACHE,
        "ETag": f'"{script.tag}{encoding and "-" + encoding}"',
        "Vary": "Accept-Encoding",
        "Access-Control-Allow-Origin": "*",
        "Cross-Origin-Resource-Policy": "cross-origin",
    }
    if headers["ETag"] in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    if encoding:
        headers["Content-Encoding"] = encoding
    return Response(script.bodies[encoding], headers=headers, media_type="text/javascript; charset=utf-8")


@lru_cache(maxsize=8)
def _load(path: Path, _changed_at: int) -> Script:
    bodies = {"": path.read_bytes()}
    for encoding, suffix in ENCODINGS.items():
        pressed = path.with_name(path.name + suffix)
        if pressed.is_file():
            bodies[encoding] = pressed.read_bytes()
    return Script(bodies, hashlib.sha256(bodies[""]).hexdigest()[:16])
