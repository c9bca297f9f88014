"""Requests to an address that a person of an organization typed in: they reach the public internet over TLS, and the
private addresses that the operator of the installation named, nothing else.

The name is resolved once and the connection goes to an address that was checked, so that a name which answers
differently a moment later (DNS rebinding) gains nothing. Redirects are not followed, and answers have a limit.
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from domain.errors import InvalidInput, ProviderBusy, ProviderRefused

SECONDS = 5.0
AT_MOST = 3.0
"""Times its seconds that a whole answer may take: each piece of it may take as long as an answer may."""
MOST_BYTES = 256 * 1024
CARRIES_IPV4 = (
    ip_network("64:ff9b::/96"),
    ip_network("64:ff9b:1::/48"),
    ip_network("2002::/16"),
    ip_network("2001::/32"),
)
"""IPv6 that is translated to IPv4 on the way: it may end at a private address."""

MOST_NAMES = 10_000
Resolve = Callable[[str, int], list[str]]


@dataclass(frozen=True, slots=True)
class Answer:
    """What an address said."""

    status_code: int
    body: bytes
    headers: Mapping[str, str]


def resolved(host: str, port: int) -> list[str]:
    """The addresses of a name, as text."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError) as error:
        raise ProviderBusy(f"the name {host} is unknown") from error
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def remembered(resolve: Resolve = resolved, *, seconds: float = 60.0) -> Resolve:
    """The same, asked once a minute for each name: what is connected to is checked all the same."""
    kept: dict[tuple[str, int], tuple[float, list[str]]] = {}

    def ask(host: str, port: int) -> list[str]:
        told = kept.get((host, port))
        if told is None or told[0] < time.monotonic():
            if len(kept) > MOST_NAMES:
                kept.clear()
            told = kept[host, port] = (time.monotonic() + seconds, resolve(host, port))
        return told[1]

    return ask


def is_public(text: str) -> bool:
    """Whether an address is somebody's on the internet, whatever it is wrapped in."""
    try:
        address: IPv4Address | IPv6Address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    address = mapped or address
    return address.is_global and not address.is_multicast and not any(address in each for each in CARRIES_IPV4)


def checked_address(host: str, port: int, resolve: Resolve, *, is_local: bool, setting: str) -> str:
    """The IP address to connect to: the name is not asked again, so that it cannot answer differently.

    `is_local`: the operator of the installation named it, in the setting called `setting`. Raises InvalidInput for a name
    of which any address is not public.
    """
    addresses = resolve(host, port)
    if not addresses or (not is_local and not all(is_public(each) for each in addresses)):
        raise InvalidInput(
            f"{host} is not on the public internet",
            hint=f"The operator of the installation names private ones in {setting}.",
        )
    return addresses[0]


class Outside:
    """`local_origins` (`scheme://host:port`) may be private and without TLS: the operator of the installation says so,
    in the setting called `setting`.

    `keeps`: whether connections are used again. They are known by their address: of many names, two may share one, and
    what was agreed with the first must not be said to the second.
    """

    def __init__(
        self,
        local_origins: frozenset[str] = frozenset(),
        resolve: Resolve = resolved,
        *,
        setting: str,
        seconds: float = SECONDS,
        most_bytes: int = MOST_BYTES,
        keeps: bool = True,
    ) -> None:
        self._local = local_origins
        self._resolve = resolve
        self._setting = setting
        self._seconds, self._most_bytes = seconds, most_bytes
        limits = httpx.Limits(max_keepalive_connections=None if keeps else 0)
        self._http = httpx.Client(timeout=seconds, follow_redirects=False, trust_env=False, limits=limits)
        # A cookie that was set for one organization would be told for another.
        self._http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))

    def check(self, url: str) -> None:
        """Raises InvalidInput for an address that is not asked, ProviderBusy for a name that nobody knows."""
        self._target(url)

    def ask(self, method: str, url: str, headers: Mapping[str, str], content: bytes | None = None) -> Answer:
        """What the address answers, whatever its status. Raises InvalidInput, ProviderBusy where there is no answer, and
        ProviderRefused for one that is too long."""
        target, named = self._target(url)
        netloc = named.netloc.decode("ascii")
        request = self._http.build_request(method, target, headers={**headers, "Host": netloc}, content=content)
        request.extensions["sni_hostname"] = named.host
        until = time.monotonic() + AT_MOST * self._seconds
        try:
            answer = self._http.send(request, stream=True)
            try:
                return Answer(answer.status_code, _read(answer, self._most_bytes, until), answer.headers)
            finally:
                answer.close()
        except httpx.HTTPError as error:
            raise ProviderBusy(f"{netloc} does not answer ({type(error).__name__})") from error

    def close(self) -> None:
        self._http.close()

    def _target(self, url: str) -> tuple[httpx.URL, httpx.URL]:
        """The address with a number in place of the name, and the address as it was given."""
        try:
            parsed = httpx.URL(url)
        except (httpx.InvalidURL, TypeError) as error:
            raise InvalidInput(f"not an address: {url!r}") from error
        if parsed.scheme not in {"https", "http"} or not parsed.host or parsed.userinfo or parsed.fragment:
            raise InvalidInput(f"not an address that can be asked: {url!r}")
        port = parsed.port or (443 if parsed.scheme == "https" else 80)
        is_local = f"{parsed.scheme}://{parsed.host}:{port}" in self._local
        if not is_local and parsed.scheme != "https":
            raise InvalidInput(f"{url} is not https", hint="What leaves the house goes over TLS.")
        address = checked_address(parsed.host, port, self._resolve, is_local=is_local, setting=self._setting)
        return parsed.copy_with(host=address), parsed


def _read(answer: httpx.Response, most_bytes: int, until: float) -> bytes:
    body = bytearray()
    for chunk in answer.iter_bytes():
        body += chunk
        if time.monotonic() > until:
            raise httpx.ReadTimeout("the answer comes too slowly")
        if len(body) > most_bytes:
            raise ProviderRefused("the answer is too long")
    return bytes(body)
