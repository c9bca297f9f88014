"""Records that may be one, records that became one, and what undoes it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, UTCDateTime, json_type


class Merge:
    """Two records became one: enough to show how, and to take it back row by row."""

    status: Mapped[str] = mapped_column(String(10), default="merged")
    """`merged` or `undone`."""
    choices: Mapped[list[dict[str, Any]]] = mapped_column(json_type(), default=list)
    """[{field, kept, reason}] of the fields in which the two differed."""
    changed: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """{survivor|merged: {field: {was, became}}}; fields of `attributes` by `attributes.<key>`."""
    moved: Mapped[dict[str, list[str]]] = mapped_column(json_type(), default=dict)
    """{table: ids of the rows that went from the merged record to the survivor}."""
    added: Mapped[dict[str, list[str]]] = mapped_column(json_type(), default=dict)
    """{table: ids of the rows that the merge wrote}: withdrawals of consent, suppressions."""
    report: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    """Of the undo: {returned, stayed, kept_fields}."""
    merged_by: Mapped[str] = mapped_column(String(80), default="")
    merged_at: Mapped[datetime] = mapped_column(UTCDateTime)
    undone_by: Mapped[str] = mapped_column(String(80), default="")
    undone_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class ContactMerge(Merge, Tenanted, Base):
    """Two contacts became one."""

    __tablename__ = "contact_merges"
    __table_args__ = (
        Index("ix_contact_merges_survivor", "survivor_id", "status"),
        Index("ix_contact_merges_merged", "merged_id", "status"),
    )

    contact_merge_id: Mapped[str] = primary_key()
    survivor_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"))
    merged_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"))


class CompanyMerge(Merge, Tenanted, Base):
    """Two companies became one."""

    __tablename__ = "company_merges"
    __table_args__ = (
        Index("ix_company_merges_survivor", "survivor_id", "status"),
        Index("ix_company_merges_merged", "merged_id", "status"),
    )

    company_merge_id: Mapped[str] = primary_key()
    survivor_id: Mapped[str] = mapped_column(ID, ForeignKey("companies.company_id"))
    merged_id: Mapped[str] = mapped_column(ID, ForeignKey("companies.company_id"))


class DuplicateProposal(Tenanted, Stamped, Base):
    """Two records that may be one, and what was decided. It holds ids, weights and codes, no word of the two themselves.

    There is no foreign key: a record may go, and the pair's row is then taken away by the next search.
    """

    __tablename__ = "duplicate_proposals"
    __table_args__ = (
        UniqueConstraint("organization_id", "entity", "left_id", "right_id"),
        Index(
            "ix_duplicate_proposals_queue",
            "organization_id",
            "entity",
            "status",
            "probability",
            "duplicate_proposal_id",
        ),
        Index("ix_duplicate_proposals_left", "left_id"),
        Index("ix_duplicate_proposals_right", "right_id"),
    )

    duplicate_proposal_id: Mapped[str] = primary_key()
    entity: Mapped[str] = mapped_column(String(10))
    """`contact` or `company` (`domain.duplicates.RecordKind`)."""
    left_id: Mapped[str] = mapped_column(ID)
    right_id: Mapped[str] = mapped_column(ID)
    """The larger of the two ids: as a rule the younger record."""
    status: Mapped[str] = mapped_column(String(10), default="open")
    """`open`, `merged`, `dismissed` or `gone` (`domain.duplicates.ProposalStatus`)."""
    probability: Mapped[float] = mapped_column(Float)
    weight: Mapped[float] = mapped_column(Float)
    """Bits of evidence, prior odds included."""
    evidence: Mapped[list[dict[str, Any]]] = mapped_column(json_type(), default=list)
    """[{comparison, level, weight}]; the prior odds are the comparison `prior`."""
    fingerprint: Mapped[str] = mapped_column(String(64), default="")
    """Of what the two said when this was proposed or decided; a dismissed pair returns only under another one."""
    model_version: Mapped[str] = mapped_column(String(40), default="")
    merge_id: Mapped[str | None] = mapped_column(ID)
    """The merge that it led to."""
    batch_id: Mapped[str | None] = mapped_column(ID)
    """The acceptance of many pairs that it was part of."""
    reason: Mapped[str] = mapped_column(String(120), default="")
    decided_by: Mapped[str] = mapped_column(String(80), default="")
    decided_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
