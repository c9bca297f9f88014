"""The description at /v1/openapi.json says what routes really answer: problems as `application/problem+json`, who may ask,
and the headers that every route understands."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from serving.deps import current_principal
from serving.errors import PROBLEM_JSON

PROBLEM = {
    "title": "Problem",
    "description": "RFC 9457. `code` is stable: docs/reference/errors.md lists them; `hint` says what to do next.",
    "type": "object",
    "required": ["type", "title", "status", "code", "detail"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string"},
        "detail": {"type": "string"},
        "hint": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
WORDS = {
    400: "The request cannot be read.",
    401: "Nobody, or a session or key that has ended.",
    403: "Known, but not permitted.",
    404: "Absent, or another organization's.",
    409: "The state changed underneath, or the thing exists already.",
    412: "Somebody changed it since it was read (If-Match).",
    413: "Larger than the limit.",
    422: "What was sent does not fit.",
    429: "Too many requests; see Retry-After.",
    502: "An outside service refused.",
    503: "Busy; try again shortly.",
}
RETRY = {"Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}}
ORGANIZATION = {
    "name": "X-LH-Organization",
    "in": "header",
    "required": False,
    "description": "Id of the organization to work in; else the first of one's own.",
    "schema": {"type": "string"},
}
IDEMPOTENCY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key and request within 24 hours is carried out once and answered as before.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255},
}
WAYS_IN = {
    "key": {"type": "http", "scheme": "bearer", "description": "A secret key, or the token of a session."},
    "cookie": {
        "type": "apiKey", "in": "cookie", "name": "lh_session",
        "description": "The browser's session; unsafe requests carry X-CSRF-Token of GET /v1/me.",
    },
}  # fmt: skip


def install(app: FastAPI) -> None:
    """Replaces FastAPI's own description, which knows no problem documents."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = describe(app)
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]


def describe(app: FastAPI) -> dict[str, Any]:
    found = get_openapi(title=app.title, version=app.version, routes=app.routes)
    routes = {route.operation_id or route.name: route for route in _routes(app.router)}
    schemas = found.setdefault("components", {}).setdefault("schemas", {})
    schemas.pop("HTTPValidationError", None)
    schemas.pop("ValidationError", None)
    schemas["Problem"] = PROBLEM
    found["components"]["securitySchemes"] = WAYS_IN
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            _complete(path, method.upper(), operation, routes[operation["operationId"]])
    return found


def _complete(path: str, method: str, operation: dict[str, Any], route: APIRoute) -> None:
    is_closed, is_unsafe = _needs_principal(route.dependant), method not in {"GET", "HEAD"}
    responses = operation["responses"]
    statuses = _statuses(operation, is_unsafe=is_unsafe) if path.startswith("/v1/") else set()
    for status in sorted(statuses):
        responses[str(status)] = {
            "description": WORDS[status],
            "content": {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}},
            **({"headers": RETRY} if status in {429, 503} else {}),
        }
    if is_closed:
        operation["security"] = [{"key": []}, {"cookie": []}]
        more = [ORGANIZATION, *([IDEMPOTENCY] if is_unsafe else [])]
        operation["parameters"] = [*operation.get("parameters", []), *more]


def _statuses(operation: dict[str, Any], *, is_unsafe: bool) -> set[int]:
    headers = {each["name"].lower() for each in operation.get("parameters", []) if each["in"] == "header"}
    found = {401, 403, 404, 429, 503}
    if "422" in operation["responses"] or is_unsafe:
        found |= {422}
    if is_unsafe:
        found |= {400, 409, 413, 502}
    if "if-match" in headers:
        found |= {412}
    return found


def _needs_principal(dependant: Dependant) -> bool:
    return any(each.call is current_principal or _needs_principal(each) for each in dependant.dependencies)


def _routes(router: APIRouter) -> Iterator[APIRoute]:
    for route in router.routes:
        inner = getattr(route, "original_router", None)
        if inner is not None:
            yield from _routes(inner)
        elif isinstance(route, APIRoute):
            yield route
