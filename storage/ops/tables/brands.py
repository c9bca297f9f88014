"""How organizations look to their people."""

from __future__ import annotations

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped
from storage.ops.types import ID, SHORT


class Brand(Stamped, Base):
    """An organization's name, logo and colours; a client without one looks like its agency."""

    __tablename__ = "brands"

    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.organization_id"), primary_key=True)
    name: Mapped[str] = mapped_column(SHORT, default="")
    """Empty: the organization's own."""
    primary_colour: Mapped[str | None] = mapped_column(String(7))
    accent_colour: Mapped[str | None] = mapped_column(String(7))
    host: Mapped[str | None] = mapped_column(String(253), unique=True)
    """Whoever comes by this name sees this brand on the login page."""
    logo: Mapped[bytes | None] = mapped_column(LargeBinary)
    """A PNG that we drew ourselves from what was uploaded."""
    logo_hash: Mapped[str | None] = mapped_column(String(64))
