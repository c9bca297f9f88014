"""The steps of a sequence, as they are written in YAML. Each names the next one; without a name it is the one below."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from domain.contacts import LifecycleStage
from domain.errors import InvalidInput
from domain.filters import Condition, FieldType, parse_filters
from domain.tasks import TaskKind

END = "end"
"""The name of the place behind the last step."""
StepId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
MOST_ARMS = 6
FIELDS = {
    "lifecycle_stage": FieldType.TEXT,
    "country": FieldType.TEXT,
    "title": FieldType.TEXT,
    "source": FieldType.TEXT,
    "owner_user_id": FieldType.TEXT,
    "email_domain": FieldType.TEXT,
    "company": FieldType.TEXT,
    "industry": FieldType.TEXT,
    "employee_count": FieldType.INTEGER,
    "score": FieldType.NUMBER,
    "band": FieldType.TEXT,
    "has_replied": FieldType.BOOLEAN,
    "has_clicked": FieldType.BOOLEAN,
}
"""What a condition may ask of a contact; `attributes.<key>` is compared as text. Opens are no evidence: machines open."""


class Part(BaseModel):
    """A part of a sequence; an unknown name is an error, so that a typo cannot hide."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class _Step(Part):
    id: StepId
    next: StepId | None = None


class EmailStep(_Step):
    """A message. Without a subject it follows in the thread of the one before. `text` is Liquid with spintax; `mjml` or
    `html` makes a second part."""

    type: Literal["email"]
    subject: str = Field("", max_length=500)
    text: str = Field(min_length=1, max_length=50_000)
    mjml: str = Field("", max_length=200_000)
    html: str = Field("", max_length=200_000)

    @model_validator(mode="after")
    def _has_one_form(self) -> EmailStep:
        if self.mjml and self.html:
            raise ValueError("give mjml or html, not both")
        return self


class WaitStep(_Step):
    """Time that passes before the next step, counted from the one before."""

    type: Literal["wait"]
    days: int = Field(0, ge=0, le=365)
    hours: int = Field(0, ge=0, le=23)
    minutes: int = Field(0, ge=0, le=59)

    @model_validator(mode="after")
    def _lasts(self) -> WaitStep:
        if not self.lasts:
            raise ValueError("a wait lasts some days, hours or minutes")
        return self

    @property
    def lasts(self) -> timedelta:
        return timedelta(days=self.days, hours=self.hours, minutes=self.minutes)


class ConditionStep(_Step):
    """All of `when` (field:op:value) hold → `next`; otherwise → `otherwise`."""

    type: Literal["condition"]
    when: tuple[str, ...] = Field(min_length=1, max_length=20)
    otherwise: StepId = END

    @model_validator(mode="after")
    def _can_be_asked(self) -> ConditionStep:
        try:
            self.conditions()
        except InvalidInput as error:
            raise ValueError(f"{error.message}. {error.hint or ''}".strip()) from error
        return self

    def conditions(self) -> tuple[Condition, ...]:
        custom = {text.split(":")[0]: FieldType.TEXT for text in self.when if text.startswith("attributes.")}
        return parse_filters(self.when, {**FIELDS, **custom})


class Arm(Part):
    """One way of an A/B step. One that is switched off gets nobody new; those who are on it stay."""

    id: StepId
    next: StepId
    weight: int = Field(1, ge=1, le=100)
    is_enabled: bool = True


class SplitStep(Part):
    """An A/B step: each contact, or each company with everybody in it, is dealt an arm once and stays on it."""

    type: Literal["split"]
    id: StepId
    by: Literal["contact", "company"] = "company"
    arms: tuple[Arm, ...] = Field(min_length=2, max_length=MOST_ARMS)

    @model_validator(mode="after")
    def _can_be_dealt(self) -> SplitStep:
        names = [arm.id for arm in self.arms]
        if len(set(names)) < len(names):
            raise ValueError("two arms have one id")
        if not any(arm.is_enabled for arm in self.arms):
            raise ValueError("one arm at least is enabled")
        return self


class ActionStep(_Step):
    """Changes the contact, or tells its owner."""

    type: Literal["action"]
    do: Literal["set_stage", "set_attribute", "notify_owner"]
    stage: LifecycleStage | None = None
    attribute: str = Field("", max_length=80)
    value: str = Field("", max_length=200)
    message: str = Field("", max_length=200)

    @model_validator(mode="after")
    def _says_what(self) -> ActionStep:
        needed: dict[str, Any] = {
            "set_stage": self.stage,
            "set_attribute": self.attribute,
            "notify_owner": self.message,
        }
        if not needed[self.do]:
            name = {"set_stage": "stage", "set_attribute": "attribute", "notify_owner": "message"}[self.do]
            raise ValueError(f"{self.do} needs {name}")
        return self


class TaskStep(_Step):
    """Something for a person to do: a call, a LinkedIn, SMS or WhatsApp message, or anything else."""

    type: Literal["task"]
    kind: TaskKind
    title: str = Field(min_length=1, max_length=200)
    body: str = Field("", max_length=10_000)
    due_in_days: int = Field(0, ge=0, le=90)
    waits: bool = False
    """Whether the sequence goes on only when the task is done."""


Step = Annotated[EmailStep | WaitStep | ConditionStep | SplitStep | ActionStep | TaskStep, Field(discriminator="type")]


def exits(step: Step, below: str) -> tuple[str, ...]:
    """Where one may go from a step; `below` is the step under it."""
    if isinstance(step, SplitStep):
        return tuple(arm.next for arm in step.arms)
    following = step.next or below
    return (following, step.otherwise) if isinstance(step, ConditionStep) else (following,)
