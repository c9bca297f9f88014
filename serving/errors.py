"""Errors become answers: `application/problem+json` (RFC 9457) with the code, what happened and what to do next."""

from __future__ import annotations

import logging
import math
from http import HTTPStatus
from typing import Any

import msgspec
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from sqlalchemy.exc import DataError
from starlette.exceptions import HTTPException
from starlette.responses import Response

from domain.errors import LeadhouseError

logger = logging.getLogger(__name__)

PROBLEM_JSON = "application/problem+json"


def problem_body(status: int, code: str, detail: str = "", hint: str | None = None, **more: Any) -> dict[str, Any]:
    """The members of a problem document; `type` is a relative reference into docs/reference/errors.md."""
    body: dict[str, Any] = {
        "type": f"/docs/reference/errors#{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if hint:
        body["hint"] = hint
    return body | more


def retry_headers(retry_after: float | None) -> dict[str, str]:
    """`Retry-After` in whole seconds, rounded up, where the error knows when trying again can help."""
    return {} if retry_after is None else {"Retry-After": str(max(1, math.ceil(retry_after)))}


def problem_of(error: LeadhouseError) -> Response:
    """The answer to one of our own errors. A 5xx that is nobody's fault but ours says nothing of the inside."""
    detail = error.message if error.status < 500 or error.retryable or error.code != "internal" else ""
    return _answer(
        error.status, problem_body(error.status, error.code, detail, error.hint), retry_headers(error.retry_after)
    )


def validation_problem(error: RequestValidationError) -> Response:
    """The answer to a request whose body or parameters do not fit, field by field."""
    problems = [
        {"field": ".".join(str(part) for part in found["loc"]), "message": found["msg"]} for found in error.errors()
    ]
    return _answer(422, problem_body(422, "invalid_input", "The request does not fit.", errors=problems))


def install(app: FastAPI) -> None:
    """Makes every error of the app a problem document, whoever raised it."""

    @app.exception_handler(LeadhouseError)
    async def _ours(_request: Request, error: LeadhouseError) -> Response:
        return problem_of(error)

    @app.exception_handler(RequestValidationError)
    async def _invalid(_request: Request, error: RequestValidationError) -> Response:
        return validation_problem(error)

    @app.exception_handler(DataError)
    async def _unfit(request: Request, error: DataError) -> Response:
        """A value that the database has no place for, as text with a NUL character on PostgreSQL."""
        logger.warning("%s %s: %s", request.method, request.url.path, type(error.orig).__name__)
        body = problem_body(422, "invalid_input", "A value cannot be kept as it is.", "Leave out control characters.")
        return _answer(422, body)

    @app.exception_handler(HTTPException)
    async def _http(_request: Request, error: HTTPException) -> Response:
        code = HTTPStatus(error.status_code).phrase.lower().replace(" ", "_")
        body = problem_body(error.status_code, code, str(error.detail))
        return _answer(error.status_code, body, dict(error.headers or {}))

    @app.exception_handler(Exception)
    async def _unforeseen(request: Request, error: Exception) -> Response:
        logger.error("%s %s failed", request.method, request.url.path, exc_info=error)
        return _answer(500, problem_body(500, "internal", hint="The log of the web process has the details."))


def _answer(status: int, body: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, PROBLEM_JSON)
