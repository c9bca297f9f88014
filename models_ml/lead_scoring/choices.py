"""What people of an organization decided about its models, as landed: columns used although suspect, a version kept."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from domain.scoring_models import OVERRULES_SETTING, PIN_SETTING, Overrule, Pin, read_overrules, read_pin
from storage.lake import Lake


def overrules(lake: Lake, organization_id: str) -> dict[str, Overrule]:
    """By column, who said that a suspect may be learned from, and why."""
    return read_overrules(_newest(lake, organization_id, OVERRULES_SETTING))


def pin(lake: Lake, organization_id: str) -> Pin | None:
    """The version that people want to score, whatever training thinks; None where training decides."""
    return read_pin(_newest(lake, organization_id, PIN_SETTING))


def _newest(lake: Lake, organization_id: str, name: str) -> Mapping[str, Any]:
    found = lake.arrow(
        "select cast(value as text) as value from staging.stg_operational__organization_settings "
        "where organization_id = ? and setting_name = ? order by valid_from desc, version desc limit 1",
        [organization_id, name],
    ).to_pylist()
    value: Mapping[str, Any] = json.loads(found[0]["value"]) if found else {}
    return value
