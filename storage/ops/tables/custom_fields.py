"""Values of custom attributes that lists are filtered and sorted by, typed and indexed; derived from the contacts' own."""

from __future__ import annotations

from sqlalchemy import Float, ForeignKey, Index, PrimaryKeyConstraint, String, text
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Tenanted
from storage.ops.types import ID, bytewise_text

_HAS_NUMBER, _HAS_TEXT = text("number_value is not null"), text("text_value is not null")


class ContactValue(Tenanted, Base):
    """One row a contact and filterable attribute that has a value (`domain.custom_attributes.indexed_value`); contacts that
    lists do not show have none."""

    __tablename__ = "contact_values"
    __table_args__ = (
        PrimaryKeyConstraint("contact_id", "key"),
        Index(
            "ix_contact_values_number", "organization_id", "key", "number_value", "contact_id",
            sqlite_where=_HAS_NUMBER, postgresql_where=_HAS_NUMBER,
        ),
        Index(
            "ix_contact_values_text", "organization_id", "key", "text_value", "contact_id",
            sqlite_where=_HAS_TEXT, postgresql_where=_HAS_TEXT,
        ),
        {"sqlite_with_rowid": False},
    )  # fmt: skip

    contact_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id", ondelete="CASCADE"))
    key: Mapped[str] = mapped_column(String(80))
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.organization_id"))
    number_value: Mapped[float | None] = mapped_column(Float)
    text_value: Mapped[str | None] = mapped_column(bytewise_text(200))
