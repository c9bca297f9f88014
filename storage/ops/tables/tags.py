"""Tags, and what is marked with them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, PrimaryKeyConstraint, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, UTCDateTime


class Tag(Tenanted, Stamped, Base):
    """A word of the organization's own (`domain.tags`)."""

    __tablename__ = "tags"
    __table_args__ = (UniqueConstraint("organization_id", "key"),)

    tag_id: Mapped[str] = primary_key()
    name: Mapped[str] = mapped_column(String(60))
    key: Mapped[str] = mapped_column(String(200))
    """`domain.tags.tag_key` of the name."""


class ContactTag(Tenanted, Base):
    """A contact has a tag. Contacts that lists do not show keep theirs, for when they come back."""

    __tablename__ = "contact_tags"
    __table_args__ = (
        PrimaryKeyConstraint("contact_id", "tag_id"),
        Index("ix_contact_tags_tag", "organization_id", "tag_id", "contact_id"),
        {"sqlite_with_rowid": False},
    )

    contact_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id", ondelete="CASCADE"))
    tag_id: Mapped[str] = mapped_column(ID, ForeignKey("tags.tag_id", ondelete="CASCADE"))
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.organization_id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)


class CompanyTag(Tenanted, Base):
    """A company has a tag. There is no foreign key to it: `network:<domain>` is in no table of companies for good."""

    __tablename__ = "company_tags"
    __table_args__ = (
        PrimaryKeyConstraint("company_id", "tag_id"),
        Index("ix_company_tags_tag", "organization_id", "tag_id", "company_id"),
        {"sqlite_with_rowid": False},
    )

    company_id: Mapped[str] = mapped_column(String(300))
    tag_id: Mapped[str] = mapped_column(ID, ForeignKey("tags.tag_id", ondelete="CASCADE"))
    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.organization_id"))
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
