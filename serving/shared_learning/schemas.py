"""Shapes of /v1/models/lead-scoring/priors."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field

Status = Literal["off", "waiting", "too_few_clients", "own_model", "in_use"]
"""`waiting`: switched on, and the next build has not been; `own_model`: there is a prior, and a learned model of the client's
own says the chance."""


class SwitchesIn(BaseModel):
    """Both are off until somebody turns them on."""

    gives: Annotated[bool, Field(description="Whether its counts go into what the agency's other clients start from.")]
    uses: Annotated[bool, Field(description="Whether its own leads' chances start from the other clients'.")]
    reason: Annotated[
        str, Field(min_length=3, max_length=500, description="Why, in a sentence; it stands in the audit log.")
    ]


class SwitchesOut(BaseModel):
    gives: bool
    uses: bool
    by: str
    reason: str
    since: datetime | None
    """None: nobody ever turned them."""


class LimitsOut(BaseModel):
    """What must stand behind a number before it is told, the reader left out."""

    least_clients: int
    least_people: int
    most_share: float


class ChanceOut(BaseModel):
    """0 to 1, with the interval that holds it with 95 % certainty."""

    probability: float
    low: float
    high: float


class LevelOut(BaseModel):
    """People of one level, of whom nothing else is known. No other client stands behind a level of which nothing may be told."""

    feature: str
    label: str
    level: str
    chance: ChanceOut
    client_count: int
    people_count: int
    own_count: int


class PriorOut(BaseModel):
    """Counts of other clients are rounded down, rates stand in steps; those of one's own are exact."""

    built_at: datetime
    client_count: int
    people_count: int
    own_count: int
    own_good_count: int
    weight: float
    """How much of what levels say is believed, 0 to 1."""
    chance: ChanceOut
    """Of a lead of whom nothing is known."""
    levels: list[LevelOut]


class PriorsOut(BaseModel):
    is_client: bool
    """Only clients of an agency have switches."""
    status: Status
    switches: SwitchesOut
    limits: LimitsOut
    prior: PriorOut | None


class ClientSwitchesOut(BaseModel):
    organization_id: str
    name: str
    switches: SwitchesOut


class ClientsOut(BaseModel):
    """An agency's clients by name; a client is told of no others."""

    items: list[ClientSwitchesOut]
