"""The scoring rules in force, and what they say of many leads at once: points column by column, reasons lead by lead."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
import yaml
from numpy.typing import NDArray

from domain.scoring import Condition, Group, Rule, RuleScore, ScoringRules, number_of, score_by_rules
from domain.scoring_rules import SETTING, default_text, parse_rules
from storage.lake import Lake

Numbers = NDArray[np.float64]


@cache
def default_rules() -> ScoringRules:
    """The rules that are shipped."""
    return parse_rules(yaml.safe_load(default_text()))


def rules_in_force(lake: Lake, organization_id: str) -> ScoringRules:
    """The newest landed version of an organization's rules, or the shipped ones."""
    found = lake.arrow(
        "select cast(value as text) as value from staging.stg_operational__organization_settings "
        "where organization_id = ? and setting_name = ? order by valid_from desc, version desc limit 1",
        [organization_id, SETTING],
    ).to_pylist()
    return parse_rules(json.loads(found[0]["value"])) if found else default_rules()


def features_of(rules: ScoringRules) -> list[str]:
    """Every fact the rules look at, in order of name."""
    groups = (*rules.fit, *rules.engagement)
    asked = {rule.per for group in groups for rule in group.rules} | {group.fades_with for group in groups}
    asked |= {one.feature for group in groups for rule in group.rules for one in rule.conditions}
    return sorted(name for name in asked if name)


@dataclass(frozen=True, slots=True)
class RulePoints:
    """`domain.scoring.RuleScore` of many leads, as columns; `grade` is a position in GRADES."""

    fit: Numbers
    engagement: Numbers
    score: Numbers
    grade: NDArray[np.int8]


GRADES = tuple(letter + digit for letter in "ABC" for digit in "123")


def rule_points(rules: ScoringRules, table: pa.Table) -> RulePoints:
    """What `domain.scoring.score_by_rules` says of each row, without its reasons (a test compares the two)."""
    facts = _Facts(table)
    fit, engagement = (
        np.clip(sum((_group_points(group, facts, rules) for group in groups), np.zeros(table.num_rows)), 0.0, 100.0)
        for groups in (rules.fit, rules.engagement)
    )
    letter = np.select([fit >= rules.fit_cuts[0], fit >= rules.fit_cuts[1]], [0, 1], 2)
    digit = np.select([engagement >= rules.engagement_cuts[0], engagement >= rules.engagement_cuts[1]], [0, 1], 2)
    score = np.clip(rules.fit_weight * fit + (1 - rules.fit_weight) * engagement, 0.0, 100.0)
    return RulePoints(fit, engagement, score, (3 * letter + digit).astype(np.int8))


class _Facts:
    """The columns that rules ask for, each read once."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table
        self._numbers: dict[str, Numbers] = {}
        self._fading: dict[str, Numbers] = {}

    def __len__(self) -> int:
        return int(self._table.num_rows)

    def numbers(self, name: str) -> Numbers:
        """`number_of` each fact, NaN where it is none."""
        if name not in self._numbers:
            self._numbers[name] = self._read_numbers(name)
        return self._numbers[name]

    def fading(self, name: str, half_life: float) -> Numbers:
        """What is left of points in favour after so many days; all of them where the days are not known."""
        if name not in self._fading:
            left = np.exp2(np.maximum(self.numbers(name), 0.0) / -half_life)
            self._fading[name] = np.where(np.isnan(left), 1.0, left)
        return self._fading[name]

    def _read_numbers(self, name: str) -> Numbers:
        if name not in self._table.column_names:
            return np.full(len(self), np.nan)
        column = self._table[name]
        if pa.types.is_floating(column.type) or pa.types.is_integer(column.type):
            found: Numbers = np.asarray(column.to_numpy(), dtype=np.float64)
            return found
        return self._by_value(name, lambda value: np.nan if (read := number_of(value)) is None else read, np.float64)

    def holds(self, condition: Condition) -> NDArray[np.bool_]:
        least_or_most = {"at_least": np.greater_equal, "at_most": np.less_equal}.get(condition.test)
        if least_or_most is not None:
            operand = number_of(condition.operand)
            compared: NDArray[np.bool_] = least_or_most(
                self.numbers(condition.feature), np.nan if operand is None else operand
            )
            return compared
        found: NDArray[np.bool_] = self._by_value(
            condition.feature, lambda value: condition.holds({condition.feature: value}), np.bool_
        )
        return found

    def _by_value(self, name: str, asked: Callable[[Any], Any], kind: type) -> NDArray[Any]:
        """An answer for each row, asked once for each value that occurs."""
        if name not in self._table.column_names:
            return np.full(len(self), asked(None), dtype=kind)
        column = self._table[name].combine_chunks().dictionary_encode()
        answers: NDArray[Any] = np.asarray(
            [*(asked(value) for value in column.dictionary.to_pylist()), asked(None)], dtype=kind
        )
        places = column.indices.fill_null(len(answers) - 1)
        return answers[np.asarray(places.to_numpy(zero_copy_only=False), dtype=np.int64)]


def _group_points(group: Group, facts: _Facts, rules: ScoringRules) -> Numbers:
    fading = facts.fading(group.fades_with, rules.half_life_days) if group.fades_with else 1.0
    total = np.zeros(len(facts))
    for rule in group.rules:
        points = _rule_points(rule, facts)
        total += np.where(points > 0, points * fading, points)
    return np.clip(total, -group.cap, group.cap)


def _rule_points(rule: Rule, facts: _Facts) -> Numbers:
    points = np.full(len(facts), float(rule.points))
    if rule.per is not None:
        points *= np.clip(np.nan_to_num(facts.numbers(rule.per), nan=0.0), 0.0, rule.most)
    for condition in rule.conditions:
        points *= facts.holds(condition)
    return points


def by_rules(rules: ScoringRules, table: pa.Table) -> Sequence[RuleScore]:
    """The rules' answer for each row, with reasons. Leads with the same facts, which are many, are scored once."""
    names = [name for name in features_of(rules) if name in table.column_names]
    columns = [table[name].to_pylist() for name in names]
    rows = list(zip(*columns, strict=True)) if columns else [()] * table.num_rows
    scored = {row: score_by_rules(rules, dict(zip(names, row, strict=True))) for row in set(rows)}
    return [scored[row] for row in rows]
