"""What an A/B step has shown, in words that say what to do. Pure."""

from __future__ import annotations

from app.api_transport import Json
from app.formatting import count

GOALS = {"reply": "Answers", "positive_reply": "Answers that want more"}
UNITS = {"company": ("company", "companies"), "person": ("person", "people")}
HARMS = {"bounced": "Messages bounce", "unsubscribed": "People unsubscribe", "complained": "People complain"}


def verdict_words(split: Json) -> tuple[str, str, str, str]:
    """Icon, colour, headline, and a sentence on what it rests on or what is missing."""
    arm, units = split["arm_id"], UNITS[split["unit"]][1]
    match split["outcome"]:
        case "invalid":
            return ("error", "red", "The split is broken: believe no figure below",
                    "The arms were not dealt as their weights say. Look for what keeps one of them back before going on.")  # fmt: skip
        case "harm":
            name = str(split["reason"]).removeprefix("more_")
            return (
                "block",
                "red",
                f"{arm} does harm: switch it off",
                f"{HARMS.get(name, name)} more often than with the first arm.",
            )
        case "better":
            return (
                "check_circle",
                "green",
                f"{arm} is better",
                "The evidence holds at every look. Switch the other arms off.",
            )
        case "worse":
            return ("check_circle", "green", f"{arm} is best: the others are worse",
                    "The evidence holds at every look. Switch the other arms off.")  # fmt: skip
        case "alike":
            return (
                "drag_handle",
                "blue",
                "They are alike",
                "Whatever difference there is, it is smaller than what would matter.",
            )
        case _:
            return ("hourglass_empty", "orange", "Nobody can know yet", _missing(split, units))


def _missing(split: Json, units: str) -> str:
    if split["reason"] == "nothing_matured":
        return f"No message is older than {count(split['horizon_days'])} days: answers are still to come."
    if split["missing"] is None:
        return "Nobody has answered so far, so that it cannot be said how many are needed."
    if not split["missing"]:
        return "As many as were planned have been written to, and the difference is still too small to be told from chance."
    return f"About {count(split['missing'])} {units} more in each arm would show a change by {split['least_lift']:.0%}."
