"""OpenID providers of organizations, and who of ours their people are."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, json_type


class IdentityProvider(Tenanted, Stamped, Base):
    """Where the people of an organization sign in. It speaks for that organization and its clients alone."""

    __tablename__ = "identity_providers"
    __table_args__ = (UniqueConstraint("organization_id"),)

    identity_provider_id: Mapped[str] = primary_key()
    name: Mapped[str] = mapped_column(SHORT)
    """What the button says."""
    issuer: Mapped[str] = mapped_column(String(500))
    client_id: Mapped[str] = mapped_column(String(400))
    sealed_secret: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None for a client without one (PKCE alone)."""
    domains: Mapped[list[str]] = mapped_column(json_type(), default=list)
    """People with a verified address there come in as `default_role`."""
    default_role: Mapped[str | None] = mapped_column(String(20))
    """None: members and invited people only."""
    is_enabled: Mapped[bool] = mapped_column(default=True)


class IdentityLink(Tenanted, Stamped, Base):
    """A person as their provider names them: known again though their address changes there."""

    __tablename__ = "identity_links"
    __table_args__ = (UniqueConstraint("organization_id", "issuer", "subject"),)

    identity_link_id: Mapped[str] = primary_key()
    issuer: Mapped[str] = mapped_column(String(500))
    subject: Mapped[str] = mapped_column(String(255))
    user_id: Mapped[str] = mapped_column(ID, ForeignKey("users.user_id"), index=True)
