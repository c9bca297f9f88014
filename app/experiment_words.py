"""What an experiment has shown, in sentences that somebody can act on. Pure."""

from __future__ import annotations

import re

from app.api_transport import Json
from app.formatting import count
from app.split_words import HARMS, UNITS

METRICS = {
    "form_submission": "Sends a form",
    "reply": "Answers a message",
    "meeting": "Has a meeting",
    "deal_opened": "Gets a deal",
    "deal_won": "Wins a deal",
}
STATES = {"draft": "Draft", "running": "Running", "stopped": "Decided"}
RATES_FROM = {
    "said": "the share that was given with the experiment",
    "arms": "the share seen so far",
    "contacts": "what people did who became known before",
}


def key_of(name: str) -> str:
    """A key that programs can use, from a name."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:60]


def verdict(found: Json) -> tuple[str, str, str, str]:
    """Icon, colour, headline, and a sentence on what it rests on or what is missing."""
    arm = found["arm_id"]
    match found["outcome"]:
        case "invalid":
            return ("error", "red", "The split is broken: believe no figure below",
                    "The arms did not get the share that their weights say. Look for a page that fails or is cached for one arm.")  # fmt: skip
        case "harm":
            name = str(found["reason"]).removeprefix("more_")
            return ("block", "red", f"{arm} does harm: stop it",
                    f"{HARMS.get(name, name)} more often than with the first arm.")  # fmt: skip
        case "better":
            return ("check_circle", "green", f"{arm} is better: use it", _gain(found, arm))
        case "worse":
            return ("check_circle", "green", f"Keep {arm}: the others are worse",
                    "The evidence holds however often one has looked.")  # fmt: skip
        case "alike":
            return ("drag_handle", "blue", "They are alike: choose what costs less",
                    "Whatever difference there is, it is smaller than what would matter.")  # fmt: skip
        case _:
            return ("hourglass_empty", "orange", "Nobody can know yet", _missing(found))


def _gain(found: Json, arm: str) -> str:
    won = next(each for each in found["arms"] if each["arm_id"] == arm)
    units = UNITS[found["unit"]][1]
    return (
        f"Of a hundred {units}, {won['difference'] * 100:.1f} more succeed than with the first arm (between "
        f"{won['difference_low'] * 100:.1f} and {won['difference_high'] * 100:.1f}, at 95 %). This holds however often one has looked."
    )


def _missing(found: Json) -> str:
    plan, units = found["plan"], UNITS[found["unit"]][1]
    if not any(arm["exposed"] for arm in found["arms"]):
        return "Nobody has met an arm: ask for assignments where the page is made."
    if plan["per_arm"] is None:
        if found["reason"] == "nothing_matured":
            return f"Outcomes take up to {count(found['horizon_days'])} days, and nobody's time has passed yet."
        return f"None of the {units} succeeded so far, so that it cannot be said how many are needed."
    needed = f"About {count(plan['per_arm'])} {units} in each arm would show a change by {found['least_lift']:.0%}"
    if plan["days"] is None:
        return f"{needed}; at the pace of the last two weeks they never come."
    if not plan["days"]:
        return f"{needed}. They are here, and the difference is still too small to be told from chance."
    return f"{needed}: at the present pace in about {count(max(round(plan['days']), 1))} days."
