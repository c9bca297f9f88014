"""Lists that people look at again and again: a question, kept under a name."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Boolean, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, json_type


class SavedView(Tenanted, Stamped, Base):
    """A question about a list. `entity`: `contact`, `company` or `deal`. A shared one is everybody's to use, and only its
    maker's or an administrator's to change."""

    __tablename__ = "saved_views"
    __table_args__ = (Index("ix_saved_views_list", "organization_id", "entity", "name"),)

    saved_view_id: Mapped[str] = primary_key()
    entity: Mapped[str] = mapped_column(String(20))
    name: Mapped[str] = mapped_column(SHORT)
    question: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """Query parameters of the list's route, without paging."""
    is_shared: Mapped[bool] = mapped_column(Boolean, default=False)
    owner_user_id: Mapped[str | None] = mapped_column(ID)
    """Who made it; None for a program, whose views are always shared."""
