"""Experiments that people and programs make, and who met which arm."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Float, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from storage.ops.tables.base import Base, Stamped, Tenanted, primary_key
from storage.ops.types import ID, SHORT, UTCDateTime, json_type


class Experiment(Tenanted, Stamped, Base):
    """One experiment (`domain.experiments.running`). `state`: `draft`, `running` or `stopped`."""

    __tablename__ = "experiments"
    __table_args__ = (UniqueConstraint("organization_id", "key", name="uq_experiments_key"),)

    experiment_id: Mapped[str] = primary_key()
    key: Mapped[str] = mapped_column(String(60))
    """What programs call it by."""
    name: Mapped[str] = mapped_column(SHORT)
    hypothesis: Mapped[str] = mapped_column(Text, default="")
    unit: Mapped[str] = mapped_column(String(10))
    """`person` or `company`."""
    arms: Mapped[list[dict[str, Any]]] = mapped_column(json_type(), default=list)
    """[{key, weight}], the first being what the others are compared with."""
    state: Mapped[str] = mapped_column(String(10), default="draft")
    metric: Mapped[str] = mapped_column(String(30))
    guardrails: Mapped[list[str]] = mapped_column(json_type(), default=list)
    allocation: Mapped[str] = mapped_column(String(10), default="fixed")
    floor: Mapped[float] = mapped_column(Float, default=0.0)
    traffic: Mapped[float] = mapped_column(Float, default=1.0)
    holdout: Mapped[float] = mapped_column(Float, default=0.0)
    horizon_days: Mapped[int] = mapped_column(default=14)
    """A unit's outcome is in when so many days have passed since it met its arm."""
    least_lift: Mapped[float] = mapped_column(Float, default=0.25)
    base_rate: Mapped[float | None] = mapped_column(Float)
    """The share that succeeds today, where somebody said so before it began."""
    seed: Mapped[str] = mapped_column(String(64))
    started_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    reallocated_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    """When weights last changed on the way: from then on no one split can be expected."""
    stopped_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    adopted_arm: Mapped[str | None] = mapped_column(String(40))
    stop_reason: Mapped[str] = mapped_column(Text, default="")
    stopped_by: Mapped[str] = mapped_column(String(80), default="")


class ExperimentExposure(Tenanted, Base):
    """Somebody met an arm for the first time. `subject` is a node of the identity graph: `contact:…`, `company:…` or
    `anonymous:…`, the browser of somebody who is not known yet. History: never updated."""

    __tablename__ = "experiment_exposures"
    __table_args__ = (UniqueConstraint("experiment_id", "subject", name="uq_experiment_exposures_once"),)

    experiment_exposure_id: Mapped[str] = primary_key()
    experiment_id: Mapped[str] = mapped_column(ID, ForeignKey("experiments.experiment_id", ondelete="CASCADE"))
    subject: Mapped[str] = mapped_column(String(120))
    arm: Mapped[str] = mapped_column(String(40))
    via: Mapped[str] = mapped_column(String(10))
    """`server` or `browser`."""
    exposed_at: Mapped[datetime] = mapped_column(UTCDateTime)
