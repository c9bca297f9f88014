"""What the routes of routing take and answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.routing import Choice
from domain.working_hours import DAYS
from serving.texts import Words


class HoursIn(BaseModel):
    """Blocks such as 09:00-12:30 for each day; days without any are free. Without a zone, the organization's."""

    model_config = ConfigDict(extra="forbid")

    time_zone: Words | None = Field(None, max_length=64)
    mon: list[str] = Field([], max_length=10)
    tue: list[str] = Field([], max_length=10)
    wed: list[str] = Field([], max_length=10)
    thu: list[str] = Field([], max_length=10)
    fri: list[str] = Field([], max_length=10)
    sat: list[str] = Field([], max_length=10)
    sun: list[str] = Field([], max_length=10)
    holidays: list[date] = Field([], max_length=400)

    def as_setting(self) -> dict[str, Any]:
        days = {day: blocks for day in DAYS if (blocks := getattr(self, day))}
        zone = {"time_zone": self.time_zone} if self.time_zone else {}
        return {**zone, **days, "holidays": [each.isoformat() for each in self.holidays]}


class RuleIn(BaseModel):
    """All of `when` (field:op:value) hold → `choice`; `people` are a pool's user ids with their weights."""

    model_config = ConfigDict(extra="forbid")

    name: Words = Field(min_length=1, max_length=80)
    when: list[Words] = Field([], max_length=20)
    choice: Choice = Choice.POOL
    people: dict[str, int] = Field({}, max_length=200)
    on_duty_only: bool = Field(True, description="Whether people's hours count for this rule.")


class RoutingIn(BaseModel):
    """Rules in order, and who gets what none of them could place."""

    model_config = ConfigDict(extra="forbid")

    rules: list[RuleIn] = Field(min_length=1, max_length=100)
    fallback_user_id: str = Field(max_length=36)

    def as_setting(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


class DutyIn(BaseModel):
    """When and how much somebody works. `away`: first and last day of each absence."""

    model_config = ConfigDict(extra="forbid")

    hours: HoursIn | None = Field(None, description="None for around the clock.")
    capacity: int | None = Field(None, ge=0, le=100_000, description="Most open contacts and deals; None for any.")
    away: list[tuple[date, date]] = Field([], max_length=100)
    is_paused: bool = False

    def as_setting(self) -> dict[str, Any]:
        return {
            **({"hours": self.hours.as_setting()} if self.hours else {}),
            "capacity": self.capacity,
            "away": [[first.isoformat(), last.isoformat()] for first, last in self.away],
            "is_paused": self.is_paused,
        }


class PersonOut(BaseModel):
    """Somebody who may own leads. `absence` is why they would get none now, or empty."""

    user_id: str
    name: str
    role: str
    duty: dict[str, Any]
    open_count: int
    absence: str


class RoutingOut(BaseModel):
    """`routing` is None where leads are not routed."""

    version: int | None
    changed_at: datetime | None
    routing: RoutingIn | None
    people: list[PersonOut]
    fields: list[str] = Field(description="What a rule may ask, beside attributes.<key>.")


class RoutedOut(BaseModel):
    """Who got it, by which rule, and the way there."""

    contact_id: str
    owner_user_id: str
    owner: str
    rule: str
    reason: str
    steps: list[dict[str, Any]]


class SimulationIn(BaseModel):
    """A routing to try; None for the one that holds."""

    model_config = ConfigDict(extra="forbid")

    routing: RoutingIn | None = None
    days: int = Field(90, ge=1, le=365)


class TriedOut(RoutedOut):
    """One contact of a simulation."""

    name: str
    former_owner_user_id: str | None
    created_at: datetime


class SimulationOut(BaseModel):
    """What a routing would have done. Nothing was written.

    Counts are of all `contact_count`; `changed_count` would go to somebody else than their owner now. `is_cut` where
    there were more, of which the newest were tried.
    """

    contact_count: int
    is_cut: bool
    by_owner: dict[str, int]
    by_rule: dict[str, int]
    changed_count: int
    unowned_count: int
    examples: list[TriedOut]
