"""Scoring rules as written down: the mapping that YAML and `organization_settings` hold, read once into frozen values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib.resources import files
from itertools import pairwise
from typing import Any

from domain.errors import InvalidInput
from domain.scoring import TESTS, Condition, Group, Rule, ScoringRules, number_of

SETTING = "scoring_rules"
"""The name of the organization setting that holds a version of them."""

SOURCE = "source"
"""The key under which the text that somebody wrote is kept, with its comments; it says nothing of its own."""


def default_text() -> str:
    """The rules of an organization that has none of its own, as YAML with its comments."""
    return files(__package__).joinpath("default_scoring_rules.yml").read_text(encoding="utf-8")


def parse_rules(raw: Mapping[str, Any]) -> ScoringRules:
    """The rules a mapping describes; raises InvalidInput naming the first fault and where it stands."""
    known = {
        "version",
        "fit",
        "engagement",
        "half_life_days",
        "fit_weight",
        "bands",
        "grades",
        "engagement_odds",
        SOURCE,
    }
    _refuse_unknown("scoring rules", raw, known)
    bands, grades = _mapping("bands", raw.get("bands", {})), _mapping("grades", raw.get("grades", {}))
    hot, warm, cool = _falling("bands", bands.get("hot", 75), bands.get("warm", 50), bands.get("cool", 25))
    a_cut, b_cut = _falling("grades", grades.get("A", 60), grades.get("B", 30))
    first_cut, second_cut = _falling("grades", grades.get("1", 60), grades.get("2", 25))
    rules = ScoringRules(
        version=str(raw.get("version", "unnamed")),
        fit=_groups("fit", raw.get("fit", [])),
        engagement=_groups("engagement", raw.get("engagement", [])),
        half_life_days=_positive("half_life_days", raw.get("half_life_days", 14)),
        fit_weight=_share("fit_weight", raw.get("fit_weight", 0.5)),
        bands=(hot, warm, cool),
        fit_cuts=(a_cut, b_cut),
        engagement_cuts=(first_cut, second_cut),
        engagement_odds=max(1.0, _positive("engagement_odds", raw.get("engagement_odds", 3))),
    )
    names = [rule.name for group in (*rules.fit, *rules.engagement) for rule in group.rules]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise InvalidInput(f"scoring rules: the name {twice[0]!r} is used twice")
    return rules


def _groups(side: str, raw: Any) -> tuple[Group, ...]:
    if not isinstance(raw, list):
        raise InvalidInput(f"scoring rules: {side} is a list of groups")
    return tuple(_group(f"{side}[{position}]", entry) for position, entry in enumerate(raw))


def _group(place: str, raw: Any) -> Group:
    if not isinstance(raw, Mapping) or not isinstance(raw.get("rules"), list):
        raise InvalidInput(f"scoring rules: {place} needs a name, a cap and a list of rules")
    _refuse_unknown(place, raw, {"name", "cap", "rules", "fades_with"})
    return Group(
        name=str(raw.get("name", place)),
        cap=_positive(f"{place}.cap", raw.get("cap")),
        rules=tuple(_rule(f"{place}.rules[{position}]", entry) for position, entry in enumerate(raw["rules"])),
        fades_with=raw.get("fades_with"),
    )


def _rule(place: str, raw: Any) -> Rule:
    if not isinstance(raw, Mapping) or not raw.get("name"):
        raise InvalidInput(f"scoring rules: {place} needs a name")
    _refuse_unknown(place, raw, {"name", "label", "points", "when", "per", "most"})
    points = number_of(raw.get("points"))
    if points is None:
        raise InvalidInput(f"scoring rules: {place}.points is not a number")
    name = str(raw["name"])
    return Rule(
        name=name,
        label=str(raw.get("label", name)),
        points=points,
        conditions=tuple(_conditions(place, raw.get("when", {}))),
        per=raw.get("per"),
        most=int(_positive(f"{place}.most", raw.get("most", 1))),
    )


def _conditions(place: str, raw: Any) -> Iterable[Condition]:
    """`when: {email_domain_type: corporate, days_since_known: {at_most: 30}}`; a bare value means `is`."""
    if not isinstance(raw, Mapping):
        raise InvalidInput(f"scoring rules: {place}.when maps features to tests")
    for feature, asked in raw.items():
        tests = asked if isinstance(asked, Mapping) else {"is": asked}
        for test, operand in tests.items():
            if test not in TESTS:
                raise InvalidInput(f"scoring rules: {place}: no test {test!r}; there are {', '.join(TESTS)}")
            listed = test in {"in", "not_in", "contains_any"}
            if listed and not isinstance(operand, list):
                raise InvalidInput(f"scoring rules: {place}: {test} takes a list")
            yield Condition(str(feature), str(test), tuple(operand) if listed else operand)


def _refuse_unknown(place: str, raw: Mapping[str, Any], known: set[str]) -> None:
    strange = sorted(str(key) for key in raw if key not in known)
    if strange:
        raise InvalidInput(f"{place}: no such key {strange[0]!r}; there are {', '.join(sorted(known))}")


def _positive(place: str, value: Any) -> float:
    found = number_of(value)
    if found is None or found <= 0:
        raise InvalidInput(f"scoring rules: {place} is a number above 0")
    return found


def _share(place: str, value: Any) -> float:
    found = number_of(value)
    if found is None or not 0 <= found <= 1:
        raise InvalidInput(f"scoring rules: {place} lies between 0 and 1")
    return found


def _mapping(place: str, value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise InvalidInput(f"scoring rules: {place} is a mapping")
    return {str(key): found for key, found in value.items()}


def _falling(place: str, *values: Any) -> list[float]:
    numbers = [found for found in map(number_of, values) if found is not None]
    if len(numbers) < len(values) or any(low >= high for high, low in pairwise(numbers)):
        raise InvalidInput(f"scoring rules: {place} fall from the best to the least")
    return numbers
