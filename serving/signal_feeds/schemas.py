"""What the routes of feeds take and answer."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field

from domain.feeds import USUAL_RULES
from domain.signals import LONGEST_URL, SignalKind
from serving.texts import Words


class RuleIn(BaseModel):
    """An entry that holds one of the words is a signal of the kind; the first rule that fits says so."""

    model_config = ConfigDict(extra="forbid")

    kind: SignalKind
    words: list[Words] = Field(min_length=1, max_length=50)


class SignalFeedIn(BaseModel):
    """`about`: the domain of the one company that it tells of; left out, entries are about the companies that their titles
    name. `kind`: of an entry that no rule names."""

    model_config = ConfigDict(extra="forbid")

    url: Words = Field(max_length=LONGEST_URL)
    name: Words = Field(min_length=1, max_length=80)
    about: Words = Field("", max_length=253)
    kind: SignalKind = SignalKind.NEWS
    rules: list[RuleIn] = Field(
        default_factory=lambda: [RuleIn.model_validate(each) for each in USUAL_RULES], max_length=30
    )


class SignalFeedOut(BaseModel):
    """`entry_count` and `matched_count` are of the last reading: entries, and those about somebody here. `kept_count`:
    signals of all readings. `problem`: why the last one failed, or nothing."""

    signal_feed_id: str
    url: str
    name: str
    about: str
    kind: str
    rules: list[RuleIn]
    read_at: datetime | None
    next_at: datetime
    problem: str
    entry_count: int
    matched_count: int
    kept_count: int


class SignalFeedsOut(BaseModel):
    items: list[SignalFeedOut]
    usual_rules: list[RuleIn]
