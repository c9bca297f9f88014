"""Links that show one report to whoever holds them, until they end."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, UTCDateTime, json_type


class ReportLink(Tenanted, Stamped, Base):
    """What is shown was chosen when it was made. Only the SHA-256 of the link's token is kept, and of a passcode its slow
    hash."""

    __tablename__ = "report_links"

    report_link_id: Mapped[str] = primary_key()
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))
    filters: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    passcode_hash: Mapped[str | None] = mapped_column(String(200))
    made_by: Mapped[str | None] = mapped_column(ID, ForeignKey("users.user_id"))
    expires_at: Mapped[datetime] = mapped_column(UTCDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    open_count: Mapped[int] = mapped_column(default=0)
    last_opened_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
