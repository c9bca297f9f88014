"""Mail servers that somebody of an organization typed in: public ones, and those the operator of the installation named."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from domain.errors import InvalidInput
from serving.outside import Resolve, checked_address, resolved

Security = Literal["tls", "starttls", "none"]


@dataclass(frozen=True, slots=True)
class Server:
    """A server and the login there. `security`: TLS from the first byte, after STARTTLS, or none (own network only)."""

    host: str
    port: int
    security: Security = "tls"
    username: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def of(cls, kept: dict[str, Any], password: str) -> Server:
        """From a mailbox's column, which is empty where its transport needs no server."""
        return cls(
            kept.get("host", ""), int(kept.get("port", 0)), kept.get("security", "tls"), kept.get("username", ""), password
        )  # fmt: skip


def address_of(server: Server, local: frozenset[str], resolve: Resolve = resolved) -> str:
    """The IP address to connect to (`serving.outside.checked_address`).

    Raises InvalidInput for a private address, or one without TLS, that the operator did not name.
    """
    is_local = f"{server.host}:{server.port}" in local
    if server.security == "none" and not is_local:
        raise InvalidInput(f"{server.host}:{server.port} is not spoken to without TLS", hint="Use tls or starttls.")
    return checked_address(
        server.host, server.port, resolve, is_local=is_local, setting="LEADHOUSE_OUTREACH__LOCAL_SERVERS"
    )
