"""One client's prior, made of what the others gave: pooled, told in steps, with the client's own people beside it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from domain.priors.chances import ClientPrior, LevelPrior
from domain.priors.disclosure import Pool, Rules, others_of, pool
from domain.priors.estimating import choose_weight, learn, told, told_people
from domain.priors.features import EVERYBODY, NOBODY, Tally


@dataclass(frozen=True, slots=True)
class Made:
    """The prior, or none and why: `enough_clients`, `too_few_clients`, `switched_off`."""

    prior: ClientPrior | None
    reason: str


def make_prior(tallies: Mapping[str, Tally], reader: str, own: Tally, rules: Rules) -> Made:
    """What `reader` starts from. `tallies` are those that were given, by client; `own` are the reader's people, given or not.

    Only clients that count the same outcome are asked.
    """
    shared = pool(tallies, reader, own.outcome, rules)
    if shared is None:
        return Made(None, "too_few_clients")
    weight = choose_weight(others_of(tallies, reader, own.outcome), _unguarded)
    learned = told(learn(shared))
    behind = dict(zip(shared.cells, zip(shared.client_counts, shared.people_counts, strict=True), strict=True))
    of_reader = {cell: count for cell, count in own.cells.items() if cell != EVERYBODY}
    everybody = own.cells.get(EVERYBODY, NOBODY)
    levels = {
        cell: LevelPrior(shift.log_odds, shift.strength, behind[cell][0], told_people(behind[cell][1]))
        for cell, shift in learned.shifts.items()
    }
    ours = {
        cell: replace(levels.get(cell, LevelPrior()), own=of_reader.get(cell, NOBODY))
        for cell in sorted({*levels, *of_reader})
    }
    clients, people = behind[EVERYBODY]
    prior = ClientPrior(learned.base.mean, learned.base.strength, weight, clients, told_people(people), everybody, ours)
    return Made(prior, "enough_clients")


def _unguarded(tallies: Sequence[Tally]) -> Pool | None:
    """A pool of some of the clients, to choose a weight by: nothing of it is told but that, in tenths."""
    some = {str(place): tally for place, tally in enumerate(tallies)}
    return pool(some, "", tallies[0].outcome, Rules(1, 1, 1.0)) if tallies else None
