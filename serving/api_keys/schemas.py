"""What the routes of keys take and tell."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator

from serving.etags import etag_of
from storage.ops.repositories.api_keys import is_live
from storage.ops.tables import ApiKey


def _origin(text: str) -> str:
    """`scheme://host[:port]`, in lower case; a host may begin with `*.`."""
    parts = urlsplit(text.strip().lower())
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path not in {"", "/"} or parts.query:
        raise ValueError(f"not an origin: {text!r}; write https://www.example.com")
    return f"{parts.scheme}://{parts.netloc}"


class KeyFields(BaseModel):
    """Where a write key may be used from; its name."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(None, min_length=1, max_length=200)
    allowed_origins: list[str] | None = Field(None, max_length=50, description="Origins of pages; none means any.")

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, value: list[str] | None) -> list[str] | None:
        return None if value is None else [_origin(each) for each in value]


class KeyIn(KeyFields):
    """A `secret` key for a program, with its scopes, or a `write` key for a website, with its origins."""

    kind: Literal["secret", "write"] = "secret"
    name: str | None = Field(min_length=1, max_length=200)
    scopes: list[str] | None = Field(None, max_length=100, description="Of a secret key: rows of GET /v1/me.")
    rate_per_minute: int | None = Field(None, ge=1, le=10_000_000, description="Events a write key may send.")


class RotationIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    grace_hours: int = Field(24, ge=0, le=24 * 30, description="How long the old key lives on.")


class KeyOut(BaseModel):
    """A key as it may be shown: of a secret one, its first characters."""

    api_key_id: str
    kind: str
    name: str
    prefix: str
    scopes: list[str] | None
    """None: what an operator may."""
    allowed_origins: list[str]
    rate_per_minute: int | None
    state: Literal["live", "ending", "ended"]
    created_at: datetime
    last_used_at: datetime | None
    expires_at: datetime | None
    revoked_at: datetime | None
    etag: str
    """What `If-Match` takes. It changes with each use that is noted, too."""

    @classmethod
    def of(cls, key: ApiKey, now: datetime) -> KeyOut:
        return cls(
            api_key_id=key.api_key_id,
            kind=key.kind,
            name=key.name,
            prefix=key.prefix,
            scopes=key.scopes,
            allowed_origins=key.allowed_origins,
            rate_per_minute=key.rate_per_minute,
            state="ended" if not is_live(key, now) else "ending" if key.expires_at else "live",
            created_at=key.created_at,
            last_used_at=key.last_used_at,
            expires_at=key.expires_at,
            revoked_at=key.revoked_at,
            etag=etag_of(key.updated_at),
        )


class KeyListOut(BaseModel):
    items: list[KeyOut]
    next_cursor: str | None


class KeyMadeOut(KeyOut):
    """With the whole key, which is shown this once."""

    key: str
