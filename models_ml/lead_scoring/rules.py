"""The scoring rules in force, and what they say of many leads at once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import pyarrow as pa
import yaml

from domain.scoring import RuleScore, ScoringRules, score_by_rules
from domain.scoring_rules import SETTING, parse_rules
from storage.lake import Lake


@cache
def default_rules() -> ScoringRules:
    """The rules of `default_rules.yml`."""
    return parse_rules(yaml.safe_load(files(__package__).joinpath("default_rules.yml").read_text(encoding="utf-8")))


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


def by_rules(rules: ScoringRules, table: pa.Table) -> Sequence[RuleScore]:
    """The rules' answer for each row. Leads with the same facts, which are many, are scored once."""
    names = [name for name in features_of(rules) if name in table.column_names]
    columns = [table[name].to_pylist() for name in names]
    rows = list(zip(*columns, strict=True)) if columns else [()] * table.num_rows
    scored = {row: score_by_rules(rules, dict(zip(names, row, strict=True))) for row in set(rows)}
    return [scored[row] for row in rows]
