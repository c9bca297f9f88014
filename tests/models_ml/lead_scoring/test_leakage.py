"""The guard against columns that know the outcome: on real leads, on the table of a CRM, and on honest strong columns."""

from __future__ import annotations

import csv
import gzip

import numpy as np
import pyarrow as pa
import pytest

from models_ml.lead_scoring.features import PREFIX, choose
from models_ml.lead_scoring.leakage import History, find_leaks
from tests.models_ml.conftest import BANK_LEADS


def flagged(columns, outcome, **more):
    """The names of suspect columns of a table, with the rule against each."""
    table = pa.table({PREFIX + name: pa.array(values, from_pandas=True) for name, values in columns.items()})
    kinds = {
        name: "number"
        if pa.types.is_floating(table[name].type)
        else "boolean"
        if pa.types.is_boolean(table[name].type)
        else "category"
        for name in table.column_names
    }
    features, _ = choose(table, kinds, {name: name.removeprefix(PREFIX) for name in kinds})
    found = find_leaks(table, np.asarray(outcome, dtype=np.bool_), features, **more)
    return {one.label: one.rule for one in found}


@pytest.fixture(scope="module")
def bank():
    with gzip.open(BANK_LEADS, "rt", encoding="utf-8") as handle:
        rows = list(csv.DictReader(handle, delimiter=";"))
    numbers = {"age", "balance", "day", "duration", "campaign", "pdays", "previous"}
    columns = {
        name: np.asarray([float(row[name]) for row in rows]) if name in numbers else [row[name] for row in rows]
        for name in rows[0]
    }
    return columns, np.asarray([value == "yes" for value in columns.pop("y")])


@pytest.mark.parametrize("every", [1, 9])
def test_the_length_of_the_deciding_call_is_found_without_being_told(bank, every):
    columns, outcome = bank
    assert set(flagged({name: values[::every] for name, values in columns.items()}, outcome[::every])) == {"duration"}


def test_it_is_found_in_every_sample_of_fifteen_hundred(bank):
    columns, outcome = bank
    for seed in range(10):
        some = np.sort(np.random.default_rng(seed).permutation(len(outcome))[:1500])
        sample = {name: np.asarray(values)[some].tolist() for name, values in columns.items()}
        assert "duration" in flagged(as_numbers(sample), outcome[some]), seed


def test_without_its_name_two_of_three_such_samples_still_give_it_away(bank):
    columns, outcome = bank
    found = 0
    for seed in range(15):
        some = np.sort(np.random.default_rng(seed).permutation(len(outcome))[:1500])
        sample = as_numbers({name: np.asarray(values)[some].tolist() for name, values in columns.items()})
        suspects = set(
            flagged({"seconds" if name == "duration" else name: v for name, v in sample.items()}, outcome[some])
        )
        assert suspects <= {"seconds"}
        found += bool(suspects)
    assert found >= 8


def as_numbers(columns):
    return {name: np.asarray(v) if isinstance(v[0], float) else v for name, v in columns.items()}


def test_without_it_nothing_in_the_bank_leads_is_suspect(bank):
    columns, outcome = bank
    assert flagged({name: values for name, values in columns.items() if name != "duration"}, outcome) == {}


def crm(count=4000, seed=3):
    """A table as sales teams export it: honest columns of a lead, and what was filled in once it was decided."""
    chance = np.random.default_rng(seed)
    minutes = chance.gamma(1.2, 4.0, count)
    origin = chance.choice(["api", "landing page", "lead add form"], count, p=[0.4, 0.5, 0.1])
    occupation = chance.choice(["unemployed", "professional", "student", ""], count, p=[0.5, 0.1, 0.1, 0.3])
    visits = chance.poisson(3, count).astype(float)
    odds = -2.2 + 0.17 * minutes + 3.0 * (origin == "lead add form") + 1.8 * (occupation == "professional")
    won = chance.random(count) < 1 / (1 + np.exp(-odds))
    sometimes = chance.random(count)

    def said(good, bad, share_good=0.8, share_bad=0.8):
        values = np.where(won, chance.choice(good, count), chance.choice(bad, count))
        return [
            value if sometimes[at] < (share_good if won[at] else share_bad) else None for at, value in enumerate(values)
        ]

    columns = {
        "Total Time Spent on Website": minutes,
        "Lead Origin": list(origin),
        "Current occupation": [value or None for value in occupation],
        "TotalVisits": visits,
        "Converted Date": np.where(won, chance.uniform(-90, -5, count), np.nan),
        "Deal Amount": np.where(won & (sometimes < 0.85), chance.lognormal(8, 1, count), 0.0),
        "Lost Reason": said(["budget"], ["budget", "timing", "competitor", "no answer"], 0.0, 0.6),
        "Tags": said(
            ["will revert after reading", "closed"] * 6 + ["ringing"],
            ["ringing", "not interested", "already a student"] * 4 + ["will revert after reading"],
        ),
        "Lead Quality": said(
            ["high in relevance", "might be", "might be", "not sure"],
            ["worst", "not sure", "not sure", "might be"],
            0.6,
            0.4,
        ),
        "Contract signed": won & (sometimes < 0.95),
    }
    return columns, won


AFTER = {"Converted Date", "Deal Amount", "Lost Reason", "Tags", "Lead Quality", "Contract signed"}


@pytest.mark.parametrize("seed", range(5))
def test_what_sales_filled_in_afterwards_is_found_and_what_the_lead_brought_is_kept(seed):
    columns, won = crm(seed=seed)
    assert set(flagged(columns, won)) == AFTER


def test_few_leads_are_enough_for_what_is_filled_for_one_outcome_only():
    columns, won = crm(count=300)
    assert {"Converted Date", "Deal Amount", "Contract signed"} <= set(flagged(columns, won)) <= AFTER


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("strength", [0.6, 0.9, 1.2])
@pytest.mark.parametrize("base", [0.05, 0.3])
def test_an_honest_column_may_be_strong(strength, base, seed):
    chance = np.random.default_rng(seed)
    strong, weak, other = chance.exponential(size=5000), chance.normal(size=5000), chance.normal(size=5000)
    odds = np.log(base / (1 - base)) + strength * (strong - 1) + 0.4 * weak + 0.3 * other
    outcome = chance.random(5000) < 1 / (1 + np.exp(-odds))
    assert flagged({"minutes": strong, "weak": weak, "other": other}, outcome) == {}


def test_a_value_that_was_there_before_the_outcome_may_be_as_strong_as_it_likes():
    columns, won = crm()
    timely = np.ones(len(won), np.bool_)
    assert flagged(columns, won, timely=timely) == {}


def test_a_value_that_appears_with_the_outcome_is_found_however_weak_it_is():
    columns, won = crm()
    late, early = History(60, 45), History(60, 3)
    histories = {PREFIX + "TotalVisits": late, PREFIX + "Lead Origin": early}
    found = flagged(columns, won, timely=np.ones(len(won), np.bool_), histories=histories)
    assert found == {"TotalVisits": "filled_after"}


def test_with_hardly_an_outcome_nothing_is_said():
    columns, won = crm(count=60)
    few = np.zeros(len(won), np.bool_)
    few[:5] = True
    assert flagged(columns, few) == {}


DRAWS = {
    "normal": lambda chance, count: chance.normal(size=count),
    "exponential": lambda chance, count: chance.exponential(size=count) - 1,
    "counts": lambda chance, count: chance.poisson(2, count) - 2.0,
    "lognormal": lambda chance, count: np.exp(0.6 * chance.normal(size=count)) - 1.2,
}


def drawn(seed):
    """A table of honest columns, one of which outweighs the others, and the outcome; shapes, sizes and rates differ."""
    chance = np.random.default_rng([seed, 77])
    count, base = int(chance.choice([600, 1500, 4000])), float(chance.choice([0.05, 0.12, 0.3]))
    strong = DRAWS[str(chance.choice(list(DRAWS)))](chance, count)
    weak, trade = chance.normal(size=count), chance.choice(["retail", "health", "energy"], count)
    odds = np.log(base / (1 - base)) + chance.uniform(0.4, 0.9) * strong / strong.std() + 0.4 * weak
    odds += 0.4 * (trade == "health")
    won = chance.random(count) < 1 / (1 + np.exp(-odds))
    columns = {"score_of_form": strong, "weak": weak, "trade": list(trade), "noise": chance.normal(size=count)}
    return columns, won, chance


def test_of_sixty_drawn_tables_with_a_dominating_honest_column_at_most_one_raises_an_alarm():
    alarms = [seed for seed in range(60) if flagged(*drawn(seed)[:2])]
    assert len(alarms) <= 1, alarms


LEAKS = {
    "a date that only the good have": lambda won, chance: np.where(won, chance.uniform(-90, -5, len(won)), np.nan),
    "an amount of the good": lambda won, chance: np.where(won, chance.lognormal(8, 1, len(won)), 0.0),
    "a copy with one error in twenty-five": lambda won, chance: won ^ (chance.random(len(won)) < 0.04),
    "a word of the lost": lambda won, chance: [
        None if good or draw < 0.4 else "budget" for good, draw in zip(won, chance.random(len(won)), strict=True)
    ],
    "filled in for most of the good": lambda won, chance: np.where(
        chance.random(len(won)) < np.where(won, 0.85, 0.1), chance.normal(size=len(won)), np.nan
    ),
    "a number that the outcome shifted": lambda won, chance: chance.normal(size=len(won)) + 3.0 * won,
}


@pytest.mark.parametrize("leak", LEAKS)
def test_of_a_dozen_drawn_tables_with_a_leak_none_hides_it(leak):
    missed = []
    for seed in range(12):
        columns, won, chance = drawn(seed)
        if "planted" not in flagged({**columns, "planted": LEAKS[leak](won, chance)}, won):
            missed.append(seed)
    assert not missed
