"""What became of messages, in words. Pure. The lines are those that Gmail and Yahoo draw for senders: complaints below
0.1 %, never 0.3 %; bounces are judged by what good senders stay under."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

PROVIDERS = {
    "google": "Gmail", "microsoft": "Outlook, Hotmail", "yahoo": "Yahoo, AOL", "apple": "iCloud",
    "other_free_mail": "Other free mail", "company_domains": "Company domains", "unknown": "People who are gone",
}  # fmt: skip
COUNTS = ("sent", "bounced", "complained", "unsubscribed", "replied")
FEWEST = 100
"""Messages below which a rate says nothing."""


def totals(rows: Iterable[Mapping[Any, Any]]) -> dict[str, int]:
    found = dict.fromkeys(COUNTS, 0)
    for row in rows:
        for name in COUNTS:
            found[name] += int(row[name])
    return found


def rate(counts: Mapping[str, int], name: str) -> float | None:
    """Of the messages that were tried; None where there was none. What bounced at once was never sent."""
    tried = counts["sent"] + counts["bounced"] if name == "bounced" else counts["sent"]
    return counts[name] / tried if tried else None


def verdict(counts: Mapping[str, int]) -> str:
    """What the rates come to, the worst first."""
    if counts["sent"] + counts["bounced"] < FEWEST:
        return "Too few to say"
    complaints, bounces = rate(counts, "complained") or 0.0, rate(counts, "bounced") or 0.0
    if complaints >= 0.003:
        return "Complaints: stop and look"
    if bounces >= 0.05:
        return "Bounces: clean the list"
    if complaints >= 0.001:
        return "Complaints near the line"
    return "Bounces a little high" if bounces >= 0.02 else "Good"
