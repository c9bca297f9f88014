"""What the routes of marks take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.errors import InvalidInput
from domain.lookalikes import ExclusionList, MarkKind
from serving.texts import Words


class LookalikeMarkIn(BaseModel):
    """Companies by id, or, for `excluded` alone, `domains` as a pasted list with anything between them.

    `good` is one more seed of the next ranking, `unfit` a negative one; `excluded` is never suggested. `list` says which
    list an exclusion belongs to."""

    model_config = ConfigDict(extra="forbid", populate_by_name=True)

    kind: MarkKind
    company_ids: list[Annotated[Words, Field(max_length=300)]] = Field([], max_length=500)
    domains: Words = Field("", max_length=50_000)
    list_name: ExclusionList | None = Field(None, alias="list")
    note: Words = Field("", max_length=200)

    @model_validator(mode="after")
    def _says_something(self) -> LookalikeMarkIn:
        if not self.company_ids and not self.domains.strip():
            raise InvalidInput("nothing is marked", hint="Send company_ids, or domains of companies to exclude.")
        if self.kind is not MarkKind.EXCLUDED and (self.domains.strip() or self.list_name):
            raise InvalidInput(
                "only an exclusion has domains and a list", hint="Mark companies as good or unfit by their ids."
            )
        return self


class LookalikeMarkResult(BaseModel):
    """`refused`: a piece of a pasted list that is no domain."""

    value: str
    """The company's id, the domain, or what was refused."""
    outcome: Literal["marked", "unchanged", "not_found", "refused"]


class LookalikeMarkingOut(BaseModel):
    """A result for each company and each domain, in the order they were sent."""

    results: list[LookalikeMarkResult]
    marked_count: int


class LookalikeMarkOut(BaseModel):
    """`company_id` or `domain` is none. `marked_by` is a name where there is one, else what the program calls itself."""

    lookalike_mark_id: str
    company_id: str | None
    domain: str | None
    name: str
    """Of the company, as of the last build; else the domain."""
    kind: MarkKind
    list: ExclusionList | None
    note: str
    marked_by: str
    marked_at: datetime


class LookalikeMarksOut(BaseModel):
    """The newest first. `counts` are of all, by kind."""

    items: list[LookalikeMarkOut]
    counts: dict[MarkKind, int]
