"""A workflow of enrichment as it is written and kept: which fields, from whom in which order, under which conditions, and
how much it may cost.

The same document is the YAML that people write, the JSON that is kept in versions, and what a run is bound to.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_serializer, model_validator

from domain.enrichment.fields import FIELDS, FieldKind, Subject, field_of
from domain.enrichment.spending import micros
from domain.errors import InvalidInput
from domain.filters import Condition, FieldType, parse_filters

MOST_FIELDS = 30
MOST_PROVIDERS = 12
CONDITIONS: Mapping[Subject, Mapping[str, FieldType]] = {
    Subject.CONTACT: {
        "email": FieldType.TEXT,
        "first_name": FieldType.TEXT,
        "last_name": FieldType.TEXT,
        "title": FieldType.TEXT,
        "phone": FieldType.TEXT,
        "country": FieldType.TEXT,
        "stage": FieldType.TEXT,
        "source": FieldType.TEXT,
        "band": FieldType.TEXT,
        "score": FieldType.NUMBER,
        "company_domain": FieldType.TEXT,
        "company_name": FieldType.TEXT,
        "industry": FieldType.TEXT,
        "employee_count": FieldType.INTEGER,
    },
    Subject.COMPANY: {
        "name": FieldType.TEXT,
        "domain": FieldType.TEXT,
        "country": FieldType.TEXT,
        "industry": FieldType.TEXT,
        "employee_count": FieldType.INTEGER,
        "contact_count": FieldType.INTEGER,
    },
}
"""What a condition may ask of a row; `attributes.<key>` is compared as text."""

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
Confidence = Annotated[float, Field(ge=0, le=1)]


class Part(BaseModel):
    """A part of a workflow; an unknown name is an error, so that a typo cannot hide."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _amount(value: Any) -> Any:
    """YAML writes 0.1 as a float: it means one tenth, not its nearest binary fraction."""
    return str(value) if isinstance(value, float) else value


Amount = Annotated[Decimal, BeforeValidator(_amount), Field(ge=0, le=1_000_000, max_digits=12, decimal_places=6)]
"""Units of the organization's currency."""


class Ceilings(Part):
    """The most that may be spent; what is not named has no limit of its own. The organization's limits hold as well."""

    per_row: Amount | None = None
    per_run: Amount | None = None
    per_day: Amount | None = None
    least_fill_rate: Confidence = 0.0
    """A run that fills less than this share of its first 200 rows is paused: something is wrong, and it costs."""

    def limit(self, name: Literal["per_row", "per_run", "per_day"]) -> int | None:
        """In micros."""
        amount: Decimal | None = getattr(self, name)
        return None if amount is None else micros(amount)


class Choice(Part):
    """One provider in a chain, by the name of its connection. Written as its name alone where there is nothing to add."""

    provider: Name
    minimum_confidence: Confidence = 0.0
    """An answer that the provider itself trusts less is passed over; one without a word about that counts as sure."""
    when: tuple[str, ...] = Field((), max_length=10)

    @model_validator(mode="before")
    @classmethod
    def _by_name(cls, value: Any) -> Any:
        return {"provider": value} if isinstance(value, str) else value

    @model_serializer(mode="wrap")
    def _shortest(self, handler: Any) -> Any:
        full: dict[str, Any] = handler(self)
        return self.provider if full.keys() <= {"provider"} else full


class FieldPlan(Part):
    """One field and its chain: the providers are asked in order until one answers with a valid value."""

    field: str = Field(max_length=40)
    providers: tuple[Choice, ...] = Field(min_length=1, max_length=MOST_PROVIDERS)
    fresh_days: int | None = Field(None, ge=1, le=3650)
    """How long an answer is believed; without it, as long as such facts usually hold."""


class Workflow(Part):
    """All of it."""

    name: str = Field(min_length=1, max_length=200)
    subject: Subject
    when: tuple[str, ...] = Field((), max_length=20)
    """Rows that it is about: filters as lists take them."""
    overwrite: Literal["blanks", "own", "rules"] = "blanks"
    """`blanks`: only what is empty. `own`: also what enrichment wrote itself and has grown old. `rules`: also what others
    wrote, where the organization's rules of survivorship prefer it. What somebody set by hand always stays."""
    on_capture: bool = False
    """Whether a lead is enriched the moment it comes in."""
    time_budget_seconds: float = Field(2.0, gt=0, le=30)
    """How long a lead that came in is worked on at once; the rest follows."""
    ceilings: Ceilings = Ceilings()
    fields: tuple[FieldPlan, ...] = Field(min_length=1, max_length=MOST_FIELDS)

    @model_validator(mode="after")
    def _is_sound(self) -> Workflow:
        problems = []
        names = [plan.field for plan in self.fields]
        problems += [
            f"the field {name!r} stands there twice" for name in sorted({n for n in names if names.count(n) > 1})
        ]
        for plan in self.fields:
            if plan.field not in FIELDS[self.subject]:
                problems.append(
                    f"there is no field {plan.field!r} of a {self.subject}; fields: {', '.join(sorted(FIELDS[self.subject]))}"
                )
            asked = [choice.provider for choice in plan.providers]
            problems += [
                f"{plan.field} asks {name!r} twice" for name in sorted({n for n in asked if asked.count(n) > 1})
            ]
        for texts in (self.when, *(choice.when for plan in self.fields for choice in plan.providers)):
            try:
                conditions(self.subject, texts)
            except InvalidInput as error:
                problems.append(f"{error.message}. {error.hint or ''}".strip())
        if problems:
            raise ValueError("; ".join(problems))
        return self

    def kind(self, plan: FieldPlan) -> FieldKind:
        return field_of(self.subject, plan.field)

    def lasts(self, plan: FieldPlan) -> timedelta:
        """How long an answer about the field is believed."""
        return timedelta(days=plan.fresh_days) if plan.fresh_days else self.kind(plan).lasts

    @property
    def providers(self) -> tuple[str, ...]:
        """Names of the connections it asks, each once, in the order in which they first stand there."""
        return tuple(dict.fromkeys(choice.provider for plan in self.fields for choice in plan.providers))


def conditions(subject: Subject, texts: tuple[str, ...]) -> tuple[Condition, ...]:
    """Conditions in the grammar of lists. Raises InvalidInput."""
    custom = {text.split(":")[0]: FieldType.TEXT for text in texts if text.startswith("attributes.")}
    return parse_filters(texts, {**CONDITIONS[subject], **custom})


def parse_workflow(raw: Any) -> Workflow:
    """Reads a document; raises InvalidInput that names every fault and where it is."""
    if not isinstance(raw, Mapping):
        raise InvalidInput("a workflow is a mapping with a name, a subject and fields")
    try:
        return Workflow.model_validate(dict(raw))
    except ValidationError as error:
        problems = [f"{_place(problem['loc'], raw)}{_words(problem)}" for problem in error.errors()]
        raise InvalidInput(
            "; ".join(problems), hint="GET /v1/enrichment/workflows/schema describes the document."
        ) from error


def written(workflow: Workflow) -> dict[str, Any]:
    """The shortest document that `parse_workflow` reads back as the same workflow."""
    return workflow.model_dump(mode="json", exclude_defaults=True)


def schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of the document."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **Workflow.model_json_schema()}


def _place(location: tuple[int | str, ...], raw: Mapping[str, Any]) -> str:
    """`fields[2] (email).providers[0]: `, in the words of the document."""
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        if isinstance(part, int) and text == f"fields[{part}]" and isinstance(raw.get("fields"), list | tuple):
            plan = raw["fields"][part]
            name = plan.get("field") if isinstance(plan, Mapping) else None
            text += f" ({name})" if isinstance(name, str) else ""
    return f"{text}: " if text else ""


def _words(problem: Any) -> str:
    return str(problem["msg"]).removeprefix("Value error, ")
