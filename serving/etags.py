"""ETags against lost updates (RFC 9110 §13.1.1): a row's tag is when it last changed; `If-Match` must name it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol, TypeVar

from fastapi import Response

from domain.errors import LeadhouseError


class HasTag(Protocol):
    """An answer that says its own tag."""

    etag: str


Shown = TypeVar("Shown", bound=HasTag)


class PreconditionFailed(LeadhouseError):
    """Somebody changed this since you read it."""

    code, status = "precondition_failed", 412
    hint = "Read it again, and send your change with its new ETag in If-Match."


def etag_of(changed_at: datetime) -> str:
    """A strong tag, from the microsecond of the last change: writes of one row never share one."""
    return f'"{int(changed_at.timestamp() * 1_000_000):x}"'


def tag_of_version(version: int) -> str:
    """For what is written in numbered versions, whose row also changes without anybody writing."""
    return f'"{version}"'


def tagged(response: Response, shown: Shown) -> Shown:
    """Puts the tag of an answer into its headers; answers it, so that a route ends with it."""
    response.headers["ETag"] = shown.etag
    return shown


def check(if_match: str | None, changed_at: datetime) -> None:
    """Raises PreconditionFailed where `If-Match` names another state; without the header the last writer wins.

    Call it inside the unit of work that writes, on a row that it holds.
    """
    check_tag(if_match, etag_of(changed_at))


def check_tag(if_match: str | None, tag: str) -> None:
    """The same for what has a tag of another kind, such as the number of a version."""
    if if_match is None or if_match.strip() == "*":
        return
    sent = {part.strip() for part in if_match.split(",")}
    if tag not in sent:
        raise PreconditionFailed
