"""Organizations, people who sign in, keys that programs use, and the proof of what they did."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime, json_type


class Organization(Stamped, Base):
    """An agency, or one of its clients (depth one)."""

    __tablename__ = "organizations"
    __entity__ = "organization"
    __table_args__ = (CheckConstraint("kind in ('agency','client')", name="kind"),)

    organization_id: Mapped[str] = primary_key()
    parent_organization_id: Mapped[str | None] = mapped_column(
        ID, ForeignKey("organizations.organization_id"), index=True
    )
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(SHORT)
    slug: Mapped[str] = mapped_column(String(80), unique=True)
    time_zone: Mapped[str] = mapped_column(String(64), default="UTC")
    currency: Mapped[str] = mapped_column(String(3), default="USD")
    hash_key: Mapped[bytes] = mapped_column(LargeBinary)
    """Encrypted (AES-GCM) key for the HMAC of e-mail addresses and for `user_hash`."""


class User(Stamped, Base):
    """A person who signs in. `password_hash` is argon2id (t=2, 19 MiB, p=1)."""

    __tablename__ = "users"

    user_id: Mapped[str] = primary_key()
    email: Mapped[str] = mapped_column(String(320), unique=True)
    name: Mapped[str] = mapped_column(SHORT, default="")
    password_hash: Mapped[str | None] = mapped_column(String(300))
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Membership(Stamped, Base):
    """A person's role in an organization; inherited downwards from an agency to its clients."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("organization_id", "user_id"),)

    membership_id: Mapped[str] = primary_key()
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.organization_id"), index=True)
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.user_id"), index=True)
    role: Mapped[str] = mapped_column(String(20))
    disabled_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """From then on the seat does not count, here only: what the person does elsewhere is not this organization's."""


class Invitation(Tenanted, Stamped, Base):
    """A seat that somebody may take with a link. Only the SHA-256 of the link's token is kept."""

    __tablename__ = "invitations"
    __table_args__ = (Index("ix_invitations_email", "organization_id", "email"),)

    invitation_id: Mapped[str] = primary_key()
    email: Mapped[str] = mapped_column(String(320))
    role: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    invited_by: Mapped[str | None] = mapped_column(ID, ForeignKey("users.user_id"))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LoginSession(Base):
    """A signed-in browser. Only the SHA-256 of the token is kept; revoking is setting `revoked_at`."""

    __tablename__ = "login_sessions"

    session_id: Mapped[str] = primary_key()
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.user_id"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    last_seen_at: Mapped[datetime] = mapped_column(UTCDateTime)
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    user_agent: Mapped[str] = mapped_column(String(400), default="")
    network: Mapped[str] = mapped_column(String(45), default="")
    """Where it began: the address without its last part (`domain.networks.truncated`)."""
    through_organization_id: Mapped[str | None] = mapped_column(ID)
    """Whose provider vouched for the person: the session reaches that organization and its clients, nothing else. None
    for a password, which is the person's own."""


class SecondFactor(Base):
    """The secret that a person's authenticator shares with us (RFC 6238), sealed under their own id."""

    __tablename__ = "second_factors"

    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.user_id"), primary_key=True)
    sealed_secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When a first code came back; before that it asks nothing of anybody."""
    last_step: Mapped[int] = mapped_column(BigInteger, default=0)
    """The time step of the newest code that was used: that one and older ones are refused."""


class RecoveryCode(Base):
    """Stands in for a code once, when the authenticator is lost. Only the SHA-256 is kept."""

    __tablename__ = "recovery_codes"

    recovery_code_id: Mapped[str] = primary_key()
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.user_id"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
    used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class LoginAttempt(Base):
    """One attempt to sign in, in the store because web processes count together. Trimmed after a quarter of an hour."""

    __tablename__ = "login_attempts"
    __table_args__ = (
        Index("ix_login_attempts_counted_as", "counted_as", "attempted_at"),
        Index("ix_login_attempts_attempted_at", "attempted_at"),
    )

    login_attempt_id: Mapped[str] = primary_key()
    counted_as: Mapped[str] = mapped_column(String(64))
    """SHA-256 of the limit, the address and, where the limit has one, the account: no address is kept."""
    attempted_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ApiKey(Tenanted, Stamped, Base):
    """A key of a program. `write` keys are public (they may only send events) and kept in clear; `secret` keys are
    kept as SHA-256 with their first characters."""

    __tablename__ = "api_keys"
    __table_args__ = (CheckConstraint("kind in ('write','secret')", name="kind"),)

    api_key_id: Mapped[str] = primary_key()
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[str] = mapped_column(SHORT, default="")
    prefix: Mapped[str] = mapped_column(String(80), index=True)
    """The whole of a write key; the first 16 characters of a secret one."""
    key_hash: Mapped[str] = mapped_column(String(64), unique=True)
    allowed_origins: Mapped[list[str]] = mapped_column(json_type(), default=list)
    """Origins whose pages may use a write key; empty means any."""
    rate_per_minute: Mapped[int | None] = mapped_column()
    scopes: Mapped[list[str] | None] = mapped_column(json_type())
    """What a secret key may do (`domain.permissions`); None, as in keys made before there were scopes: what an operator
    may."""
    expires_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When a key that was rotated ends."""
    last_used_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class SubjectKey(Tenanted, Base):
    """The key of one person's audit values, itself encrypted; deleting it shreds what cannot be deleted."""

    __tablename__ = "subject_keys"

    subject_id: Mapped[str] = mapped_column(ID, primary_key=True)
    sealed_key: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class AuditEntry(Tenanted, Base):
    """One act of a person or program: append-only, chained by hash within its organization."""

    __tablename__ = "audit_log"
    __table_args__ = (
        UniqueConstraint("organization_id", "position"),
        Index("ix_audit_log_entity", "organization_id", "entity", "entity_id"),
    )

    audit_id: Mapped[str] = primary_key()
    position: Mapped[int] = mapped_column()
    at: Mapped[datetime] = mapped_column(UTCDateTime)
    actor_kind: Mapped[str] = mapped_column(String(20))
    actor_id: Mapped[str] = mapped_column(String(80), default="")
    action: Mapped[str] = mapped_column(String(80))
    entity: Mapped[str] = mapped_column(String(40))
    entity_id: Mapped[str] = mapped_column(String(80))
    subject_id: Mapped[str | None] = mapped_column(ID)
    sealed_before: Mapped[bytes | None] = mapped_column(LargeBinary)
    sealed_after: Mapped[bytes | None] = mapped_column(LargeBinary)
    salt: Mapped[str] = mapped_column(String(32))
    digest: Mapped[str] = mapped_column(String(64))
    """SHA-256 over the salted canonical form of before and after."""
    chain: Mapped[str] = mapped_column(String(64))
    """SHA-256 over the previous chain value and this row."""


class AuditHead(Base):
    """Where an organization's audit log ends: rows cut off there leave a chain that is whole in itself."""

    __tablename__ = "audit_heads"

    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.organization_id"), primary_key=True)
    position: Mapped[int] = mapped_column()
    chain: Mapped[str] = mapped_column(String(64))
    sealed_head: Mapped[bytes | None] = mapped_column(LargeBinary)
    """Position and chain under the installation's keys: whoever holds the database alone cannot write another end. None
    until the first act after an update from a version that kept no end."""
    verified_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    verified_position: Mapped[int | None] = mapped_column()
    verified_fault: Mapped[str | None] = mapped_column(SHORT)
    """What the last verification found; None: nothing wrong."""
