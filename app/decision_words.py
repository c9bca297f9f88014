"""Automated decisions in words for people: what was decided about a contact, why, and by whom. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from app.formatting import value_text
from domain.duplicates import LEVEL_WORDS, evidence_words

KINDS = {
    "accept": ("how_to_reg", "Accepted"),
    "reject": ("block", "Refused"),
    "flag": ("flag", "Held for a look"),
    "identify": ("badge", "Recognised"),
    "duplicate": ("group", "Duplicate"),
    "merge": ("merge", "Merge"),
    "import": ("upload_file", "Imported"),
    "undo": ("undo", "Taken back"),
    "land": ("inventory_2", "Landed"),
    "score": ("speed", "Score"),
    "promote": ("trending_up", "Stage"),
    "suppress": ("do_not_disturb_on", "Contact stopped"),
    "route": ("alt_route", "Owner"),
    "service_level": ("timer", "Service level"),
    "send": ("send", "Message sent"),
    "skip": ("skip_next", "Message not sent"),
    "sequence": ("outgoing_mail", "Sequence"),
    "switch": ("power_settings_new", "Sending switched"),
    "health": ("monitor_heart", "Health of a mailbox"),
    "spend": ("payments", "Credits spent"),
    "ai_reply": ("smart_toy", "Answered by AI"),
    "experiment": ("science", "Experiment"),
    "play": ("bolt", "Play"),
    "alert": ("notifications_active", "Alert"),
    "prior": ("diversity_3", "Shared learning"),
}
"""Icon and words of each kind in `domain.decisions`; a new one is shown by its own name."""
ACTORS = {
    "human": (":material/person:", "blue", "person"),
    "contact": (":material/person_pin:", "gray", "contact"),
    "bot": (":material/robot_2:", "orange", "bot"),
    "ai": (":material/auto_awesome:", "violet", "AI"),
    "system": (":material/settings:", "gray", "automatic"),
}
"""How the timeline tells who did something: icon, colour, word."""
BY = {"user": "by a person", "model": "by the model", "api_key": "by a program", "system": "automatically"}
REASONS = {
    "first_scored": "this is its first score",
    "band_changed": "the score crossed into another band",
    "owner": "the lead had this owner already",
    "company_owner": "its company has this owner",
    "pool": "it was their turn in the rule's pool",
    "no_rule_found_anybody": "no rule found anybody, and a lead is never nobody's",
    "set_by_hand": "somebody set it by hand",
    "by_hand": "somebody decided it",
    "soft_bounces": "mail came back again and again, for reasons that may pass",
    "accepted_with_others": "somebody accepted all pairs that were so sure",
    "said_by_a_person": "somebody said that they are two",
    "asked_for": "somebody asked for it",
    "came_by_form": "they sent a form",
    "came_by_identify": "a website told us who they are",
    "came_by_api": "a program sent them",
    "came_by_import": "they came with an import",
    "enough_clients": "enough other clients of the agency stand behind it",
    "too_few_clients": "too few other clients of the agency stand behind it",
    "switched_off": "its switch is off",
}
QUIET = frozenset(
    {
        "duplicate_proposal_id",
        "merge_id",
        "with",
        "anonymous_id",
        "reasons",
        "steps",
        "contact_id",
        "organization_id",
        "artifact_hash",
        "client_ip",
    }
)
"""Parts of a detail that are shown elsewhere, or say nothing to people."""


def kind_words(kind: str) -> tuple[str, str]:
    """Icon and words of a kind of decision."""
    return KINDS.get(kind, ("rule", in_words(kind).capitalize()))


def in_words(name: str) -> str:
    """`no_rule_found_anybody` as it is said."""
    return name.replace("_", " ").replace(":", ": ").strip()


def reason_words(reason: str) -> str:
    """Why, as one would say it."""
    comparison, colon, level = reason.partition(":")
    if colon and ((comparison, level) in LEVEL_WORDS or comparison.startswith("attributes.")):
        return evidence_words(comparison, level)
    return REASONS.get(reason) or in_words(reason) or "no reason was kept"


def outcome_words(outcome: str, people: Mapping[str, str]) -> str:
    """The outcome, with the name of a person where it is one's id."""
    return people.get(outcome) or in_words(outcome)


def detail_lines(detail: Mapping[str, Any], people: Mapping[str, str]) -> list[str]:
    """What the decision saw, a line each: reasons with their effect, steps of a route, then plain facts."""
    lines = [_reason(found) for found in detail.get("reasons") or [] if isinstance(found, dict)]
    lines += [_step(found, people) for found in detail.get("steps") or [] if isinstance(found, dict)]
    for name, value in detail.items():
        if name in QUIET or value in (None, "", [], {}):
            continue
        lines.append(f"{in_words(name).capitalize()}: {_value(value, people)}")
    return lines


def _reason(found: Mapping[str, Any]) -> str:
    effect = found.get("effect")
    return (
        f"{effect:+.0f} {found.get('text', '')}"
        if isinstance(effect, int | float) and effect
        else str(found.get("text", ""))
    )


def _step(found: Mapping[str, Any], people: Mapping[str, str]) -> str:
    """A rule of the way, and what came of it (`domain.routing.Step`)."""
    detail = {name: value for name, value in found.items() if name not in {"rule", "outcome"}}
    said = ", ".join(_pair(name, value, people) for name, value in detail.items() if value not in (None, "", {}, []))
    return f"Rule {found.get('rule', '')}: {in_words(str(found.get('outcome', '')))}" + (f" ({said})" if said else "")


def _pair(name: str, value: Any, people: Mapping[str, str]) -> str:
    said = _value(value, people)
    return said if name == "user_id" else f"{people.get(name) or in_words(name)} {said}"


def _value(value: Any, people: Mapping[str, str]) -> str:
    if isinstance(value, Mapping):
        return ", ".join(_pair(str(name), each, people) for name, each in value.items())
    if isinstance(value, list):
        return ", ".join(_value(each, people) for each in value)
    return people.get(str(value)) or (in_words(value) if isinstance(value, str) else value_text(value))
