"""Keys of programs: public write keys, which may only send events, and secret keys, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from domain.errors import NotFound
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.tables import ApiKey

PUBLIC = "lh_pub_"
SECRET = "lh_sec_"  # noqa: S105  the prefix, not a secret
SHOWN = 16
"""Characters of a secret key that are kept, so that a person can tell theirs apart."""


class ApiKeys(Repository):
    """Made under the organization's scope; looked up under SystemScope."""

    def create_write_key(
        self,
        name: str = "",
        *,
        allowed_origins: Sequence[str] = (),
        rate_per_minute: int | None = None,
        organization_id: str | None = None,
    ) -> str:
        """A public key for a website; answers the key itself, which is not secret."""
        key = PUBLIC + secrets.token_urlsafe(24)
        self._add("write", key, key, name, allowed_origins, rate_per_minute, organization_id)
        return key

    def create_secret_key(
        self, name: str = "", *, rate_per_minute: int | None = None, organization_id: str | None = None
    ) -> str:
        """A secret key; answers it once, for only its SHA-256 is kept (32 random bytes need no slow hash)."""
        key = SECRET + secrets.token_urlsafe(32)
        self._add("secret", key, key[:SHOWN], name, (), rate_per_minute, organization_id)
        return key

    def find_live(self, key: str) -> ApiKey | None:
        """The row of a key as it was presented, unless revoked."""
        return self.session.scalars(
            select(ApiKey).where(
                ApiKey.key_hash == hashed(key), ApiKey.revoked_at.is_(None), self.readable(ApiKey.organization_id)
            )
        ).first()

    def find_write_key(self, key: str) -> ApiKey | None:
        """The row of a public key, revoked or not: a revoked one is told so."""
        return self.session.scalars(
            select(ApiKey).where(ApiKey.prefix == key, ApiKey.kind == "write", self.readable(ApiKey.organization_id))
        ).first()

    def all(self) -> list[ApiKey]:
        """Those of the organizations the scope may read, newest first."""
        return list(
            self.session.scalars(
                select(ApiKey)
                .where(self.readable(ApiKey.organization_id))
                .order_by(ApiKey.created_at.desc(), ApiKey.api_key_id.desc())
            )
        )

    def revoke(self, api_key_id: str, at: datetime | None = None) -> None:
        """Raises NotFound."""
        found = self.by_id(ApiKey, api_key_id)
        if found is None:
            raise NotFound
        self.writable(found.organization_id)
        if found.revoked_at is None:
            found.revoked_at = at or self.work.now()
            Audit(self.work).record("revoke", "api_key", api_key_id, organization_id=found.organization_id)

    def touch(self, api_key_id: str, at: datetime) -> None:
        """Notes the use of a key; callers do so at most once a minute."""
        found = self.by_id(ApiKey, api_key_id)
        if found is not None:
            found.last_used_at = at

    def _add(
        self,
        kind: str,
        key: str,
        prefix: str,
        name: str,
        allowed_origins: Sequence[str],
        rate_per_minute: int | None,
        organization_id: str | None,
    ) -> None:
        made = ApiKey(
            organization_id=self.target(organization_id),
            kind=kind,
            name=name,
            prefix=prefix,
            key_hash=hashed(key),
            allowed_origins=list(allowed_origins),
            rate_per_minute=rate_per_minute,
        )
        self.session.add(made)
        self.session.flush()
        Audit(self.work).record(
            "create", "api_key", made.api_key_id,
            after={"kind": kind, "name": name, "allowed_origins": list(allowed_origins)},
            organization_id=made.organization_id,
        )  # fmt: skip


def hashed(key: str) -> str:
    """SHA-256 of a key, as 64 hex characters."""
    return hashlib.sha256(key.encode()).hexdigest()
