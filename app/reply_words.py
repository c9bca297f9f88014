"""Replies in words: what they are, why they were taken for it, and how sure that is. Pure functions."""

from __future__ import annotations

from typing import Any

INTENTS = {
    "interested": "Interested",
    "meeting_request": "Wants to meet",
    "question": "Has a question",
    "price_objection": "Too expensive",
    "incumbent_objection": "Has somebody",
    "authority_objection": "Does not decide",
    "referral": "Wrong person",
    "not_now": "Not now",
    "not_interested": "Not interested",
    "unsubscribe": "Unsubscribe",
    "legal": "Legal or hostile",
    "unclear": "Unclear",
}
KINDS = {
    "out_of_office": "Out of office",
    "gone": "Has left",
    "auto_reply": "Automatic answer",
    "bounce": "Bounced",
    "delay": "Delayed",
    "complaint": "Marked as spam",
}
COLOURS: dict[str, Any] = {
    "interested": "green", "meeting_request": "green", "question": "blue", "referral": "blue", "not_now": "orange",
    "unsubscribe": "red", "legal": "red", "bounce": "red", "complaint": "red", "out_of_office": "violet",
}  # fmt: skip
MATCHES = {
    "in_reply_to": "answers our message",
    "references": "stands in our thread",
    "report": "reports on our message",
    "sender_and_subject": "same sender and subject",
    "sender": "same sender",
}


def of_reply(reply: dict[str, Any]) -> str:
    """`Interested`, `Out of office until 16 March`."""
    name = INTENTS.get(reply["intent"] or "", "") or KINDS.get(reply["kind"], reply["kind"])
    return f"{name} until {reply['again_on']}" if reply["again_on"] else str(name)


def why(reply: dict[str, Any]) -> str:
    """`Spring · answers our message · 92 % sure`."""
    parts = [reply["sequence"]["name"] if reply["sequence"] else "", MATCHES.get(reply["matched_by"], "")]
    if reply["is_corrected"]:
        parts.append("corrected by a person")
    elif reply["intent"]:
        parts.append("by rule" if reply["classified_by"] == "rule" else f"{reply['confidence']:.0%} sure")
    return " · ".join(part for part in parts if part)


def how_sure(reply: dict[str, Any]) -> str | None:
    """The three likeliest readings, and who read; None where a rule decided."""
    if not reply["likeliest"]:
        return None
    ranked = ", ".join(f"{INTENTS.get(intent, intent)} {share:.0%}" for intent, share in reply["likeliest"])
    return f"{ranked} · {reply['classified_by']} · match {reply['match_confidence']:.0%}"
