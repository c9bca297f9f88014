"""Pipelines: an organization's own stages, what each counts as in the funnel, and what a deal needs to enter one."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.deals import DealStage
from domain.errors import InvalidInput

SETTING = "pipelines"
"""The organization setting that holds a version of them; without one, `DEFAULT_PIPELINES` holds."""
DEFAULT_PIPELINE = "default"
REQUIRABLE = (
    "amount_minor", "expected_close_on", "owner_user_id", "contact_id", "company_id", "lost_reason",
)  # fmt: skip
"""What a stage may ask for; `attributes.<key>` as well."""
_KEY = re.compile(r"^[a-z][a-z0-9_]{0,39}$")


class StageRefused(InvalidInput):
    """The deal lacks what this stage asks for."""

    code = "stage_refused"

    def __init__(self, stage: str, missing: Sequence[str]) -> None:
        super().__init__(
            f"{stage} needs {', '.join(missing)}",
            hint="Fill these in, in the same request if you like, and move again.",
        )
        self.missing = tuple(missing)


@dataclass(frozen=True, slots=True)
class PipelineStage:
    """One column of the board. `rots_after_days`: how long a deal may stand here before it is marked as rotting."""

    key: str
    name: str
    counts_as: DealStage
    probability: float
    """That a deal here is won, 0 to 1: what weighted values are made of."""
    rots_after_days: int | None = None
    requires: tuple[str, ...] = ()

    @property
    def is_closed(self) -> bool:
        return self.counts_as.is_closed


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Stages in order. Exactly one counts as won and one as lost, and they stand last."""

    key: str
    name: str
    stages: tuple[PipelineStage, ...]
    lost_reasons: tuple[str, ...] = field(default=())
    """What may be chosen when a deal is lost; empty: any words."""

    def stage(self, key: str) -> PipelineStage:
        """Raises InvalidInput for a stage that this pipeline has not got."""
        found = next((stage for stage in self.stages if stage.key == key), None)
        if found is None:
            known = ", ".join(stage.key for stage in self.stages)
            raise InvalidInput(f"the pipeline {self.name!r} has no stage {key!r}", hint=f"Its stages: {known}.")
        return found

    def stage_counting_as(self, stage: DealStage) -> PipelineStage:
        """The first column for a funnel stage; the nearest open one before it where the pipeline skips it."""
        exact = next((found for found in self.stages if found.counts_as is stage), None)
        if exact is not None:
            return exact
        order = list(DealStage)
        earlier = [
            each for each in self.stages if not each.is_closed and order.index(each.counts_as) < order.index(stage)
        ]
        return earlier[-1] if earlier else self.stages[0]


DEFAULT_PIPELINES = (
    Pipeline(
        key=DEFAULT_PIPELINE,
        name="Sales",
        stages=(
            PipelineStage("lead", "Lead", DealStage.LEAD, 0.02, 14),
            PipelineStage("mql", "MQL", DealStage.MQL, 0.05, 14),
            PipelineStage("sql", "SQL", DealStage.SQL, 0.15, 14),
            PipelineStage("opportunity", "Opportunity", DealStage.OPPORTUNITY, 0.3, 21),
            PipelineStage("proposal", "Proposal", DealStage.PROPOSAL, 0.5, 14),
            PipelineStage("negotiation", "Negotiation", DealStage.NEGOTIATION, 0.75, 10),
            PipelineStage("won", "Won", DealStage.WON, 1.0),
            PipelineStage("lost", "Lost", DealStage.LOST, 0.0, None, ("lost_reason",)),
        ),
        lost_reasons=("Price", "Timing", "Went with somebody else", "No need", "No answer", "Not a fit"),
    ),
)


def parse_pipelines(raw: Mapping[str, Any]) -> tuple[Pipeline, ...]:
    """The pipelines of a setting's value, `{"pipelines": [{key, name, stages: [...], lost_reasons}]}`.

    Raises InvalidInput that names the first fault and where it stands.
    """
    entries = raw.get("pipelines")
    if not isinstance(entries, list) or not entries:
        raise InvalidInput("pipelines: a list of at least one pipeline is needed")
    found = tuple(_pipeline(f"pipelines[{number}]", entry) for number, entry in enumerate(entries))
    _refuse_twice("pipelines", [pipeline.key for pipeline in found])
    return found


def as_setting(pipelines: Sequence[Pipeline]) -> dict[str, Any]:
    """The value that `parse_pipelines` reads back."""
    return {
        "pipelines": [
            {
                "key": pipeline.key,
                "name": pipeline.name,
                "lost_reasons": list(pipeline.lost_reasons),
                "stages": [
                    {
                        "key": stage.key,
                        "name": stage.name,
                        "counts_as": stage.counts_as.value,
                        "probability": stage.probability,
                        "rots_after_days": stage.rots_after_days,
                        "requires": list(stage.requires),
                    }
                    for stage in pipeline.stages
                ],
            }
            for pipeline in pipelines
        ]
    }


def check_entry(pipeline: Pipeline, stage: PipelineStage, facts: Mapping[str, Any]) -> None:
    """Raises StageRefused for what the deal lacks, and InvalidInput for a reason that the pipeline does not know.

    `facts`: the deal's fields after the change, `attributes` among them.
    """
    missing = [name for name in stage.requires if not _has(facts, name)]
    if missing:
        raise StageRefused(stage.name, missing)
    reason = facts.get("lost_reason")
    if stage.counts_as is DealStage.LOST and reason and pipeline.lost_reasons and reason not in pipeline.lost_reasons:
        raise InvalidInput(
            f"{reason!r} is no reason of this pipeline", hint=f"One of: {', '.join(pipeline.lost_reasons)}."
        )


def is_rotting(stage: PipelineStage, entered_at: datetime, now: datetime) -> bool:
    """Whether a deal has stood in an open stage for longer than it may."""
    if stage.is_closed or stage.rots_after_days is None:
        return False
    return now - entered_at > timedelta(days=stage.rots_after_days)


def weighted(amount_minor: int, stage: PipelineStage, probability: float | None = None) -> int:
    """Expected value in minor units: the amount times the deal's own probability, or its stage's; half up."""
    share = stage.probability if probability is None else probability
    return int(amount_minor * share + 0.5)


def _pipeline(place: str, raw: Any) -> Pipeline:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("stages"), list):
        raise InvalidInput(f"{place}: a key, a name and a list of stages are needed")
    stages = tuple(_stage(f"{place}.stages[{number}]", entry) for number, entry in enumerate(raw["stages"]))
    _refuse_twice(place, [stage.key for stage in stages])
    for ending in (DealStage.WON, DealStage.LOST):
        if sum(stage.counts_as is ending for stage in stages) != 1:
            raise InvalidInput(f"{place}: exactly one stage counts as {ending.value}")
    open_ones = [stage for stage in stages if not stage.is_closed]
    if not open_ones or any(stage.is_closed for stage in stages[: len(open_ones)]):
        raise InvalidInput(f"{place}: open stages come first, won and lost last")
    reasons = raw.get("lost_reasons") or []
    if not isinstance(reasons, list) or not all(isinstance(reason, str) and reason.strip() for reason in reasons):
        raise InvalidInput(f"{place}.lost_reasons: a list of words")
    return Pipeline(_key(place, raw), _name(place, raw), stages, tuple(reason.strip() for reason in reasons))


def _stage(place: str, raw: Any) -> PipelineStage:
    if not isinstance(raw, Mapping):
        raise InvalidInput(f"{place}: a stage is a mapping")
    if raw.get("counts_as") not in set(DealStage):
        raise InvalidInput(f"{place}.counts_as: one of {', '.join(DealStage)}")
    counts_as = DealStage(str(raw["counts_as"]))
    probability = raw.get("probability", {DealStage.WON: 1.0, DealStage.LOST: 0.0}.get(counts_as))
    if isinstance(probability, bool) or not isinstance(probability, int | float) or not 0 <= probability <= 1:
        raise InvalidInput(f"{place}.probability: a number from 0 to 1")
    days = raw.get("rots_after_days")
    if days is not None and (isinstance(days, bool) or not isinstance(days, int) or not 1 <= days <= 3650):
        raise InvalidInput(f"{place}.rots_after_days: whole days, 1 to 3650, or nothing")
    requires = raw.get("requires") or []
    for name in requires if isinstance(requires, list) else [requires]:
        if not isinstance(name, str) or (name not in REQUIRABLE and not name.startswith("attributes.")):
            raise InvalidInput(f"{place}.requires: one of {', '.join(REQUIRABLE)}, or attributes.<key>")
    return PipelineStage(_key(place, raw), _name(place, raw), counts_as, float(probability), days, tuple(requires))


def _has(facts: Mapping[str, Any], name: str) -> bool:
    group, dot, key = name.partition(".")
    value = (facts.get("attributes") or {}).get(key) if dot and group == "attributes" else facts.get(name)
    return value not in {None, "", 0} if isinstance(value, str | int | None) else value is not None


def _key(place: str, raw: Mapping[str, Any]) -> str:
    key = raw.get("key")
    if not isinstance(key, str) or not _KEY.match(key):
        raise InvalidInput(f"{place}.key: lower-case letters, digits and underscores, at most 40, a letter first")
    return key


def _name(place: str, raw: Mapping[str, Any]) -> str:
    name = raw.get("name")
    if not isinstance(name, str) or not 1 <= len(name.strip()) <= 80:
        raise InvalidInput(f"{place}.name: 1 to 80 characters")
    return name.strip()


def _refuse_twice(place: str, keys: Sequence[str]) -> None:
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice:
        raise InvalidInput(f"{place}: the key {twice!r} is used twice")
