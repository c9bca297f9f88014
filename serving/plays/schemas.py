"""What the routes of plays take and answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from domain.plays import BY_THE_RULES, MOST_PLAYS, OWNER
from domain.signals import SignalKind
from domain.tasks import TaskKind
from serving.texts import Words


class TaskOfPlay(BaseModel):
    model_config = ConfigDict(extra="forbid")

    title: Words = Field(min_length=1, max_length=200)
    kind: TaskKind = TaskKind.TODO
    due_in_days: int = Field(1, ge=0, le=90)
    assignee: str = Field(OWNER, max_length=36, description="A user id, or `owner`.")


class ActsIn(BaseModel):
    """One at least of `owner`, `sequence_id`, `task` and `alert`."""

    model_config = ConfigDict(extra="forbid")

    owner: str = Field("", max_length=36, description=f"A user id, or `{BY_THE_RULES}`; for who has no owner.")
    sequence_id: str = Field("", max_length=36)
    task: TaskOfPlay | None = None
    alert: list[str] = Field([], max_length=50, description="User ids, or `owner`.")
    people: int = Field(1, ge=1, le=10, description="How many of a company, where a signal names nobody.")


class PlayIn(BaseModel):
    """A signal of one of `kinds` for which all of `when` (field:op:value) hold sets off `acts`."""

    model_config = ConfigDict(extra="forbid")

    key: str = Field(max_length=60, description="What it is known by in the ledger; it stays when the name changes.")
    name: Words = Field(min_length=1, max_length=80)
    is_on: bool = False
    kinds: list[SignalKind] = Field(min_length=1, max_length=20)
    when: list[Words] = Field([], max_length=20)
    cooldown_days: int = Field(30, ge=0, le=365, description="For so long a company is left alone by this play.")
    max_age_days: int = Field(14, ge=1, le=365, description="Signals that happened before that set nothing off.")
    most_a_day: int = Field(20, ge=1, le=1000)
    spares_customers: bool = True
    spares_open_deals: bool = True
    acts: ActsIn


class PlaysIn(BaseModel):
    model_config = ConfigDict(extra="forbid")

    plays: list[PlayIn] = Field(max_length=MOST_PLAYS)

    def as_setting(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


class NamedOut(BaseModel):
    id: str
    name: str


class PlaysOut(BaseModel):
    """`counts`: how often each play answered what in the last 90 days, by key and reason; `signal` is that it fired. `etag`
    is what `If-Match` takes."""

    version: int | None
    etag: str
    changed_at: datetime | None
    plays: list[PlayIn]
    counts: dict[str, dict[str, int]]
    fields: list[str] = Field(description="What a play may ask, beside attributes.<key>.")
    people: list[NamedOut]
    sequences: list[NamedOut]


class PlayRunOut(BaseModel):
    """What a play made of a signal."""

    play_run_id: str
    play_key: str
    version: int
    outcome: str
    reason: str
    detail: dict[str, Any]
    decided_at: datetime
    buying_signal_id: str
    kind: str
    title: str
    url: str
    contact_id: str | None
    contact_name: str | None
    company_id: str | None
    company_name: str | None


class PlayRunListOut(BaseModel):
    items: list[PlayRunOut]


class TrialIn(BaseModel):
    """Plays to try, whether they are on or not."""

    model_config = ConfigDict(extra="forbid")

    plays: list[PlayIn] = Field(min_length=1, max_length=MOST_PLAYS)
    days: int = Field(90, ge=1, le=365)


class TriedOut(BaseModel):
    """One play on the past. `reasons`: why it was left alone; `enrolled` and `refused`: what the gate of its sequence says
    today of all whom it would have put in, each of them once; `enrolled` is None where it has no sequence."""

    key: str
    name: str
    asked: int
    fired: int
    reasons: dict[str, int]
    people: int
    enrolled: int | None
    refused: dict[str, int]


class TrialExampleOut(BaseModel):
    name: str
    kind: str
    title: str
    about: str
    came_at: datetime
    outcome: str
    reason: str


class TrialOut(BaseModel):
    """What plays would have done. Nothing was written. `is_cut` where there were more signals, of which the newest were
    tried."""

    signal_count: int
    is_cut: bool
    plays: list[TriedOut]
    examples: list[TrialExampleOut]
