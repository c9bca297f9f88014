"""The words that contacts and companies are found by, beside them; derived, so their changes are not landed.

On SQLite triggers mirror the words into a full-text index (`contact_words_index`, FTS5), on PostgreSQL a GIN index holds
them; both are made by migrations.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, ForeignKeyConstraint, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Tenanted
from storage.ops.tables.capture import SEQUENCE
from storage.ops.types import ID, UTCDateTime


class ContactWords(Tenanted, Base):
    """One row a contact that lists show: deleted and merged ones have none."""

    __tablename__ = "contact_words"

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    """What the full-text index of SQLite knows the row by."""
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.organization_id"))
    contact_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id", ondelete="CASCADE"), unique=True)
    words: Mapped[str] = mapped_column(Text)
    """As `domain.search.indexed` writes them."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    """The contact's: the newest of many are found without looking at each."""


class CompanyWords(Tenanted, Base):
    """One row a company that lists show."""

    __tablename__ = "company_words"
    __table_args__ = (
        UniqueConstraint("company_id", "organization_id"),
        ForeignKeyConstraint(
            ["company_id", "organization_id"],
            ["company_summaries.company_id", "company_summaries.organization_id"],
            ondelete="CASCADE",
        ),
    )

    seq: Mapped[int] = mapped_column(SEQUENCE, primary_key=True, autoincrement=True)
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.organization_id"))
    company_id: Mapped[str] = mapped_column(String(300))
    words: Mapped[str] = mapped_column(Text)
