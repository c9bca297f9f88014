"""Who may see what: a scope travels with every question asked of a store."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Self


class OrganizationKind(StrEnum):
    """An agency, or one of its clients. Depth one: a client has no clients."""

    AGENCY = "agency"
    CLIENT = "client"


class Role(StrEnum):
    """A person's part, from most to least; what each may do is `domain.permissions`."""

    OWNER = "owner"
    ADMIN = "admin"
    OPERATOR = "operator"
    VIEWER = "viewer"
    CLIENT_VIEWER = "client_viewer"


@dataclass(frozen=True, slots=True)
class Scope:
    """One organization to write in, and the organizations whose rows may be read (it, and an agency's clients)."""

    organization_id: str
    readable_ids: frozenset[str] = field(default=frozenset())

    def __post_init__(self) -> None:
        if not self.organization_id:
            raise ValueError("a scope names an organization")
        object.__setattr__(self, "readable_ids", frozenset(self.readable_ids) | {self.organization_id})

    @classmethod
    def of(cls, organization_id: str, *also: str) -> Self:
        return cls(organization_id, frozenset(also))


@dataclass(frozen=True, slots=True)
class SystemScope:
    """No organization: for the worker, landing, login and key look-up only. The reason is logged."""

    reason: str


AnyScope = Scope | SystemScope


@dataclass(frozen=True, slots=True)
class Actor:
    """Who did it: `user`, `api_key`, `system` or `model`, and which one."""

    kind: str
    id: str = ""

    @classmethod
    def system(cls, part: str) -> Self:
        return cls("system", part)
