"""What every table shares: names of constraints, ids, time stamps, tenancy, and whether changes are logged."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, declared_attr, mapped_column

from domain.clock import utc_now
from domain.ids import new_id
from storage.ops.types import ID, UTCDateTime

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The declarative base. `__entity__` names a table in the change log; without one its changes are not landed."""

    metadata = MetaData(naming_convention=NAMES)
    __entity__: ClassVar[str | None] = None


class Tenanted:
    """A row belongs to exactly one organization."""

    @declared_attr
    def organization_id(cls) -> Mapped[str]:  # noqa: N805  declared_attr receives the class
        return mapped_column(ID, ForeignKey("organizations.organization_id"), index=True)


class Stamped:
    """When the row was written and last changed; `known_at` is when we could have known it (backdated by history)."""

    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=utc_now, onupdate=utc_now)


def primary_key() -> Mapped[str]:
    """A text UUIDv7 made on insert."""
    return mapped_column(ID, primary_key=True, default=new_id)
