"""Write keys, looked up once in a while: the public keys that name an organization on the hot path."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from domain.errors import NotAllowed, NotAuthenticated
from domain.tenancy import SystemScope
from storage.ops.repositories.api_keys import ApiKeys, is_live
from storage.ops.repositories.organizations import Organizations
from storage.ops.store import Store

KEEP_SECONDS = 5.0
"""How long a revoked key may still be believed, and an unknown one be refused without a look."""
MOST_UNKNOWN = 10_000


@dataclass(frozen=True, slots=True)
class WriteKey:
    """A site's key: whose it is, where it may be used from, how often."""

    api_key_id: str
    organization_id: str
    allowed_origins: frozenset[str] = field(default=frozenset())
    """Origins (`https://www.example.com`, or `https://*.example.com`) in lower case; empty means any."""
    rate_per_minute: int | None = None
    hash_key: bytes | None = field(default=None, repr=False)
    """The organization's key for the HMAC of e-mail addresses."""

    def allows(self, origin: str) -> bool:
        """Whether pages of this origin may use the key."""
        if not self.allowed_origins or origin in self.allowed_origins:
            return True
        return any(_matches(origin.lower(), allowed) for allowed in self.allowed_origins)

    def check_origin(self, origin: str | None) -> None:
        """Raises NotAllowed for a browser on another site. A program sends no Origin and passes."""
        if origin is not None and not self.allows(origin):
            raise NotAllowed(
                f"This key may not be used from {origin[:200]}.", hint="Add the site to the allowed origins of the key."
            )


class WriteKeys:
    """The keys of one process, each kept for a few seconds. `get` may read the store; `cached` never does."""

    def __init__(self, store: Store, *, now: Callable[[], float] = time.monotonic) -> None:
        self._store = store
        self._now = now
        self._known: dict[str, tuple[float, WriteKey | Exception]] = {}
        self._lock = threading.Lock()

    def cached(self, key: str) -> WriteKey | None:
        """The key if it was looked up a moment ago, None if it must be asked for; raises as `get` does."""
        kept = self._known.get(key)
        if kept is None:
            return None
        now = self._now()
        if kept[0] < now:  # whoever finds it stale asks; the others go on with it for a second
            self._known[key] = (now + 1.0, kept[1])
            return None
        if isinstance(kept[1], Exception):
            raise kept[1].with_traceback(None)
        return kept[1]

    def get(self, key: str) -> WriteKey:
        """Raises NotAuthenticated for an unknown key and NotAllowed for a revoked one."""
        found = self.cached(key)
        return found if found is not None else self._look_up(key)

    def _look_up(self, key: str) -> WriteKey:
        try:
            answer: WriteKey | Exception = self._read(key)
        except (NotAuthenticated, NotAllowed) as error:
            answer = error
        with self._lock:
            if len(self._known) > MOST_UNKNOWN:
                self._known.clear()
            self._known[key] = (self._now() + KEEP_SECONDS, answer)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def _read(self, key: str) -> WriteKey:
        with self._store.read(SystemScope("key look-up")) as work:
            row = ApiKeys(work).find_write_key(key)
            hash_key = Organizations(work).hash_key(row.organization_id) if row is not None else None
        if row is None:
            raise NotAuthenticated("Nobody knows this write key.", hint="Copy the key from Settings → API keys.")
        if not is_live(row, self._store.clock()):
            raise NotAllowed("This write key was revoked.", hint="Put the site's new key into its pixel.")
        origins = frozenset(origin.rstrip("/").lower() for origin in row.allowed_origins)
        return WriteKey(row.api_key_id, row.organization_id, origins, row.rate_per_minute, hash_key)


def _matches(origin: str, allowed: str) -> bool:
    if allowed in {"*", origin}:
        return True
    scheme, star, suffix = allowed.partition("://*.")
    if not star:
        return False
    parts = urlsplit(origin)
    return parts.scheme == scheme and parts.netloc.endswith(f".{suffix}")
