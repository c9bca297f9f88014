"""Rules, duty and clocks in words, and back: what a person types becomes what the API takes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from app.api_transport import Json
from app.formatting import comma_separated
from domain.working_hours import DAYS

OPS = {
    "eq": "is", "ne": "is not", "gt": ">", "gte": "≥", "lt": "<", "lte": "≤", "in": "is one of", "not_in": "is none of",
    "contains": "contains", "starts": "starts with", "empty": "is empty", "filled": "is known",
}  # fmt: skip
CHOICES = {
    "pool": "These people, in turn",
    "owner": "Whoever owns the contact",
    "company_owner": "Whoever owns most of the company's contacts",
}
ABSENCES = {
    "paused": "is paused", "away": "is away", "at_capacity": "is full", "off_duty": "is off duty", "left": "has left",
    "had_it": "had it before", "named": "nobody is named",
}  # fmt: skip
"""Why somebody gets no lead, after their name."""
CLOCKS = {"speed_to_lead": "Speed to lead", "rep": "Owner's answer"}
STANDINGS = {
    "breached": ("Breached", "red"), "at_risk": ("At risk", "orange"), "on_track": ("On track", "green"),
    "paused": ("Paused", "gray"),
}  # fmt: skip
PAUSES = {"waiting_for_customer": "waits for the customer", "snoozed": "snoozed"}
CAUSES = {
    "new_lead": "when the lead came in", "by_hand": "when somebody asked the rules again", "import": "after an import",
    "service_level": "because it was not touched in time", "play": "by a play, after a signal",
}  # fmt: skip


def condition_words(text: str) -> str:
    """`country:in:DE,AT` → `country is one of DE, AT`."""
    field, _, rest = text.partition(":")
    op, _, value = rest.partition(":")
    shown = field.removeprefix("attributes.").replace("_", " ")
    return f"{shown} {OPS.get(op, op)} {value.replace(',', ', ')}".strip()


def people_words(rule: Mapping[str, Any], names: Mapping[str, str]) -> str:
    """Whom a rule means; a weight is told where weights differ."""
    people = rule.get("people") or {}
    if rule.get("choice", "pool") != "pool":
        return CHOICES[str(rule["choice"])]
    is_even = len(set(people.values())) < 2
    return ", ".join(names.get(user, "somebody who left") + ("" if is_even else f" ×{n}") for user, n in people.items())


def step_words(steps: Sequence[Json], names: Mapping[str, str]) -> str:
    """The way through the rules: `DACH: country does not fit → pool: Bob (Ada is full)`."""
    told = []
    for step in steps:
        if step["outcome"] == "conditions":
            told.append(
                f"{step['rule']}: {str(step['field']).removeprefix('attributes.').replace('_', ' ')} does not fit"
            )
        elif step["outcome"] == "nobody":
            why_not = {key: why for key, why in step.items() if key not in {"rule", "outcome"}}
            told.append(f"{step['rule']}: {_passed_over(why_not, names)}")
        elif step["outcome"] == "waited":
            came = "waited for its score" if step["is_scored"] else "no score came"
            told.append(f"{came} ({step['seconds']:g} s)")
        else:
            passed = _passed_over(step.get("passed_over") or {}, names)
            told.append(f"{step['rule']}: {names.get(step['user_id'], 'somebody')}{f' ({passed})' if passed else ''}")
    return " → ".join(told)


def _passed_over(passed: Mapping[str, str], names: Mapping[str, str]) -> str:
    told = []
    for user, why in passed.items():
        words = ABSENCES.get(why, why)
        told.append(words if user == "nobody" else f"{names.get(user, 'somebody')} {words}")
    return ", ".join(told)


def hours_words(duty: Mapping[str, Any]) -> str:
    """Days with the same blocks told together: `mon–fri 09:00-17:00`."""
    hours = duty.get("hours")
    if not hours:
        return "around the clock"
    runs: list[tuple[list[str], str]] = []
    for day in DAYS:
        blocks = " ".join(hours.get(day) or [])
        if runs and runs[-1][1] == blocks:
            runs[-1][0].append(day)
        else:
            runs.append(([day], blocks))
    told = [f"{days[0] if len(days) == 1 else f'{days[0]}–{days[-1]}'} {blocks}" for days, blocks in runs if blocks]
    zone = f" ({hours['time_zone']})" if hours.get("time_zone") else ""
    return ", ".join(told) + zone if told else "never"


def span_words(minutes: float) -> str:
    """`90` → `1 h 30 min`."""
    days, rest = divmod(round(minutes), 1440)
    hours, left = divmod(rest, 60)
    parts = [f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (left, "min")) if number]
    return " ".join(parts) or "0 min"


def lines_of(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def days_of(text: str) -> list[str]:
    """`2026-12-25, 2027-01-01` as a list; what is no day, the API says."""
    return comma_separated(text.replace(";", ","))


def blocks_of(text: str) -> list[str]:
    return [part.replace("–", "-") for part in comma_separated(text.replace(";", ","))]


def as_yaml(routing: Mapping[str, Any]) -> str:
    return yaml.safe_dump(dict(routing), sort_keys=False, allow_unicode=True)


def from_yaml(text: str) -> Json:
    """Raises ValueError for what is no routing; what is wrong inside one, the API says."""
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ValueError(f"This is no YAML: {error}") from error
    if not isinstance(found, dict) or not isinstance(found.get("rules"), list):
        raise ValueError("A routing has a list of rules and a fallback_user_id.")  # noqa: TRY004  a value, not a type
    return found
