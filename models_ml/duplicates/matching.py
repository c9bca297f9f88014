"""Pairs of records that may be one thing, each with the chance that it is and what speaks for and against it.

Fellegi and Sunter (1969), by splink on DuckDB: `u` is sampled from random pairs, `m` learned by expectation maximisation
within blocks, both drawn towards stated values (`comparisons`) by as much as little data deserves. The prior odds of a
pair come from the records themselves: the share of matches that the weights together imply.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from splink import DuckDBAPI, Linker, SettingsCreator, block_on

from models_ml.duplicates.comparisons import Comparison, Model, splink_comparison
from models_ml.duplicates.records import Records

logging.getLogger("splink").setLevel(logging.ERROR)
# It warns of every level that few records leave unseen: those keep their stated weight.
VERSION = "splink-5/1"
"""Of the model, not of what it learned; a change of comparisons or stated weights makes another."""
SEED = 20_260_302
MOST_IN_BLOCK = 200
"""A value that more records share says little, and would make 20,000 pairs."""
SAMPLED_PAIRS = 500_000
TRAINING_PAIRS = 1_000_000
FEWEST_SAMPLED, FEWEST_BLOCKED = 2_000, 200
"""Random pairs below which `u`, and blocked pairs below which `m`, stays as stated."""
PRIOR_MATCHES, PRIOR_PAIRS = 60.0, 5_000.0
"""How many matches (for m) and random pairs (for u) the stated values are worth."""
DUPLICATE_SHARE = 0.03
"""Records with a second one, before anything is known of them: CRM vendors report 10 % and more, imports fewer."""
PRIOR_RECORDS = 300.0
"""Records that this share is worth."""
PRIOR_RECORDS_OF_A_VALUE = 5_000.0
"""Records that the stated frequency of a value is worth."""
MOST_DIFFERING = 0.6
ROUNDS = 30
Numbers = np.ndarray[tuple[int], np.dtype[np.float64]]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one comparison says: its level and its weight in bits; positive speaks for one record."""

    comparison: str
    level: str
    weight: float


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records, the smaller id first. `weight`: bits of all evidence together, prior odds included."""

    left_id: str
    right_id: str
    probability: float
    weight: float
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Probability = 1 / (1 + e^-(slope · log-odds + intercept)): a model that is too sure has a slope below one."""

    slope: float = 1.0
    intercept: float = 0.0

    def of(self, bits: Numbers) -> Numbers:
        odds: Numbers = np.clip(self.slope * bits * np.log(2) + self.intercept, -500, 500)
        probability: Numbers = 1 / (1 + np.exp(-odds))
        return probability

    def sql(self, bits: str) -> str:
        """The same of a column."""
        return f"1 / (1 + exp(-greatest(-500, least(500, {self.slope} * {bits} * ln(2) + {self.intercept}))))"


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found. `match_odds`: bits of the prior odds of a random pair. `expected_matches`: the sum of the
    probabilities of all pairs that were compared; `trained_on`: matches that EM learned from, by comparison."""

    pairs: Sequence[Pair]
    record_count: int
    compared_count: int
    expected_matches: float
    match_odds: float
    trained_on: Mapping[str, float]


def find_pairs(
    records: Records, model: Model, *, at_least: float, calibration: Calibration = Calibration(), threads: int = 2
) -> Found:
    """Every pair whose probability is `at_least` so high, the surest first; the same records give the same pairs."""
    if len(records) < 2:
        return Found([], len(records), 0, 0.0, 0.0, {})
    model = model.with_extras(records.extras)
    connection = duckdb.connect(":memory:", config={"threads": threads})
    try:
        return _find(connection, records, model, at_least, calibration)
    finally:
        connection.close()


def _find(
    connection: duckdb.DuckDBPyConnection, records: Records, model: Model, at_least: float, calibration: Calibration
) -> Found:
    connection.register("given", records.table)
    connection.execute(_blocked(model))
    api = DuckDBAPI(connection)
    table = api.register("blocked", table_name="records")
    _register_frequencies(connection, api, _linker(table, model, {}), model, len(records))
    learned, trained_on = _learn(connection, table, model, len(records))
    linker = _linker(table, model, learned, final=True)
    predicted = linker.inference.predict(warning_mode="never").physical_name
    weights = _weights(connection, predicted, model)
    bits: Numbers = np.asarray(
        connection.execute(f"select {' + '.join(weights.values())} as bits from {predicted}").to_arrow_table()["bits"],
        dtype=float,
    )
    prior = prior_bits(bits, len(records))
    chances = calibration.of(bits + prior)
    columns = ", ".join(f"gamma_{name} as {name}, {weight} as weight_{name}" for name, weight in weights.items())
    rows = connection.execute(
        f"""
        with weighed as (
            select unique_id_l, unique_id_r, {columns}, {" + ".join(weights.values())} + ? as total from {predicted}
        )
        select * from (select *, {calibration.sql("total")} as chance from weighed)
        where chance >= ?
        order by chance desc, unique_id_l, unique_id_r
        """,
        [prior, at_least],
    )
    pairs = list(_pairs(rows.to_arrow_table(), model, records.extras))
    return Found(pairs, len(records), len(bits), float(chances.sum()), prior, trained_on)


def prior_bits(bits: Numbers, record_count: int) -> float:
    """Log2 odds that a random pair is one thing, such that the pairs' probabilities sum to as many as that makes.

    A few records say little: the stated share of duplicates is laid beside them.
    """
    total = record_count * (record_count - 1) / 2
    stated = matches = DUPLICATE_SHARE * record_count
    for _ in range(ROUNDS):
        odds = np.log2(matches / max(total - matches, 1e-9))
        implied = float(Calibration().of(bits + odds).sum())
        matches = (implied * record_count + stated * PRIOR_RECORDS) / (record_count + PRIOR_RECORDS)
        matches = min(max(matches, 1e-6), 0.9 * total)
    return float(np.log2(matches / (total - matches)))


def _blocked(model: Model) -> str:
    """The records with a column for each block, empty where too many share it."""
    keyed = ", ".join(f"{block} as block_{number}" for number, block in enumerate(model.blocks))
    capped = ", ".join(
        f"case when count(*) over (partition by block_{number}) <= {MOST_IN_BLOCK} then block_{number} end"
        f" as block_{number}"
        for number in range(len(model.blocks))
    )
    return f"""
        create table blocked as
        with keyed as (select *, {keyed} from given)
        select * replace ({capped}) from keyed order by unique_id
    """


def _linker(table: Any, model: Model, learned: _Learned, *, final: bool = False) -> Linker:
    """Of a table that was registered with one DuckDB; `final`: shows what each comparison weighs."""
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=[splink_comparison(each, learned.get(each.name, {})) for each in model.comparisons],
        blocking_rules_to_generate_predictions=[block_on(f"block_{number}") for number in range(len(model.blocks))],
        probability_two_random_records_match=0.5 if final else 0.1,
        retain_matching_columns=final,
        retain_intermediate_calculation_columns=final,
        linker_uid="leadhouse",
    )
    return Linker(table, settings, log_level=None, validate_settings=False)


def _register_frequencies(
    connection: duckdb.DuckDBPyConnection, api: DuckDBAPI, linker: Linker, model: Model, record_count: int
) -> None:
    """How often a random record bears a value. Two that bear it were chosen for it, so they do not count; what is left
    is laid beside the stated frequency, which few records hardly change."""
    stated = {
        level.frequency: level.u for each in model.comparisons for level in reversed(each.levels) if level.frequency
    }
    for column, u in stated.items():
        table, weight = f"frequency_of_{column}", PRIOR_RECORDS_OF_A_VALUE / (record_count + PRIOR_RECORDS_OF_A_VALUE)
        connection.execute(
            f"create table {table} as select {column}, greatest(count(*) - 2, 0) / {record_count}"
            f" + {u * weight} as tf_{column} from blocked where {column} is not null group by {column}"
        )
        known = api.register(table, table_name=f"known_{table}")
        linker.table_management.register_term_frequency_lookup(known, column)


_Learned = dict[str, dict[str, tuple[float, float]]]
"""(m, u) by comparison and level."""


def _learn(
    connection: duckdb.DuckDBPyConnection, table: Any, model: Model, record_count: int
) -> tuple[_Learned, dict[str, float]]:
    """Weights drawn from the stated ones towards what the records say, and how many matches said it."""
    random_pairs = min(record_count * (record_count - 1) / 2, SAMPLED_PAIRS)
    us: dict[str, dict[str, float]] = {}
    if random_pairs >= FEWEST_SAMPLED:
        linker = _linker(table, model, {})
        linker.training.estimate_u_using_random_sampling(max_pairs=SAMPLED_PAIRS, seed=SEED, num_chunks=1)
        us = _sampled(linker)
    learned: _Learned = {
        each.name: {
            level.code: (level.m, _drawn(level.u, us.get(each.name, {}).get(level.code), random_pairs, PRIOR_PAIRS))
            for level in each.levels
        }
        for each in model.comparisons
    }
    learned = {name: _whole(levels) for name, levels in learned.items()}
    said: dict[str, list[tuple[float, Mapping[str, float]]]] = defaultdict(list)
    for columns in model.training:
        pair_count = _pair_count(connection, columns)
        if pair_count >= FEWEST_BLOCKED:
            matches, ms = _session(table, model, learned, columns, pair_count)
            for name, levels in ms.items() if _tells_matches(ms) else ():
                said[name].append((matches, levels))
    for each in model.comparisons:
        for level in each.levels:
            if level.is_fixed:
                continue
            m, u = learned[each.name][level.code]
            for matches, seen in said[each.name]:
                m += seen.get(level.code, 0.0) * matches / PRIOR_MATCHES
            learned[each.name][level.code] = (m / (1 + sum(found[0] for found in said[each.name]) / PRIOR_MATCHES), u)
    return learned, {name: sum(matches for matches, _ in found) for name, found in said.items()}


def _session(
    table: Any, model: Model, learned: _Learned, columns: Sequence[str], pair_count: float
) -> tuple[float, dict[str, dict[str, float]]]:
    """One run of EM within a block: how many matches it saw, and m by comparison and level, but of comparisons that
    look at the columns of the block themselves."""
    linker = _linker(table, model, learned)
    session = linker.training.estimate_parameters_using_expectation_maximisation(
        block_on(*columns), estimate_without_term_frequencies=True, max_pairs=TRAINING_PAIRS
    )
    trained = session.core_model_settings
    ms = {
        each.output_column_name: {
            level.label_for_charts: float(level.m_probability)
            for level in each.comparison_levels
            if not level.is_null_level and isinstance(level.m_probability, int | float)
        }
        for each in trained.comparisons
    }
    return float(trained.probability_two_random_records_match) * min(pair_count, TRAINING_PAIRS), ms


def _tells_matches(ms: Mapping[str, Mapping[str, float]]) -> bool:
    """Whether what EM took for matches are some: records that mostly differ are another crowd that a block has in it."""
    differing = [list(levels.values())[-1] for levels in ms.values() if levels]
    return bool(differing) and float(np.mean(differing)) <= MOST_DIFFERING


def _sampled(linker: Linker) -> dict[str, dict[str, float]]:
    """u by comparison and level, as splink counted them; levels that it never saw are left out."""
    told: dict[str, Any] = linker.misc.save_model_to_json()
    return {
        each["output_column_name"]: {
            level["label_for_charts"]: float(level["u_probability"])
            for level in each["comparison_levels"]
            if isinstance(level.get("u_probability"), int | float)
        }
        for each in told["comparisons"]
    }


def _drawn(stated: float, seen: float | None, seen_count: float, stated_count: float) -> float:
    return (stated * stated_count + (seen or 0.0) * seen_count) / (stated_count + seen_count)


def _whole(levels: dict[str, tuple[float, float]]) -> dict[str, tuple[float, float]]:
    """With u that sum to one."""
    total = sum(u for _, u in levels.values())
    return {code: (m, u / total) for code, (m, u) in levels.items()}


def _pair_count(connection: duckdb.DuckDBPyConnection, columns: Sequence[str]) -> float:
    filled = " and ".join(f"{column} is not null" for column in columns)
    found = connection.execute(
        f"select coalesce(sum(held * (held - 1) / 2), 0) from"
        f" (select count(*) as held from blocked where {filled} group by {', '.join(columns)})"
    ).fetchone()
    return float(found[0]) if found else 0.0


def _weights(connection: duckdb.DuckDBPyConnection, predicted: str, model: Model) -> dict[str, str]:
    """SQL of each comparison's whole weight, with what a rare or common value adds."""
    there = {row[0] for row in connection.execute(f"describe {predicted}").fetchall()}
    return {
        each.name: f"mw_{each.name}" + (f" + mw_tf_adj_{each.name}" if f"mw_tf_adj_{each.name}" in there else "")
        for each in model.comparisons
    }


def _pairs(table: pa.Table, model: Model, extras: Mapping[str, str]) -> Iterator[Pair]:
    for row in table.to_pylist():
        evidence = [
            Evidence(
                _name(each, extras),
                each.levels[len(each.levels) - 1 - row[each.name]].code,
                round(row[f"weight_{each.name}"], 3),
            )
            for each in model.comparisons
            if row[each.name] >= 0
        ]
        left, right = sorted((row["unique_id_l"], row["unique_id_r"]))
        yield Pair(left, right, float(row["chance"]), float(row["total"]), tuple(evidence))


def _name(comparison: Comparison, extras: Mapping[str, str]) -> str:
    return f"attributes.{extras[comparison.name]}" if comparison.name in extras else comparison.name
