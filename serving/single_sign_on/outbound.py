"""Requests to an address that a person of an organization typed in: they reach the public internet over TLS, and the
private addresses that the operator of the installation named, nothing else.

The name is resolved once and the connection goes to an address that was checked, so that a name which answers
differently a moment later (DNS rebinding) gains nothing. Redirects are not followed, and answers have a limit.
"""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

import httpx

from domain.errors import InvalidInput, ProviderBusy, ProviderRefused

SECONDS = 5.0
MOST_BYTES = 256 * 1024
CARRIES_IPV4 = (
    ip_network("64:ff9b::/96"),
    ip_network("64:ff9b:1::/48"),
    ip_network("2002::/16"),
    ip_network("2001::/32"),
)
"""IPv6 that is translated to IPv4 on the way: it may end at a private address."""

Resolve = Callable[[str, int], list[str]]


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, as text."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise ProviderBusy(f"the name {host} is unknown") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(text: str) -> bool:
    """Whether an address is somebody's on the internet, whatever it is wrapped in."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    address = mapped or address
    return address.is_global and not address.is_multicast and not any(address in each for each in CARRIES_IPV4)


class Outbound:
    """`local_origins` (`scheme://host:port`) may be private and without TLS: the operator of the installation says so."""

    def __init__(self, local_origins: frozenset[str] = frozenset(), resolve: Resolve = resolved) -> None:
        self._local = local_origins
        self._resolve = resolve
        self._http = httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False)

    def check(self, url: str) -> None:
        """Raises InvalidInput for an address that is not asked."""
        self._target(url)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Any:
        """The JSON of an address. Raises InvalidInput, ProviderBusy and ProviderRefused."""
        return self._json("GET", url, dict(headers or {}), None)

    def post(self, url: str, headers: Mapping[str, str], body: str) -> Any:
        """The JSON that a form is answered with. Raises as `get`."""
        return self._json("POST", url, dict(headers), body.encode())

    def close(self) -> None:
        self._http.close()

    def _target(self, url: str) -> tuple[httpx.URL, httpx.URL]:
        """The address with a number in place of the name, and the address as it was given."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, TypeError) as error:
            raise InvalidInput(f"not an address: {url!r}") from error
        if parsed.scheme not in {"https", "http"} or not parsed.host or parsed.userinfo or parsed.fragment:
            raise InvalidInput(f"not an address of a provider: {url!r}")
        port = parsed.port or (443 if parsed.scheme == "https" else 80)
        is_local = f"{parsed.scheme}://{parsed.host}:{port}" in self._local
        if not is_local and parsed.scheme != "https":
            raise InvalidInput(f"{url} is not https", hint="A provider speaks TLS.")
        addresses = self._resolve(parsed.host, port)
        if not addresses or (not is_local and not all(is_public(each) for each in addresses)):
            raise InvalidInput(
                f"{parsed.host} is not on the public internet",
                hint="The operator of the installation names private ones in LEADHOUSE_WEB__LOCAL_PROVIDERS.",
            )
        return parsed.copy_with(host=addresses[0]), parsed

    def _json(self, method: str, url: str, headers: dict[str, str], content: bytes | None) -> Any:
        target, named = self._target(url)
        netloc = named.netloc.decode("ascii")
        request = self._http.build_request(
            method, target, headers={"Accept": "application/json", **headers, "Host": netloc}, content=content
        )
        request.extensions["sni_hostname"] = named.host
        try:
            answer = self._http.send(request, stream=True)
            try:
                body = _read(answer)
            finally:
                answer.close()
        except httpx.HTTPError as error:
            raise ProviderBusy(f"{netloc} does not answer ({type(error).__name__})") from error
        if answer.status_code >= 500:
            raise ProviderBusy(f"{netloc} answers {answer.status_code}")
        if answer.status_code != 200:
            raise ProviderRefused(f"{netloc} answers {answer.status_code}{_reason(body)}")
        try:
            return json.loads(body)
        except ValueError as error:
            raise ProviderRefused(f"{netloc} does not answer with JSON") from error


def _read(answer: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if len(body) > MOST_BYTES:
            raise ProviderRefused("the provider's answer is too long")
    return bytes(body)


def _reason(body: bytes) -> str:
    """The error code of RFC 6749, section 5.2, which is made of plain characters; nothing else of a stranger's page."""
    try:
        found = json.loads(body).get("error")
    except (ValueError, AttributeError):
        return ""
    is_plain = isinstance(found, str) and found.isascii() and found.replace("_", "").isalnum() and len(found) <= 60
    return f": {found}" if is_plain else ""
