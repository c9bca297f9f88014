"""Mailboxes, their servers and their domains in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.campaign_words import CAPS, reason_text
from app.formatting import parse

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LIMITS = {
    **CAPS,
    "provider_per_day": "what the provider allows a day",
    "mailbox_per_day": "messages a day",
    "mailbox_per_hour": "messages an hour",
    "sending_domain_per_day": "the domain's messages a day",
    "ramp": "today's step of the ramp",
    "health": "half of its messages a day, while it is watched",
    "young_mailbox": "20 a day while it is younger than 30 days",
}
REASONS = {
    "mailbox_paused": "Paused",
    "mailbox_broken": "It does not work: look at its login, then let it go on",
    "mailbox_window": "Outside its hours",
    "mailbox_gap": "Waits between two messages",
}
SECURITY = {"tls": "TLS from the first byte", "starttls": "STARTTLS", "none": "None (own network only)"}
BRIEFLY = {"tls": "TLS", "starttls": "STARTTLS", "none": "no TLS"}
PHASES = {
    "connect": "when it was reached",
    "login": "to the login",
    "sender": "to the sender",
    "recipient": "to the recipient",
    "data": "to the message",
}
CHECKS = {
    "mx": ("MX", "Answers and bounces come back"),
    "spf": ("SPF", "Who may send for the domain"),
    "dkim": ("DKIM", "A signature that receivers can check"),
    "dkim_own": ("DKIM, our key", "The key that we sign with"),
    "dmarc": ("DMARC", "What receivers do with mail that fails"),
    "ptr": ("PTR", "The server's address has a name"),
    "tracking": ("Tracking host", "Links of letters lead to your own name"),
}
STATES = {
    "pass": (":material/check_circle:", "green", "In order"),
    "fail": (":material/error:", "red", "To be mended"),
    "unknown": (":material/help:", "orange", "Not known"),
}


BANDS = {
    "unknown": (":material/help:", "gray", "Cannot know yet"),
    "good": (":material/check_circle:", "green", "Good"),
    "watch": (":material/visibility:", "orange", "Watched"),
    "quarantine": (":material/pause_circle:", "red", "Quarantine"),
    "blocked": (":material/block:", "red", "Blocked"),
}
"""Icon, colour and word of each band of `domain.outreach.health`."""


@dataclass(frozen=True, slots=True)
class Provider:
    """Servers of a well-known provider, and what people need to know before they log in there."""

    name: str
    smtp: tuple[str, int, str]
    imap: tuple[str, int, str]
    note: str = ""
    transport: str = "smtp"


PROVIDERS = (
    Provider("Own server", ("", 587, "starttls"), ("", 993, "tls")),
    Provider(
        "Google Workspace", ("smtp.gmail.com", 465, "tls"), ("imap.gmail.com", 993, "tls"),
        "Google wants an app password: turn on 2-step verification, then make one under Security.",
    ),
    Provider(
        "Microsoft 365", ("smtp.office365.com", 587, "starttls"), ("outlook.office365.com", 993, "tls"),
        "Authenticated SMTP must be switched on for the mailbox in the Microsoft 365 admin centre.",
    ),
    Provider(
        "Resend", ("", 443, "tls"), ("", 993, "tls"),
        "Resend sends by its API: make a key with sending access, and verify the domain there. It receives nothing into this "
        "mailbox: let answers go to one that is read by IMAP.",
        transport="resend",
    ),
)  # fmt: skip


def state_of(mailbox: Mapping[str, Any]) -> tuple[str, str]:
    """(word, colour) of a mailbox's badge."""
    reason = mailbox["standing"]["reason"]
    if reason == "allowed":
        return "Sends", "green"
    if mailbox["is_stopped_for_health"]:
        return "Paused by the rule", "red"
    if reason == "mailbox_broken":
        return "Broken", "red"
    if reason in {"mailbox_paused", "organization_stopped", "agency_stopped", "installation_stopped"}:
        return "Stopped", "gray"
    return "Holds", "orange"


def why(mailbox: Mapping[str, Any], zone: ZoneInfo) -> str:
    """Why nothing leaves it now and until when; where something does, how much more may."""
    stands = mailbox["standing"]
    if stands["reason"] == "allowed":
        return f"Room for {stands['room']:,} more; the smallest limit is {limit_name(stands['smallest'])}"
    if stands["reason"].startswith("cap_"):
        smallest = stacked(stands["limits"])[0]
        text = f"Used up: {limit_name(smallest['name'])} ({smallest['used']} of {smallest['limit']})"
    else:
        text = REASONS.get(stands["reason"]) or reason_text(stands["reason"])
    if mailbox["status_reason"] and stands["reason"] in {"mailbox_paused", "mailbox_broken"}:
        text = f"{text} ({mailbox['status_reason']})"
    until = parse(stands["until"])
    return f"{text}. Goes on {moment(until, zone)}" if until else text


def reading_text(reading: Mapping[str, Any]) -> str:
    """`Bounces: 3 of 60 within 7 days (5.0 %). Watched from 3 %, paused from 5 %, blocked from 10 %`."""
    name, tried, found = reading["measure"].capitalize(), reading["tried"], reading["found"]
    said = f"{name}: {found:,} of {tried:,} within {reading['days']} days"
    if reading["band"] == "unknown":
        return f"{said}. Nobody can know before {reading['floor']} messages"
    lines = reading["lines"]
    return (
        f"{said} ({reading['rate']:.2%}). Watched from {lines['watch']:.2%}, paused from {lines['quarantine']:.2%}, "
        f"blocked from {lines['blocked']:.2%}"
    )


def limit_name(name: str) -> str:
    return LIMITS.get(name, name.replace("_", " "))


def stacked(limits: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Limits by the room they leave, least first: the first one wins."""
    return sorted(limits, key=lambda each: (each["limit"] - each["used"], each["limit"]))


def moment(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %-d %b, %H:%M}"


def hours_text(window: Mapping[str, Any]) -> str:
    """`mon–fri 09:00-17:00 (Europe/Berlin)`: days with the same blocks together."""
    runs: list[tuple[list[str], tuple[str, ...]]] = []
    for day in DAYS:
        blocks = tuple(window.get(day) or ())
        if runs and runs[-1][1] == blocks:
            runs[-1][0].append(day)
        else:
            runs.append(([day], blocks))
    said = [
        f"{days[0].title()}{f'–{days[-1].title()}' if len(days) > 1 else ''} {', '.join(blocks)}"
        for days, blocks in runs
        if blocks
    ]
    zone = f" ({window['time_zone']})" if window.get("time_zone") else ""
    return f"{'; '.join(said)}{zone}"


def plain_hours(window: Mapping[str, Any]) -> tuple[list[str], str, str] | None:
    """(days, from, to) of a window that is one block on each of its days; None for any other."""
    open_days = {day: tuple(window.get(day) or ()) for day in DAYS if window.get(day)}
    blocks = set(open_days.values())
    if len(blocks) != 1 or len(next(iter(blocks))) != 1:
        return None
    starts, _, ends = next(iter(blocks))[0].partition("-")
    return list(open_days), starts, ends


def answer_text(found: Mapping[str, Any]) -> str:
    """What came of a test, in one sentence before the server's own words."""
    if found["is_accepted"]:
        return "The server took the message"
    if found["code"] is None:
        return "The line broke: nobody can know whether it left"
    return f"The server refused, {PHASES.get(found['phase'], '')}".rstrip(", ")
