"""How a page talks to the API: one request at a time, as the person who is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import httpx

LONG_SECONDS = 120
"""For what reads a whole file or list."""

Json = dict[str, Any]
"""An object as the API documents it (serving/*/schemas.py)."""


class ApiProblem(Exception):
    """The API said no: its code, what happened and what to do, all fit for people."""

    def __init__(self, status: int, code: str, detail: str, hint: str | None = None) -> None:
        super().__init__(detail or code)
        self.status = status
        self.code = code
        self.detail = detail or "Something went wrong."
        self.hint = hint

    @property
    def words(self) -> str:
        """What happened and what to do, in one line."""
        return f"{self.detail} {self.hint or ''}".strip()


OUR_HINTS = {"precondition_failed": "Load the page again, and make your change on what is there now."}
"""Where the API tells a program what to do next, and people do something else."""


class Transport:
    """Bound to a session and an organization. Every call raises ApiProblem when the API refuses or is not there."""

    def __init__(self, http: httpx.Client, token: str, organization_id: str | None = None) -> None:
        self._http = http
        self._headers = {"Authorization": f"Bearer {token}"}
        if organization_id:
            self._headers["X-LH-Organization"] = organization_id
        self.organization_id = organization_id

    def _object(self, method: str, path: str, **options: Any) -> Json:
        found: Json = self._send(method, path, **options).json()
        return found

    def _asked(self, path: str, question: Json, wait_seconds: float) -> Json:
        """A question that the worker answers; still `waiting` if it took longer."""
        return self._object(
            "POST", path, params={"wait_seconds": wait_seconds}, json=question, timeout=wait_seconds + 15
        )

    def _list(self, method: str, path: str, **options: Any) -> list[Json]:
        found: list[Json] = self._send(method, path, **options).json()
        return found

    def _every(self, path: str, **parameters: str) -> list[Json]:
        """All of a list, page by page: for those that people fill by hand."""
        found: list[Json] = []
        asked = {**parameters, "limit": "200"}
        while True:
            page = self._object("GET", path, params=asked)
            found += page["items"]
            if page["next_cursor"] is None:
                return found
            asked["cursor"] = page["next_cursor"]

    def _send(self, method: str, path: str, **options: Any) -> httpx.Response:
        headers = self._headers | options.pop("headers", {})
        with _as_problem():
            answer = self._http.request(method, path, headers=headers, **options)
        if answer.is_success:
            return answer
        raise _problem(answer)


@contextmanager
def _as_problem() -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise ApiProblem(503, "slow", "The server takes too long to answer.", "Try again in a moment.") from error
    except httpx.HTTPError as error:
        raise ApiProblem(503, "away", "The server cannot be reached.", "Is `leadhouse up` running?") from error


def _problem(answer: httpx.Response) -> ApiProblem:
    try:
        said: Mapping[str, Any] = answer.json()
    except ValueError:
        said = {}
    hint = OUR_HINTS.get(str(said.get("code"))) or said.get("hint")
    if not hint and said.get("errors"):
        hint = "; ".join(f"{found['field']}: {found['message']}" for found in said["errors"])
    return ApiProblem(answer.status_code, str(said.get("code", "internal")), str(said.get("detail") or ""), hint)
