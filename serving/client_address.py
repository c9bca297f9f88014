"""Whose request is this: the peer, or the address a trusted proxy forwards."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ipaddress import ip_address

from domain.networks import truncated

FORWARDED_FOR = b"x-forwarded-for"


def client_address(
    peer: tuple[str, int] | None, headers: Iterable[tuple[bytes, bytes]], trusted: Collection[str]
) -> str:
    """The nearest address that is not a trusted proxy's, as text; "" when unknown.

    `X-Forwarded-For` is believed only when the peer is trusted, and read from its right end, where the trusted
    proxies wrote: what a visitor puts there himself stands further left.
    """
    return forwarded_address(peer, b",".join(value for name, value in headers if name == FORWARDED_FOR), trusted)


def forwarded_address(peer: tuple[str, int] | None, forwarded: bytes | None, trusted: Collection[str]) -> str:
    """The same for one `X-Forwarded-For` header, as the hot path has it at hand."""
    address = peer[0] if peer else ""
    if not forwarded or address not in trusted:
        return address
    for hop in reversed(forwarded.decode("latin-1").split(",")):
        found = hop.strip()
        if found and found not in trusted:
            return found
    return address


def network_of(address: str) -> str:
    """The network that may be kept of an address (`domain.networks.truncated`); "" for what is none."""
    try:
        return truncated(ip_address(address))
    except ValueError:
        return ""
