"""What a provider is: a folder of `serving.enrichment.providers` whose `provider.py` has `PROVIDER`, found and never
registered. Plug-ins enter by the entry point group `leadhouse.enrichment`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import entry_points
from typing import Any

from domain.enrichment.answers import Answer, Operation
from domain.errors import InvalidInput
from domain.verification import Verdict
from serving.discovery import in_folders
from serving.enrichment import providers
from serving.enrichment.web import Stopped, Web
from serving.network.resolver import NetworkResolver


@dataclass(frozen=True, slots=True)
class Asking:
    """All that a provider is given for one call. `question`: what is known, by the names of the operation's needs."""

    operation: Operation
    question: Mapping[str, str]
    options: Mapping[str, Any]
    secrets: Mapping[str, str]
    web: Web
    look_up: Callable[[Sequence[str]], Mapping[str, Any] | None] = lambda _keys: None
    """What the connection's uploaded table says of the first key that it has."""
    networks: Callable[[], NetworkResolver] | None = None
    verify: Callable[[str], Verdict] | None = None
    """What is known of an e-mail address."""

    def address(self, usual: str) -> str:
        """Where the provider's API is: the connection's option `base_url` (`own_address`), or where it usually is."""
        return str(self.options.get("base_url") or usual)


@dataclass(frozen=True, slots=True)
class Option:
    """Something that a connection may or must say. `kind`: `text`, `choice`, `texts`, `mapping`."""

    name: str
    label: str
    help: str = ""
    kind: str = "text"
    default: Any = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provider:
    """`operations` answers what can be asked with a connection's options, and raises InvalidInput for options that cannot
    be; `fetch` makes one call, and may raise Stopped, which `asking.web` does, but nothing else for what a provider does
    wrong."""

    name: str
    title: str
    about: str
    operations: Callable[[Mapping[str, Any]], tuple[Operation, ...]]
    fetch: Callable[[Asking], Answer]
    options: tuple[Option, ...] = ()
    secrets: tuple[str, ...] = ()
    """Names of what is kept encrypted; all of them are needed."""
    optional_secrets: tuple[str, ...] = ()
    per_minute: int = 300
    concurrent: int = 5
    keeps_connections: bool = True
    """Whether its server is always the same one (`serving.outside.Outside`)."""
    unit: str = "call"
    """What its price is for: a credit, a match, a call."""

    @property
    def is_free(self) -> bool:
        """Whether it works without an account."""
        return not self.secrets

    def answer(self, asking: Asking) -> Answer:
        """What came of one call, whichever way it ended."""
        try:
            return self.fetch(asking)
        except Stopped as stopped:
            return stopped.answer


def own_address(usual: str) -> Option:
    """The option of a provider whose API may be asked at another address than the usual one."""
    return Option("base_url", "Address of the API", f"Without one, {usual}.")


def always(*operations: Operation) -> Callable[[Mapping[str, Any]], tuple[Operation, ...]]:
    """Of a provider whose options change nothing about what it can be asked."""
    return lambda _options: operations


@cache
def all_providers() -> dict[str, Provider]:
    """Every provider there is, by name."""
    built_in = in_folders(providers, "provider", "PROVIDER")
    plugged_in = [entry.load() for entry in entry_points(group="leadhouse.enrichment")]
    return {provider.name: provider for provider in (*built_in, *plugged_in)}


def provider_of(name: str) -> Provider:
    """Raises InvalidInput for one that there is not, naming those that there are."""
    found = all_providers().get(name)
    if found is None:
        raise InvalidInput(f"there is no provider {name!r}", hint=f"Providers: {', '.join(sorted(all_providers()))}.")
    return found
