"""A sequence as it is written and kept: steps in a graph without circles, who may be in it, when and how much is sent.

The same document is the YAML that people write, the JSON that is kept in versions, and what an enrolment is bound to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cached_property, lru_cache
from typing import Any, Literal

from pydantic import Field, ValidationError, model_validator

from domain.contacts import EmailAddress, LifecycleStage
from domain.errors import InvalidInput
from domain.outreach.faults import Fault, faults_of, unsound
from domain.outreach.send_times import ARM, Timing
from domain.outreach.signals import Reaction, Signal
from domain.outreach.steps import END, EmailStep, Part, SplitStep, Step, exits
from domain.outreach.tracking import Tracking
from domain.working_hours import DAYS, WorkingHours, parse_working_hours

MOST_STEPS = 50
OFFICE = "09:00-17:00"


class Window(Part):
    """When messages may leave: blocks of each day of the week, in a time zone; without one, the organization's."""

    time_zone: str = Field("", max_length=64)
    mon: tuple[str, ...] = (OFFICE,)
    tue: tuple[str, ...] = (OFFICE,)
    wed: tuple[str, ...] = (OFFICE,)
    thu: tuple[str, ...] = (OFFICE,)
    fri: tuple[str, ...] = (OFFICE,)
    sat: tuple[str, ...] = ()
    sun: tuple[str, ...] = ()
    holidays: tuple[date, ...] = Field((), max_length=400)
    in_contact_zone: bool = False
    """The same hours must hold where the contact is too, as far as that is known."""

    @model_validator(mode="after")
    def _opens(self) -> Window:
        try:
            hours = self.hours("UTC")
        except InvalidInput as error:
            raise ValueError(error.message) from error
        if not any(hours.blocks):
            raise ValueError("no day has a block: nothing would ever leave")
        return self

    def hours(self, time_zone: str) -> WorkingHours:
        """The window in its own zone, or else in `time_zone`."""
        return _hours(self, self.time_zone or time_zone)


@lru_cache(maxsize=2048)
def _hours(window: Window, time_zone: str) -> WorkingHours:
    raw: dict[str, Any] = {day: list(getattr(window, day)) for day in DAYS}
    raw["holidays"] = [day.isoformat() for day in window.holidays]
    return parse_working_hours({**raw, "time_zone": time_zone}, time_zone)


class Limits(Part):
    """Most of what may happen; the smallest limit of sequence, mailbox, domain and ramp always wins."""

    per_day: int = Field(200, ge=1, le=100_000)
    """Messages of the sequence within 24 hours, and within one of its days."""
    new_per_day: int = Field(50, ge=1, le=100_000)
    """First messages to somebody new."""
    per_recipient_domain_per_hour: int = Field(20, ge=1, le=10_000)
    active_per_company: int = Field(3, ge=1, le=1_000)
    """People of one company who are in the sequence at one time. Free mail domains are no companies."""
    quiet_days: int = Field(3, ge=0, le=365)
    """Days without any touch by the organization before the first message."""


class Entry(Part):
    """Who may be enrolled."""

    again_after_days: int | None = Field(None, ge=1, le=3650)
    """Once only, or again so many days after the last time ended."""
    exclusivity: Literal["none", "all", "exclusive"] = "all"
    """Whether somebody may be in another sequence too: `all` with none, `exclusive` with none that is exclusive itself."""
    blocked_stages: tuple[LifecycleStage, ...] = (LifecycleStage.CUSTOMER, LifecycleStage.OPPORTUNITY)
    consent: Literal["granted", "not_refused"] = "not_refused"
    """What the newest consent for `purpose` must say. Which one the law asks for depends on the recipient's country."""
    purpose: str = Field("marketing", pattern=r"^[a-z][a-z0-9_]{0,39}$")


class Rules(Part):
    """What a sign of life does to the rest. Unsubscribing, a complaint and a hard bounce always end it."""

    reply: Reaction = Reaction.STOP
    auto_reply: Reaction = Reaction.PAUSE
    meeting: Reaction = Reaction.STOP
    stage_change: Reaction = Reaction.CONTINUE
    resume_after_days: int = Field(7, ge=1, le=90)
    """After an absence whose end is not said."""
    company: tuple[Literal[Signal.REPLY, Signal.MEETING, Signal.UNSUBSCRIBE], ...] = ()
    """Signs of one person that end it for everybody of the same company, too."""

    def to(self, signal: Signal) -> Reaction:
        if signal in {Signal.UNSUBSCRIBE, Signal.COMPLAINT, Signal.BOUNCE}:
            return Reaction.STOP
        found: Reaction = getattr(self, signal.value)
        return found


class Sequence(Part):
    """All of it. `mailboxes` are addresses; without any, every mailbox of the organization may carry it."""

    name: str = Field(min_length=1, max_length=200)
    mailboxes: tuple[str, ...] = Field((), max_length=200)
    starts_on: date | None = None
    ends_on: date | None = None
    priority: Literal["follow_ups", "new"] = "follow_ups"
    window: Window = Window()
    limits: Limits = Limits()
    entry: Entry = Entry()
    rules: Rules = Rules()
    timing: Timing = Timing()
    """Whether messages wait for the hour of the week at which people answer most."""
    tracking: Tracking = Tracking()
    """Whether opens and clicks are noted; where it is silent, the organization's setting holds."""
    unsubscribe_line: str = Field("Rather not hear from me? {{ unsubscribe_url }}", max_length=500)
    """Stands under every text that does not say the address itself."""
    steps: tuple[Step, ...] = Field(min_length=1, max_length=MOST_STEPS)

    @model_validator(mode="after")
    def _is_sound(self) -> Sequence:
        problems = [*self._address_problems(), *self._graph_problems()]
        if self.starts_on and self.ends_on and self.ends_on < self.starts_on:
            problems.append(Fault("it ends before it starts", field="ends_on"))
        if "unsubscribe_url" not in self.unsubscribe_line:
            problems.append(Fault("unsubscribe_line says {{ unsubscribe_url }}", field="unsubscribe_line"))
        if problems:
            raise unsound(problems)
        return self

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        return {step.id: step for step in self.steps}

    @cached_property
    def below(self) -> Mapping[str, str]:
        """The step under each one; under the last is the end."""
        names = [step.id for step in self.steps]
        return dict(zip(names, [*names[1:], END], strict=True))

    @property
    def first(self) -> str:
        return self.steps[0].id

    def after(self, step_id: str) -> str:
        """The way on from a step that has one way on."""
        step = self.by_id[step_id]
        return exits(step, self.below[step_id])[0]

    def _address_problems(self) -> list[Fault]:
        found = []
        for address in self.mailboxes:
            try:
                EmailAddress.parse(address)
            except InvalidInput as error:
                found.append(Fault(error.message, field="mailboxes"))
        return found

    def _graph_problems(self) -> list[Fault]:
        names = [step.id for step in self.steps]
        number_of = {name: number for number, name in enumerate(names)}
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice or END in names:
            called_end = [Fault(f"no step may be called {END!r}", number_of.get(END), "id")]
            return [Fault(f"two steps have the id {name!r}", number_of[name], "id") for name in twice] or called_end
        ways = {step.id: exits(step, self.below[step.id]) for step in self.steps}
        lost = [
            Fault(f"step {name!r} goes to {target!r}, which is no step", number_of[name])
            for name, targets in ways.items()
            for target in targets
            if target not in {*names, END}
        ]
        if lost:
            return lost
        if ARM in names and self.timing.best_hour:
            return [Fault(f"no step may be called {ARM!r} where messages wait for the best hour", number_of[ARM], "id")]
        if circle := _circle(ways, self.first):
            return [Fault(f"the steps go round in a circle: {' → '.join(circle)}", number_of[circle[0]])]
        reached = _reached(ways, self.first)
        problems = [Fault(f"step {name!r} is never reached", number_of[name]) for name in names if name not in reached]
        return problems + self._thread_problems(number_of)

    def _thread_problems(self, number_of: Mapping[str, int]) -> list[Fault]:
        """A message without a subject needs one before it, whichever way one came."""
        without = sorted(name for name in openers(self) if not getattr(self.by_id[name], "subject", "").strip())
        return [
            Fault(f"step {name!r} may be the first message, so it needs a subject", number_of[name], "subject")
            for name in without
        ]


def parse_sequence(raw: Any) -> Sequence:
    """Reads a document; raises InvalidInput that names every fault and where it is."""
    sequence, faults = examine(raw)
    if sequence is None:
        hint = "GET /v1/sequences/schema describes the document."
        raise InvalidInput("; ".join(fault.text for fault in faults), hint=hint)
    return sequence


def examine(raw: Any) -> tuple[Sequence | None, tuple[Fault, ...]]:
    """A document read, or every fault of it."""
    if not isinstance(raw, Mapping):
        return None, (Fault("a sequence is a mapping with a name and steps"),)
    try:
        return Sequence.model_validate(dict(raw)), ()
    except ValidationError as error:
        return None, faults_of(error, raw)


def written(sequence: Sequence) -> dict[str, Any]:
    """The shortest document that `parse_sequence` reads back as the same sequence."""
    return sequence.model_dump(mode="json", exclude_defaults=True)


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the document."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Sequence.model_json_schema()}


def exclude_each_other(one: Sequence, other: Sequence) -> bool:
    """Whether nobody may be on the way through both."""
    wishes = {one.entry.exclusivity, other.entry.exclusivity}
    return "all" in wishes or wishes == {"exclusive"}


def emails(sequence: Sequence) -> tuple[EmailStep, ...]:
    return tuple(step for step in sequence.steps if isinstance(step, EmailStep))


def openers(sequence: Sequence) -> frozenset[str]:
    """Ids of the messages that may be the first one to somebody, whichever way they come."""
    found, seen, ahead = set(), set(), [sequence.first]
    while ahead:
        name = ahead.pop()
        if name == END or name in seen:
            continue
        seen.add(name)
        step = sequence.by_id[name]
        if isinstance(step, EmailStep):
            found.add(name)
        else:
            ahead += exits(step, sequence.below[name])
    return frozenset(found)


def splits(sequence: Sequence) -> tuple[SplitStep, ...]:
    return tuple(step for step in sequence.steps if isinstance(step, SplitStep))


def _circle(ways: Mapping[str, tuple[str, ...]], first: str) -> list[str]:
    """The first circle on a walk through the graph, by its steps; empty where there is none."""
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> list[str]:
        if name in path:
            return [*path[path.index(name) :], name]
        if name == END or name in done:
            return []
        for target in ways[name]:
            if found := walk(target, [*path, name]):
                return found
        done.add(name)
        return []

    return walk(first, [])


def _reached(ways: Mapping[str, tuple[str, ...]], first: str) -> set[str]:
    reached: set[str] = set()
    ahead = [first]
    while ahead:
        name = ahead.pop()
        if name != END and name not in reached:
            reached.add(name)
            ahead += ways[name]
    return reached
