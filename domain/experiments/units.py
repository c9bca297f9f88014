"""From what happened to units of an experiment to the counts that are read: only what had its time counts.

A unit is as old as its first exposure. It has matured when the horizon has passed since; an outcome counts when it came
within the horizon, so that older units have no more time to succeed than younger ones. Units mature in the order in which
they were exposed whatever came of them, so looking at matured ones again and again stays honest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.experiments.assigning import Exposure, Variant
from domain.experiments.rates import Tally
from domain.experiments.reading import Arm

Moments = Mapping[str, Sequence[datetime]]
"""When something happened, by unit."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Arms in the order of the variants. `clashes`: units that met more than one variant, which are in no arm."""

    arms: tuple[Arm, ...]
    clashes: int


def first_exposures(found: Iterable[Exposure]) -> dict[str, Exposure]:
    """One a unit: its first, marked where the unit met another variant too (colleagues who were dealt apart)."""
    firsts: dict[str, Exposure] = {}
    for each in sorted(found, key=lambda one: (one.exposed_at, one.unit_id, one.variant)):
        first = firsts.setdefault(each.unit_id, each)
        if first.variant != each.variant and not first.clashes:
            firsts[each.unit_id] = Exposure(first.unit_id, first.variant, first.exposed_at, clashes=True)
    return firsts


def counted(
    variants: Sequence[Variant],
    exposures: Iterable[Exposure],
    outcomes: Moments,
    harms: Mapping[str, Moments],
    *,
    now: datetime,
    horizon: timedelta,
) -> Counts:
    """Counts of each variant. Exposures to a variant that is none of these are left out."""
    units = first_exposures(exposures)
    by_variant: dict[str, list[Exposure]] = {variant.key: [] for variant in variants}
    for each in units.values():
        if not each.clashes and each.variant in by_variant:
            by_variant[each.variant].append(each)

    def within(moments: Moments, each: Exposure) -> bool:
        return any(each.exposed_at <= at < each.exposed_at + horizon for at in moments.get(each.unit_id, ()))

    arms = []
    for variant in variants:
        met = by_variant[variant.key]
        mature = [each for each in met if each.exposed_at + horizon <= now]
        arms.append(
            Arm(
                variant.key,
                exposed=len(met),
                matured=Tally(len(mature), sum(within(outcomes, each) for each in mature)),
                weight=variant.weight,
                harms={name: sum(within(moments, each) for each in met) for name, moments in harms.items()},
                is_enabled=variant.is_enabled,
            )
        )
    return Counts(tuple(arms), sum(each.clashes for each in units.values()))
