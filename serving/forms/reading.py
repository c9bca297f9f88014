"""The body of a submission, however it came: JSON from a script, or what a browser sends for a plain form."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError
from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from domain.errors import InvalidInput, TooLarge
from domain.events import ConsentLevel
from domain.forms import MAX_FIELDS
from domain.ids import content_id
from serving.bodies import read_up_to
from serving.forms.schemas import SubmissionIn

MOST_BYTES = 256 * 1024
OWN = "lh_"
"""How our own inputs in a plain form begin."""


@dataclass(frozen=True, slots=True)
class Body:
    """What was sent, and whether a browser without script sent it (and now wants a page to look at)."""

    submission: SubmissionIn
    is_page: bool


async def read_body(request: Request, form_id: str) -> Body:
    """Raises TooLarge, InvalidInput and RequestValidationError."""
    raw = await _read_limited(request)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/x-www-form-urlencoded":
        pairs = parse_qsl(raw.decode(errors="replace"), keep_blank_values=True, max_num_fields=4 * MAX_FIELDS)
        return Body(_from_plain(dict(pairs), form_id), _wants_page(request))
    if kind == "multipart/form-data":
        return Body(_from_plain(await _read_parts(request, raw), form_id), _wants_page(request))
    try:
        return Body(SubmissionIn.model_validate_json(raw), is_page=False)
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error


async def _read_limited(request: Request) -> bytes:
    body = await read_up_to(request, MOST_BYTES)
    if body is None:
        raise TooLarge(f"A submission may have at most {MOST_BYTES // 1024} kB.")
    return body


async def _read_parts(request: Request, raw: bytes) -> dict[str, str]:
    async def once() -> AsyncGenerator[bytes, None]:
        yield raw

    try:
        form = await MultiPartParser(request.headers, once(), max_fields=4 * MAX_FIELDS).parse()
    except (MultiPartException, KeyError) as error:
        raise InvalidInput("This multipart body cannot be read.") from error
    if any(isinstance(value, UploadFile) and value.size for value in form.values()):
        raise InvalidInput("Files are not taken here.", hint="Ask for a link to the file instead.")
    return {name: value for name, value in form.items() if isinstance(value, str)}


def _from_plain(pairs: dict[str, str], form_id: str) -> SubmissionIn:
    """Our own inputs by their names; everything else is an answer. Without an id, the same content is the same
    submission, so that a double click without script is stored once."""
    own = {name.removeprefix(OWN): value for name, value in pairs.items() if name.startswith(OWN)}
    answers: dict[str, Any] = {name: value for name, value in pairs.items() if not name.startswith(OWN)}
    written = [f"{name}={value}" for name, value in sorted(answers.items())]
    try:
        return SubmissionIn(
            submission_id=own.get("submission_id") or content_id(form_id, own.get("token", ""), *written),
            answers=answers,
            token=own.get("token", ""),
            honeypot=own.get("website", ""),
            consent_given=own.get("consent", "") not in {"", "off", "no", "false", "0"},
            consent_version=own.get("consent_version", ""),
            anonymous_id=own.get("anonymous_id") or None,
            consent=ConsentLevel(own.get("level", "full")),
            page_url=own.get("page_url", ""),
        )
    except ValidationError as error:
        raise RequestValidationError(error.errors()) from error
    except ValueError as error:
        raise InvalidInput("there is no such level of consent") from error


def _wants_page(request: Request) -> bool:
    return "application/json" not in request.headers.get("accept", "")
