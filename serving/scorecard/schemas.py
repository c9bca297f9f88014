"""What the routes of the scorecard take and answer."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

LARGEST = 10**12


class TargetsIn(BaseModel):
    """What should be reached from a month of the program on; the first month is 1."""

    model_config = ConfigDict(extra="forbid")

    from_month: int = Field(ge=1, le=120)
    leads: int = Field(ge=0, le=LARGEST, description="New leads in a month.")
    contact_rate: float = Field(ge=0, le=1, description="Share of a month's leads that somebody reached out to.")
    response_rate: float = Field(ge=0, le=1, description="Share of those contacted who answered.")
    meeting_rate: float = Field(ge=0, le=1, description="Share of those contacted who met you.")
    minutes_to_contact: int = Field(ge=0, le=LARGEST, description="Median, from becoming a lead to the first contact.")
    delivery_rate: float = Field(ge=0, le=1, description="Share of emails that were delivered.")
    cost_per_lead_minor: int = Field(ge=0, le=LARGEST, description="Minor units of `currency`.")


class PlanIn(BaseModel):
    """Targets by the month they hold from, and the currency of those that are money."""

    model_config = ConfigDict(extra="forbid")

    steps: list[TargetsIn] = Field(min_length=1, max_length=12)
    currency: str = Field(pattern="^[A-Z]{3}$")
    starts_on: date | None = Field(None, description="Month 1; None for the first month that has a lead.")


class PlanOut(PlanIn):
    """`version` and `changed_at` are None where the defaults hold."""

    version: int | None
    changed_at: datetime | None
