"""What a provider that reports promises, and where it is found. All of them sign by Standard Webhooks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal, Protocol

import serving.provider_reports.providers
from domain.outreach.reports import Report
from serving.discovery import in_folders


@dataclass(frozen=True, slots=True)
class ToldSignals:
    """Signals as they came, and what told of them."""

    source: str
    items: tuple[Mapping[str, Any], ...]


class Provider(Protocol):
    name: str
    title: str
    header_prefix: str
    """Of the three headers: `<prefix>-id`, `<prefix>-timestamp`, `<prefix>-signature`."""
    makes_secret: bool
    """Whether the provider makes the secret and a person pastes it here; else we make it."""
    tells_of: Literal["messages", "signals"]
    steps: str
    """What a person does there, in a sentence or two."""

    def read(self, body: Mapping[str, Any]) -> Report | ToldSignals | None:
        """None for what is no news of a message of ours. Raises ValueError where it cannot be read."""
        ...


@dataclass(frozen=True, slots=True)
class Signed:
    """A request as it came: its bytes are what was signed."""

    id: str
    timestamp: str
    signatures: str
    body: bytes


@cache
def all_providers() -> dict[str, Provider]:
    """Every provider that reports, by name: each folder of `serving.provider_reports.providers`."""
    return {found.name: found for found in in_folders(serving.provider_reports.providers, "provider", "PROVIDER")}
