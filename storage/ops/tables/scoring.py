"""What the models learned, written back for the people who use it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Boolean, Float, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Tenanted, primary_key
from storage.ops.types import ID, UTCDateTime, json_type


class Score(Tenanted, Base):
    """The current score of a contact, 0 to 100, with its reasons in words."""

    __tablename__ = "scores"
    __entity__ = "score"
    __table_args__ = (
        Index("ix_scores_best", "organization_id", "score", "contact_id"),
        Index("ix_scores_band", "organization_id", "band", "score", "contact_id"),
    )

    contact_id: Mapped[str] = mapped_column(ID, ForeignKey("contacts.contact_id"), primary_key=True)
    score: Mapped[float] = mapped_column(Float)
    band: Mapped[str] = mapped_column(String(10))
    """`hot`, `warm`, `cool` or `cold`."""
    probability: Mapped[float | None] = mapped_column(Float)
    """The model's calibrated probability; where rules alone decide, that of a prior, or none."""
    fit_score: Mapped[float] = mapped_column(Float, default=0.0)
    engagement_score: Mapped[float] = mapped_column(Float, default=0.0)
    grade: Mapped[str] = mapped_column(String(4), default="")
    """Fit A to C and engagement 1 to 3, e.g. `A1`."""
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(json_type(), default=list)
    """[{text, effect, source}], strongest first; effect in points, source `rule` or `model`."""
    model_version: Mapped[str] = mapped_column(String(80))
    is_provisional: Mapped[bool] = mapped_column(Boolean, default=False)
    scored_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ContactFeatureSnapshot(Tenanted, Base):
    """The last built features of a contact, so that a lead captured now can be scored within a second."""

    __tablename__ = "contact_feature_snapshots"

    contact_id: Mapped[str] = mapped_column(ID, primary_key=True)
    features: Mapped[dict[str, Any]] = mapped_column(json_type())
    as_of_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ScorePrior(Base):
    """What an organization's scores start from where it has no model. No history is kept and none lands: a client that
    takes its counts back is gone from it with the next build."""

    __tablename__ = "score_priors"

    organization_id: Mapped[str] = mapped_column(ID, ForeignKey("organizations.organization_id"), primary_key=True)
    prior: Mapped[dict[str, Any]] = mapped_column(json_type())
    """`domain.priors.chances.ClientPrior.as_dict`."""
    built_at: Mapped[datetime] = mapped_column(UTCDateTime)


class ScoreQuestion(Tenanted, Base):
    """Somebody asked what scores would be; the worker answers, for only it has the model and the lake."""

    __tablename__ = "score_questions"
    __table_args__ = (Index("ix_score_questions_newest", "organization_id", "created_at"),)

    score_question_id: Mapped[str] = primary_key()
    kind: Mapped[str] = mapped_column(String(10))
    """`rules`: other rules over the last 90 days; `what_if`: other facts of one lead."""
    asked: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    status: Mapped[str] = mapped_column(String(10), default="waiting")
    """`waiting`, `done` or `failed`."""
    answer: Mapped[dict[str, Any]] = mapped_column(json_type(), default=dict)
    problem: Mapped[str] = mapped_column(Text, default="")
    """Why it failed and what to do, in words."""
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
