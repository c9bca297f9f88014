"""Leads that come to the outcome otherwise than before are noticed within so many leads; steady ones seldom are."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit, ndtr

from domain.drift import BASE_RATE, PULL, DriftLevel, is_pull, pull_of
from models_ml.lead_scoring.changes import DRAWS, FURTHER, Reference, changes_against, find_changes
from models_ml.lead_scoring.features import Feature

WEIGHTS = np.array([0.9, 0.7, 0.5, 0.3])
NAMES = tuple((pull_of(name), name) for name in ("budget", "fit", "visits", "pricing"))
OLD = 3000


class Leads:
    """Leads of companies of one to four, who share most of their luck; every tenth is good. From `changed_at` on the odds are
    `odds` times what they were, and what tells leads apart has `pull` of its former pull."""

    def __init__(self, seed: int, count: int, changed_at: int = 10**9, odds: float = 1.0, pull: float = 1.0) -> None:
        chance = np.random.default_rng(seed)
        self.company = np.repeat(np.arange(count), chance.integers(1, 5, count))[:count]
        self.facts = chance.normal(size=(count, len(WEIGHTS)))
        pulls, since = self.facts * WEIGHTS, np.arange(count) >= changed_at
        base = np.log(1 / 9) - 0.9
        truly = base + pulls.sum(axis=1) * np.where(since, pull, 1.0) + np.where(since, np.log(odds), 0.0)
        luck = np.sqrt(0.8) * chance.normal(size=count)[self.company] + np.sqrt(0.2) * chance.normal(size=count)
        self.outcome = ndtr(luck) < expit(truly)
        names = ((PULL, "All"), *NAMES)
        together = pulls.sum(axis=1)
        self.reference = Reference(expit(base + together), np.column_stack([together, pulls]), names)

    def changes(self):
        return changes_against(self.reference, self.outcome, self.company, newest_share=0.4)


def test_leads_that_have_not_changed_say_so_in_one_look_of_two_hundred():
    assert pytest.approx(1 / 400) == FURTHER / (DRAWS + 1)  # for the rate and for the pulls each
    assert sum(bool(Leads(seed, 1500).changes()) for seed in range(200)) <= 3


@pytest.mark.parametrize(("odds", "since"), [(0.4, 1500), (2.5, 600)])
def test_a_great_change_of_the_rate_is_noticed_within_so_many_leads_and_taken_for_nothing_else(odds, since):
    looks = [Leads(seed, OLD + since, OLD, odds=odds).changes() for seed in range(8)]
    found = [one for look in looks for one in look if one.subject == BASE_RATE and one.level is DriftLevel.ALARM]
    assert len(found) >= 6
    assert np.median([abs(one.since - OLD) for one in found]) < since / 2
    assert all((one.ratio > 1) == (odds > 1) for one in found)
    assert sum(len(look) for look in looks) - len(found) <= 2


def test_leads_that_hardly_anything_tells_apart_any_more_are_noticed_within_so_many():
    looks = [Leads(seed, OLD + 1200, OLD, pull=0.1).changes() for seed in range(8)]
    assert sum(any(one.level is DriftLevel.ALARM for one in look) for look in looks) >= 6
    pulls = [one for look in looks for one in look if is_pull(one.subject)]
    assert len({one.subject for one in pulls} & {PULL, pull_of("budget")}) == 2
    assert all(one.ratio < 0.5 for one in pulls)


def test_what_lost_its_pull_is_named_and_what_kept_it_is_not():
    leads = Leads(3, 4000)
    chance = np.random.default_rng(3)
    leads.facts[OLD:, 0] = chance.permutation(leads.facts[OLD:, 0])  # budgets that say nothing any more
    features = [Feature(name, name, "number") for _, name in NAMES]
    found = {one.subject: one for one in find_changes(features, leads.facts, leads.outcome, leads.company, 0.4)}
    assert pull_of("budget") in found
    assert found[pull_of("budget")].ratio < 0.5
    assert not {pull_of("fit"), pull_of("visits"), pull_of("pricing")} & set(found)
    (_, spoken_for, spoken_for_since), (_, others, others_since) = found[pull_of("budget")].parts
    assert spoken_for - others > 2 * (spoken_for_since - others_since)


def test_too_few_leads_say_nothing():
    leads = Leads(5, 200, 150, 0.1)
    features = [Feature(name, name, "number") for _, name in NAMES]
    assert find_changes(features, leads.facts, leads.outcome, leads.company, 0.4) == []
