"""The ways out of a worker: one pool of connections for each provider, and the table and databases it may look into."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from time import monotonic
from typing import Any

from domain.enrichment.answers import Answer, Outcome
from domain.enrichment.walking import Ask
from domain.settings import Settings
from domain.tenancy import Scope
from serving.deliverability.addresses import verifier_of
from serving.enrichment.base import Asking, Provider
from serving.enrichment.plans import Joint
from serving.enrichment.web import Web
from serving.network.resolver import NetworkResolver
from serving.outside import Outside, remembered
from storage.ops.repositories.enrichment_connections import EnrichmentConnections
from storage.ops.store import Store

MOST_BYTES = 1024 * 1024
Look = Callable[[Sequence[str]], Mapping[str, Any] | None]


class Doors:
    """What calls go out by. Kept for the life of a worker: connections to providers are used again."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._resolve = remembered()
        self._verifier = verifier_of(settings)
        self._webs: dict[str, Web] = {}
        self._gates: dict[str, threading.Semaphore] = {}
        self._networks: NetworkResolver | None = None
        self._lock = threading.Lock()

    def call(self, store: Store, scope: Scope, joint: Joint, ask: Ask) -> tuple[Answer, int]:
        """Makes a call; answers what came of it and how many milliseconds that took. Never raises: a provider's code that
        breaks is an answer that cannot be read."""
        asking = Asking(
            ask.operation, ask.question, joint.options, joint.secrets, self._web(joint.provider),
            _look(store, scope, joint.connection_id), self.networks, self._verifier.verify,
        )  # fmt: skip
        with self._gate(joint):
            began = monotonic()
            try:
                answer = joint.provider.answer(asking)
            except Exception as error:  # noqa: BLE001  of a plug-in, too
                problem = f"{joint.provider.name} could not read the answer: {type(error).__name__}: {error}"
                answer = Answer(Outcome.MALFORMED, problem=problem[:300])
            return answer, round((monotonic() - began) * 1000)

    def networks(self) -> NetworkResolver:
        """Opened when first needed."""
        with self._lock:
            if self._networks is None:
                self._networks = NetworkResolver.of(self._settings)
            return self._networks

    def _gate(self, joint: Joint) -> threading.Semaphore:
        """Lets through as many calls as a connection allows at a time, whichever runs they are for."""
        key = f"{joint.connection_id}:{joint.concurrent}"
        with self._lock:
            return self._gates.setdefault(key, threading.Semaphore(joint.concurrent))

    def _web(self, provider: Provider) -> Web:
        with self._lock:
            if provider.name not in self._webs:
                chosen = self._settings.enrichment
                client = Outside(
                    chosen.local_origins, self._resolve, setting="LEADHOUSE_ENRICHMENT__LOCAL_ORIGINS",
                    seconds=chosen.timeout_seconds, most_bytes=MOST_BYTES, keeps=provider.keeps_connections,
                )  # fmt: skip
                self._webs[provider.name] = Web(client)
            return self._webs[provider.name]


def _look(store: Store, scope: Scope, connection_id: str) -> Look:
    def look(keys: Sequence[str]) -> Mapping[str, Any] | None:
        with store.read(scope) as work:
            return EnrichmentConnections(work).line_of(connection_id, keys)

    return look


@cache
def doors_of(settings: Settings) -> Doors:
    """One set for the whole process."""
    return Doors(settings)
