"""What may be concluded of the A/B steps of a sequence, and of its send times, by answers and never by opens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from domain.experiments.assigning import Exposure, Variant
from domain.experiments.metrics import MARGINS
from domain.experiments.planning import horizon
from domain.experiments.reading import Reading, Terms, read
from domain.experiments.units import Counts, counted
from domain.outreach.send_times import ARM
from domain.outreach.sequences import Sequence as Definition
from domain.outreach.sequences import emails, splits
from domain.outreach.steps import END, EmailStep, SplitStep, exits
from domain.replies.intents import POSITIVE
from serving.experiments.readings import arms_out, guardrails_out
from serving.sending.gathering import definition_for
from serving.sequences.schemas import SplitReadingListOut, SplitReadingOut
from storage.ops.repositories.sequences import Sequences
from storage.ops.repositories.split_facts import SplitFacts, Way
from storage.ops.store import Work

Goal = Literal["reply", "positive_reply"]
LEAST_BEFORE = 50
"""People written to before from whom a base rate is taken."""
TIME_FOR_ANSWERS = timedelta(days=60)


def read_splits(work: Work, sequence_id: str, goal: Goal, least_lift: float) -> SplitReadingListOut:
    """Every A/B step of the version that holds now. Raises NotFound."""
    row = Sequences(work).get(sequence_id)
    organization_id, facts, now = row.organization_id, SplitFacts(work), work.now()
    definition = definition_for(work, sequence_id, row.version)
    tests = tests_of(definition)
    if not tests:
        return SplitReadingListOut(items=[])
    ways = facts.ways(sequence_id, organization_id)
    versions = {
        version: definition if version == row.version else definition_for(work, sequence_id, version)
        for version in {way.version for way in ways}
    }
    contacted, answered = facts.rate_before(sequence_id, row.created_at, organization_id)
    base_rate = (answered + 1) / (contacted + 20) if contacted >= LEAST_BEFORE and goal == "reply" else None
    days = horizon(facts.delays(now - TIME_FOR_ANSWERS, organization_id))
    happened: dict[str, list[tuple[str, datetime]]] = {kind: [] for kind in ("replied", *MARGINS)}
    for kind, contact_id, at in facts.events(sequence_id, happened, organization_id):
        happened[kind].append((contact_id, at))
    if goal == "positive_reply":
        happened["replied"] = facts.answers(sequence_id, [each.value for each in POSITIVE], organization_id)
    return SplitReadingListOut(
        items=[
            _read_one(facts, sequence_id, organization_id, split, versions, ways, happened, days, now, goal,
                      Terms(base_rate=base_rate, least_lift=least_lift, margins=MARGINS))
            for split in tests
        ]
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trial:
    """What a sequence tries two ways: an A/B step, or when its messages leave."""

    id: str
    by: str
    variants: tuple[Variant, ...]


def tests_of(definition: Definition) -> list[Trial]:
    """The best hour is compared with a random one, which stands first."""
    found = [
        Trial(split.id, split.by, tuple(Variant(arm.id, arm.weight, arm.is_enabled) for arm in split.arms))
        for split in splits(definition)
    ]
    return [*found, Trial(ARM, "contact", definition.timing.variants)] if definition.timing.best_hour else found


def behind(definition: Definition, split_id: str) -> set[str]:
    """The messages that may come after an A/B step."""
    if split_id == ARM:
        return {step.id for step in emails(definition)}
    step = definition.by_id.get(split_id)
    ahead, found = (list(exits(step, END)) if isinstance(step, SplitStep) else []), set[str]()
    while ahead:
        name = ahead.pop()
        if name != END and name not in found:
            found.add(name)
            ahead += exits(definition.by_id[name], definition.below[name])
    return {name for name in found if isinstance(definition.by_id[name], EmailStep)}


def _read_one(
    facts: SplitFacts,
    sequence_id: str,
    organization_id: str,
    split: Trial,
    versions: Mapping[int, Definition],
    ways: list[Way],
    happened: Mapping[str, list[tuple[str, datetime]]],
    days: float,
    now: datetime,
    goal: Goal,
    terms: Terms,
) -> SplitReadingOut:
    variants = split.variants
    after = {version: behind(definition, split.id) for version, definition in versions.items()}
    sent = facts.first_sent(sequence_id, set().union(*after.values()) if after else set(), organization_id)
    unit_of = {way.contact_id: _unit(split, way) for way in ways}
    dealt, exposures = [], []
    for way in ways:
        if (arm := way.arms.get(split.id)) is None:
            continue
        dealt.append(Exposure(unit_of[way.contact_id], arm, now))
        moments = [at for step in after[way.version] if (at := sent.get((way.enrolment_id, step))) is not None]
        if moments:
            exposures.append(Exposure(unit_of[way.contact_id], arm, min(moments)))
    by_unit = {kind: _by_unit(found, unit_of) for kind, found in happened.items()}
    counts = counted(
        variants, exposures, by_unit["replied"], {name: by_unit[name] for name in MARGINS}, now=now,
        horizon=timedelta(days=days),
    )  # fmt: skip
    drawn = counted(variants, dealt, {}, {}, now=now, horizon=timedelta(days=days))
    is_known = len({_variants(definition, split.id) for definition in versions.values()}) <= 1
    reading = read(
        counts.arms,
        # people were counted before, so companies have no base rate of their own
        replace(terms, base_rate=terms.base_rate if split.by == "contact" else None).expecting(
            [arm.exposed for arm in drawn.arms] if is_known else None
        ),
    )
    return _out(split, counts, reading, days, goal, terms.least_lift)


def _unit(split: Trial, way: Way) -> str:
    return way.company_id or way.contact_id if split.by == "company" else way.contact_id


def _by_unit(found: list[tuple[str, datetime]], unit_of: Mapping[str, str]) -> dict[str, list[datetime]]:
    moments: dict[str, list[datetime]] = {}
    for contact_id, at in found:
        if (unit := unit_of.get(contact_id)) is not None:
            moments.setdefault(unit, []).append(at)
    return moments


def _variants(definition: Definition, split_id: str) -> tuple[Variant, ...] | None:
    """What a version deals by; None where it has no test of that id, and dealt nobody."""
    return next((each.variants for each in tests_of(definition) if each.id == split_id), None)


def _out(split: Trial, counts: Counts, reading: Reading, days: float, goal: Goal, least_lift: float) -> SplitReadingOut:
    return SplitReadingOut(
        split_id=split.id,
        unit="company" if split.by == "company" else "person",
        goal=goal,
        outcome=reading.outcome.value,
        reason=reading.reason,
        arm_id=reading.key,
        missing=reading.missing,
        least_lift=least_lift,
        detectable_lift=reading.detectable,
        horizon_days=days,
        clash_count=counts.clashes,
        split_p_value=reading.split.anytime_p_value if reading.split else None,
        arms=arms_out(counts, reading),
        guardrails=guardrails_out(reading),
    )
