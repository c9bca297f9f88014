"""JSON of identity providers, at addresses that people of an organization typed in: what `serving.outside` lets through."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import httpx

from domain.errors import ProviderBusy, ProviderRefused
from serving.outside import Outside, Resolve, resolved


class Outbound:
    """`local_origins` (`scheme://host:port`) may be private and without TLS."""

    def __init__(self, local_origins: frozenset[str] = frozenset(), resolve: Resolve = resolved) -> None:
        self._outside = Outside(local_origins, resolve, setting="LEADHOUSE_WEB__LOCAL_PROVIDERS")

    def check(self, url: str) -> None:
        """Raises InvalidInput for an address that is not asked."""
        self._outside.check(url)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON of an address. Raises InvalidInput, ProviderBusy and ProviderRefused."""
        return self._json("GET", url, dict(headers or {}), None)

    def post(self, url: str, headers: Mapping[str, str], body: str) -> Any:
        """The JSON that a form is answered with. Raises as `get`."""
        return self._json("POST", url, dict(headers), body.encode())

    def close(self) -> None:
        self._outside.close()

    def _json(self, method: str, url: str, headers: dict[str, str], content: bytes | None) -> Any:
        answer = self._outside.ask(method, url, {"Accept": "application/json", **headers}, content)
        netloc = httpx.URL(url).netloc.decode("ascii")
        if answer.status_code >= 500:
            raise ProviderBusy(f"{netloc} answers {answer.status_code}")
        if answer.status_code != 200:
            raise ProviderRefused(f"{netloc} answers {answer.status_code}{_reason(answer.body)}")
        try:
            return json.loads(answer.body)
        except ValueError as error:
            raise ProviderRefused(f"{netloc} does not answer with JSON") from error


def _reason(body: bytes) -> str:
    """The error code of RFC 6749, section 5.2, which is made of plain characters; nothing else of a stranger's page."""
    try:
        found = json.loads(body).get("error")
    except (ValueError, AttributeError):
        return ""
    is_plain = isinstance(found, str) and found.isascii() and found.replace("_", "").isalnum() and len(found) <= 60
    return f": {found}" if is_plain else ""
