"""What the routes of service levels take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from domain.service_levels import Act, Clock, Pause, Standing
from serving.routing.schemas import HoursIn
from serving.texts import Words

QUARTER = 60 * 24 * 90
"""Minutes of the longest span a policy may name."""


class PolicyIn(BaseModel):
    """A first touch within `target_minutes` of working time, for leads of which all of `when` hold."""

    model_config = ConfigDict(extra="forbid")

    name: Words = Field(min_length=1, max_length=80)
    clock: Clock
    target_minutes: int = Field(ge=1, le=QUARTER)
    when: list[Words] = Field([], max_length=20)
    hours: HoursIn | None = Field(None, description="None for around the clock.")
    warns_at: float = Field(0.75, gt=0, le=1, description="Share of the target after which the owner is warned.")
    reassigns_after_minutes: int | None = Field(None, ge=0, le=QUARTER, description="After the breach; None for never.")
    escalates_after_minutes: int | None = Field(None, ge=0, le=QUARTER)
    escalates_to: str | None = Field(None, max_length=36)
    pauses_owner: bool = Field(False, description="Whether who loses a lead by it gets no more until a person says so.")

    def as_setting(self) -> dict[str, Any]:
        hours = {"hours": self.hours.as_setting()} if self.hours else {}
        return self.model_dump(mode="json", exclude={"hours"}, exclude_none=True) | hours


class ServiceLevelsIn(BaseModel):
    """Policies in order: of each clock, the first whose conditions a lead meets holds."""

    model_config = ConfigDict(extra="forbid")

    policies: list[PolicyIn] = Field(max_length=50)


class ServiceLevelsOut(ServiceLevelsIn):
    version: int | None
    changed_at: datetime | None


class PauseIn(BaseModel):
    """Why, and until when; without a moment until the lead is heard of again. At most ninety days."""

    model_config = ConfigDict(extra="forbid")

    reason: Pause
    until: AwareDatetime | None = None


class ClockOut(BaseModel):
    """A clock that runs. `due_at` may be in the past; None where its hours never come, or it is paused without an end.
    `pause` and `paused_until` are of the pause that it is in."""

    service_clock_id: str
    contact_id: str
    contact: str
    owner_user_id: str | None
    clock: Clock
    policy: str
    standing: Standing
    started_at: datetime
    due_at: datetime | None
    used: float = Field(description="Share of the target that is used up; above 1 it is breached.")
    done_acts: list[Act]
    pause: Pause | None = None
    paused_until: datetime | None = None


class ClocksOut(BaseModel):
    """Breached ones first, then those at risk, then the rest, soonest due first."""

    as_of_at: datetime
    counts: dict[str, int]
    items: list[ClockOut]
