"""What `POST /v1/experiments/{key}/assignments` takes and answers."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.events import ConsentLevel
from serving.texts import Id, Words


class AssignmentIn(BaseModel):
    """Whom to deal an arm: exactly one of them. A write key may name a browser only."""

    model_config = ConfigDict(extra="forbid")

    anonymous_id: Id | None = Field(None, description="A browser (lh('ids', …)), or any id of one's own that lasts.")
    contact_id: Id | None = None
    company_id: Id | None = None
    email: Words | None = Field(None, min_length=3, max_length=320)
    is_shown: bool = Field(True, description="False only asks: nothing is logged, so nothing is counted.")
    consent: ConsentLevel = Field(ConsentLevel.FULL, description="The visit's level; without ids nothing is logged.")

    @model_validator(mode="after")
    def _names_one(self) -> Self:
        if sum(each is not None for each in (self.anonymous_id, self.contact_id, self.company_id, self.email)) != 1:
            raise ValueError("name exactly one of anonymous_id, contact_id, company_id and email")
        return self


class AssignmentOut(BaseModel):
    """`arm` is null where nobody is dealt one: show what there is without the experiment. `reason`: `dealt`, `kept` from
    before, `decided` (it ended with this arm); or `not_running`, `stopped`, `not_in_traffic`, `held_out`."""

    arm: str | None
    reason: str
    is_logged: bool
