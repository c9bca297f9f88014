"""Reasons and states of sending in words that say what to do. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from app.formatting import plural

STATES = {"draft": "Draft", "active": "Sending", "paused": "Paused", "ended": "Ended"}
STATE_COLORS = {"draft": "gray", "active": "green", "paused": "orange", "ended": "gray"}
REASONS = {
    "allowed": "May leave now",
    "installation_stopped": "All sending of this installation is switched off",
    "agency_stopped": "The agency switched off all sending of its clients",
    "organization_stopped": "All sending of this organization is switched off",
    "sequence_draft": "It was not started yet",
    "sequence_paused": "It is paused",
    "sequence_ended": "It was ended",
    "no_mailbox": "No mailbox may carry it: connect one, or name one that exists",
    "mailbox_paused": "Its mailbox is paused",
    "mailbox_broken": "Its mailbox does not work: look at its login",
    "mailbox_removed": "Its mailbox was removed: connect it again to go on in the same thread",
    "campaign_not_begun": "It starts later",
    "campaign_over": "Its last day is over",
    "campaign_window": "Outside its sending hours",
    "mailbox_window": "Outside the hours of the mailbox",
    "contact_window": "Outside working hours where the contact is",
    "mailbox_gap": "The mailbox waits between two messages",
    "recipient_domain_throttle": "Enough went to that domain within the hour",
    "touched_lately": "Somebody was in touch with them lately",
    "company_limit": "Enough people of the company are in it already",
    "in_another_sequence": "They are in another sequence",
    "in_it_twice": "They were in it already, as the other of two records that became one",
    "variable_missing": "A value that the text needs is missing",
    "suppressed": "They must be left alone",
    "unsubscribed": "They unsubscribed",
    "asked_for_a_pause": "They asked not to be written to for a while",
    "soft_bounces": "Mail to them came back again and again, for reasons that may pass: the address rests",
    "consent_refused": "They refused",
    "consent_missing": "They have not agreed",
    "stage_blocked": "Their stage is kept out",
    "contact_gone": "The contact is gone",
    "no_address": "There is no address",
    "address_undeliverable": "The address was verified, and takes no mail",
    "unknown_contact": "There is no such contact here",
    "enrolled_already": "Already in it",
    "enrolled_before": "Was in it before",
    "best_hour": "It waits for the hour at which people answer most",
    "random_hour": "It waits for an hour drawn at random, so that what best hours bring can be measured",
    "step_waits": "The step before is not over yet",
    "message_unknown": "Nobody can know whether a message left: say what to believe",
    "sending": "A message is on its way",
    "handed_over_again": "No answer came: it is handed over again, and leaves once all the same",
    "task_open": "A task is open",
    "end_reached": "Through",
    "by_hand": "By hand",
    "reply": "They answered",
    "bounced": "The address does not exist",
}
STOPS = {
    "installation_stopped": "**All sending of this installation is switched off** by whoever runs it.",
    "agency_stopped": "**The agency switched off all sending**, also that of its clients. It lets it go on.",
    "organization_stopped": "**All sending of this organization is switched off.** Clients of an agency wait with it.",
}
"""Switches above sequences and mailboxes, for whoever waits."""
SWITCHED = {"active": "Started", "paused": "Paused", "ended": "Ended"}
"""What was last done to a sequence."""
CAPS = {
    "sequence_per_day": "the sequence's messages a day",
    "new_per_day": "the sequence's new people a day",
    "provider_per_day": "what the provider allows a day",
    "mailbox_per_day": "the mailbox's messages a day",
    "mailbox_per_hour": "the mailbox's messages an hour",
    "sending_domain_per_day": "the sending domain's messages a day",
    "ramp": "the mailbox's ramp",
    "health": "half of the mailbox's messages a day, while its health is watched",
    "young_mailbox": "20 a day, for the mailbox is younger than 30 days",
    "mailbox_gap": "the time a mailbox waits between two messages",
}
UNFINISHED = {
    "campaign_over": "Its last day comes before everybody is through",
    "too_far_away": "It takes more than a year",
    "no_room": "Its hours and those of its mailboxes leave no room within a year",
}


def reason_text(reason: str, detail: dict[str, Any] | None = None) -> str:
    """A reason as a sentence, with the smallest limit or what is missing where it says so."""
    detail = detail or {}
    if reason.startswith("cap_"):
        name = reason.removeprefix("cap_")
        used = detail.get("limits", {}).get(name)
        figures = f" ({used[0]} of {used[1]})" if used else ""
        return f"The smallest limit is used up: {CAPS.get(name, name)}{figures}"
    if reason == "soft_bounces" and "failures" in detail:
        times = plural(detail["failures"], "time")
        return f"{REASONS[reason]} ({times} within {plural(detail['within_days'], 'day')})"
    if "send_time" in detail and reason == "best_hour":
        return f"{REASONS[reason]}: {detail['send_time']}"
    text = REASONS.get(reason) or reason.replace("_", " ").capitalize()
    if names := detail.get("variables"):
        return f"{text}: {', '.join(names)}"
    return f"{text} ({detail['level']})" if "level" in detail else text


def finish_lines(found: Mapping[str, Any]) -> list[str]:
    """When everybody would be through, the limit that decides it, and what that stands on."""
    if not found["people"]:
        return ["Nobody is on the way through it: put people in first."]
    about = f"{plural(found['people'], 'person', 'people')}, {plural(found['messages'], 'message')} at most"
    if found["finishes_on"]:
        said = [f"**Through on {_day(found['finishes_on'])}**: {about}."]
        if found["last_new_on"]:
            said.append(f"The last of them hears from you first on {_day(found['last_new_on'])}.")
    else:
        why = UNFINISHED.get(found["reason"]) or REASONS.get(found["reason"], found["reason"])
        left = plural(found["left"], "person is", "people are")
        said = [f"**No end in sight**: {about}.", f"{why}; {left} not through."]
    if found["limits"]:
        first = found["limits"][0]
        name = CAPS.get(first["name"], first["name"])
        said.append(f"The smallest limit is {name}: somebody waits for it on {plural(first['days'], 'day')}.")
    elif found["finishes_on"]:
        said.append("No limit holds anybody up: the steps decide.")
    if found["finishes_on"]:
        said.append("If nobody answers, and nothing else uses its mailboxes: with answers it is sooner.")
    return said


def figures(events: Mapping[str, int], hits: Mapping[str, int]) -> str:
    """What came of a sequence so far, the weightiest first. Opens are left out: they say nothing of people."""
    counts = {
        "sent": events.get("sent", 0),
        "answered": events.get("replied", 0),
        "clicked by people": hits["clicked"],
        "bounced or refused": events.get("bounced", 0) + events.get("refused", 0),
        "asked to be left alone": events.get("unsubscribed", 0),
        "complained": events.get("complained", 0),
    }
    said = [f"{count:,} {words}" for words, count in counts.items() if count]
    if hits["clicked_by_machines"]:
        said.append(f"programs followed links of {plural(hits['clicked_by_machines'], 'message')}")
    return " · ".join(said)


def _day(text: str) -> str:
    return f"{date.fromisoformat(text):%A, %-d %B %Y}"
