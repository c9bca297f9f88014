"""What the routes of stages take and answer."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from domain.stage_names import LONGEST


class StageOut(BaseModel):
    """`stage` is its key everywhere in the API; `default_name` what it is called where nobody named it."""

    stage: str
    name: str
    default_name: str


class StagesOut(BaseModel):
    items: list[StageOut]


class StageNamesIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    names: dict[str, str] = Field(
        max_length=20, description=f"Names of up to {LONGEST} letters by the key of their stage; no two alike."
    )
