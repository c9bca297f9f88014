"""People and companies as values: parsed once at the edge, then never a bare string again."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Self

from domain.errors import InvalidInput

_LOCAL = re.compile(r"^[^\s@<>\"(),:;\[\]\\]{1,64}$")
_LABEL = re.compile(r"^(?!-)[a-z0-9-]{1,63}(?<!-)$")


@dataclass(frozen=True, slots=True)
class Domain:
    """A host name in the one spelling we store and compare: lower case, IDNA, no dot at the end."""

    value: str

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Reads `Example.COM`, `https://www.example.com/x` or `example.com.`; raises InvalidInput."""
        host = re.sub(r"^[a-z][a-z0-9+.-]*://", "", raw.strip().casefold())
        host = re.split(r"[/?#]", host, maxsplit=1)[0].rpartition("@")[2].partition(":")[0].rstrip(".")
        host = host.removeprefix("www.")
        try:
            ascii_host = host.encode("idna").decode()
        except UnicodeError as error:
            raise InvalidInput(f"not a domain: {raw!r}") from error
        labels = ascii_host.split(".")
        if len(labels) < 2 or len(ascii_host) > 253 or not all(_LABEL.match(label) for label in labels):
            raise InvalidInput(f"not a domain: {raw!r}")
        return cls(ascii_host)

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """An address in the one spelling we store and compare: trimmed, case-folded, host in IDNA."""

    value: str

    @classmethod
    def parse(cls, raw: str) -> Self:
        """Reads one bare address; raises InvalidInput for anything else."""
        local, at, host = raw.strip().casefold().rpartition("@")
        if not (at and _LOCAL.match(local)) or local.startswith(".") or local.endswith(".") or ".." in local:
            raise InvalidInput(f"not an email address: {raw!r}")
        domain = _mail_host(host)
        if domain is None:
            raise InvalidInput(f"not an email address: {raw!r}")
        return cls(f"{local}@{domain}")

    @property
    def domain(self) -> Domain:
        return Domain(self.value.rpartition("@")[2])

    def hashed(self, key: bytes) -> str:
        """HMAC-SHA256 of the address under the organization's key, as 64 hex characters."""
        return hmac.digest(key, self.value.encode(), "sha256").hex()

    def __str__(self) -> str:
        return self.value


@lru_cache(maxsize=10_000)
def _mail_host(host: str) -> str | None:
    """The host of an address in IDNA, or None if it is none; people of one company share theirs."""
    try:
        domain = host.encode("idna").decode()
    except UnicodeError:
        return None
    labels = domain.split(".")
    return domain if len(labels) > 1 and all(map(_LABEL.match, labels)) else None


class LifecycleStage(StrEnum):
    """The funnel a person moves through, in order."""

    VISITOR = "visitor"
    LEAD = "lead"
    MQL = "mql"
    SQL = "sql"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    LOST = "lost"

    @property
    def order(self) -> int:
        """Position in the funnel, 0 for a visitor; `lost` stands outside it with -1."""
        return -1 if self is LifecycleStage.LOST else list(LifecycleStage).index(self)
