"""Keys of programs: public write keys, which may only send events, and secret keys, of which only the hash is kept."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select

from domain.errors import Conflict
from domain.filters import FieldType, Sort
from storage.ops.repositories.audit import Audit
from storage.ops.repositories.base import Repository
from storage.ops.repositories.listing import ListField, Page, page
from storage.ops.tables import ApiKey

PUBLIC = "lh_pub_"
SECRET = "lh_sec_"  # noqa: S105  the prefix, not a secret
FIELDS = {"created_at": ListField(FieldType.DATETIME, ApiKey.created_at, is_sortable=True)}
NEWEST = Sort("created_at", descending=True)
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
        self,
        name: str = "",
        *,
        scopes: Collection[str] | None = None,
        rate_per_minute: int | None = None,
        organization_id: str | None = None,
    ) -> str:
        """A secret key; answers it once, for only its SHA-256 is kept (32 random bytes need no slow hash). Without
        scopes it may do what an operator may."""
        key = SECRET + secrets.token_urlsafe(32)
        self._add("secret", key, key[:SHOWN], name, (), rate_per_minute, organization_id, scopes)
        return key

    def rotate(self, api_key_id: str, *, old_ends_at: datetime) -> str:
        """A new key that may do the same; the old one lives on until `old_ends_at`. Raises NotFound, and Conflict for
        one that has ended."""
        old = self.held(api_key_id)
        if not is_live(old, self.work.now()):
            raise Conflict("this key has ended", hint="Make a new one.")
        if old.kind == "write":
            key = self.create_write_key(
                old.name, allowed_origins=old.allowed_origins, rate_per_minute=old.rate_per_minute,
                organization_id=old.organization_id,
            )  # fmt: skip
        else:
            key = self.create_secret_key(
                old.name, scopes=old.scopes, rate_per_minute=old.rate_per_minute, organization_id=old.organization_id
            )
        old.expires_at = min(old.expires_at or old_ends_at, old_ends_at)
        Audit(self.work).record(
            "rotate", "api_key", api_key_id,
            after={"expires_at": old.expires_at.isoformat()}, organization_id=old.organization_id,
        )  # fmt: skip
        return key

    def change(
        self, api_key_id: str, *, name: str | None = None, allowed_origins: Sequence[str] | None = None
    ) -> ApiKey:
        """Its name, and where a write key may be used from. Raises NotFound."""
        found = self.held(api_key_id)
        before = {"name": found.name, "allowed_origins": list(found.allowed_origins)}
        if name is not None:
            found.name = name
        if allowed_origins is not None:
            found.allowed_origins = list(allowed_origins)
        self.session.flush()
        Audit(self.work).record(
            "change", "api_key", api_key_id, before=before,
            after={"name": found.name, "allowed_origins": list(found.allowed_origins)},
            organization_id=found.organization_id,
        )  # fmt: skip
        return found

    def held(self, api_key_id: str) -> ApiKey:
        """A key that may be changed: of the scope's own organization. Raises NotFound."""
        found = self.one(
            select(ApiKey)
            .where(ApiKey.api_key_id == api_key_id, self.readable(ApiKey.organization_id))
            .with_for_update()
            .execution_options(populate_existing=True)
        )
        self.writable(found.organization_id)
        return found

    def find_live(self, key: str) -> ApiKey | None:
        """The row of a key as it was presented, unless revoked or expired."""
        found = self.session.scalars(
            select(ApiKey).where(ApiKey.key_hash == hashed(key), self.readable(ApiKey.organization_id))
        ).first()
        return found if found is not None and is_live(found, self.work.now()) else None

    def find_write_key(self, key: str) -> ApiKey | None:
        """The row of a public key, revoked or not: a revoked one is told so."""
        return self.session.scalars(
            select(ApiKey).where(ApiKey.prefix == key, ApiKey.kind == "write", self.readable(ApiKey.organization_id))
        ).first()

    def page(self, *, limit: int, cursor: str | None = None) -> Page:
        """Those of the one organization that may be written, newest first, ended ones too."""
        asked = select(ApiKey).where(ApiKey.organization_id == self.target())
        return page(
            self.work, asked, fields=FIELDS, key=ApiKey.api_key_id, sort=NEWEST, limit=limit, cursor=cursor,
            with_total=False,
        )  # fmt: skip

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
        found = self.held(api_key_id)
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
        scopes: Collection[str] | None = None,
    ) -> None:
        made = ApiKey(
            organization_id=self.target(organization_id),
            kind=kind,
            name=name,
            prefix=prefix,
            key_hash=hashed(key),
            allowed_origins=list(allowed_origins),
            rate_per_minute=rate_per_minute,
            scopes=None if scopes is None else sorted(scopes),
        )
        self.session.add(made)
        self.session.flush()
        Audit(self.work).record(
            "create", "api_key", made.api_key_id,
            after={"kind": kind, "name": name, "allowed_origins": list(allowed_origins), "scopes": made.scopes},
            organization_id=made.organization_id,
        )  # fmt: skip


def is_live(key: ApiKey, now: datetime) -> bool:
    """Neither revoked nor at the end of its time."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


def hashed(key: str) -> str:
    """SHA-256 of a key, as 64 hex characters."""
    return hashlib.sha256(key.encode()).hexdigest()
